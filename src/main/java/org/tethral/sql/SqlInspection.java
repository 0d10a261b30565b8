package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a database is, how large it is, and which nodes share it.
public final class SqlInspection {

    /// @param bytes null: the engine does not say
    public record Found(int schema, @Nullable Long bytes, List<Node> nodes) {
        public Found {
            nodes = List.copyOf(nodes);
        }
    }

    /// @param beatAt when it last said that it lives
    public record Node(String name, Instant startedAt, Instant beatAt) {}

    private final Database database;

    public SqlInspection(Database database) {
        this.database = database;
    }

    /// As it is now, nodes by their names.
    public Found look() {
        return database.read(
                "look at the database",
                session -> new Found(Migrations.version(session), bytes(session), nodes(session)));
    }

    private static @Nullable Long bytes(Session session) throws SQLException {
        return switch (session.dialect()) {
            case SQLITE ->
                    session.sql(
                                    "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
                            .number();
            case POSTGRESQL -> session.sql("SELECT pg_database_size(current_database())").number();
            case COCKROACHDB -> null;
        };
    }

    private static List<Node> nodes(Session session) throws SQLException {
        return session.sql("SELECT node, started_at, beat_at FROM nodes ORDER BY node")
                .list(row ->
                        new Node(row.text("node"), row.time("started_at"), row.time("beat_at")));
    }
}
