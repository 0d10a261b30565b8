package org.tethral.sql;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A database for one test class, made when first asked for, and removed after it.
public abstract class TestDatabase implements AutoCloseable {

    /// What the database's clock says, for ever.
    public static final Instant NOW = Instant.parse("2026-07-14T12:00:00Z");

    private final String name;
    private @Nullable DatabaseUrl url;
    private @Nullable Database database;

    private TestDatabase(String name) {
        this.name = name;
    }

    abstract DatabaseUrl make();

    abstract void remove(DatabaseUrl url);

    public final DatabaseUrl url() {
        if (url == null) {
            url = make();
        }
        return url;
    }

    /// The URL as it is written on a command line.
    public final String commandLine() {
        return switch (url()) {
            case DatabaseUrl.Sqlite(var file) -> "sqlite:" + file;
            case DatabaseUrl.Postgres postgres ->
                    "postgresql://%s:%s@%s/%s"
                            .formatted(
                                    postgres.user(),
                                    postgres.password() == null ? "" : postgres.password().reveal(),
                                    postgres.hosts(),
                                    postgres.name());
        };
    }

    /// A plain connection, past the program. Of SQLite, only while nobody writes.
    public final Connection connect() throws SQLException {
        return switch (url()) {
            case DatabaseUrl.Sqlite(var file) -> DriverManager.getConnection("jdbc:sqlite:" + file);
            case DatabaseUrl.Postgres postgres ->
                    DriverManager.getConnection(
                            postgres.jdbc(),
                            postgres.user(),
                            postgres.password() == null ? "" : postgres.password().reveal());
        };
    }

    /// Open, with all its tables.
    public final Database database() {
        if (database == null) {
            database = Database.open(url(), InstantSource.fixed(NOW));
        }
        return database;
    }

    /// As after a restart of the program.
    public final Database reopened() {
        if (database != null) {
            database.close();
            database = null;
        }
        return database();
    }

    @Override
    public void close() {
        if (database != null) {
            database.close();
            database = null;
        }
        if (url != null) {
            remove(url);
            url = null;
        }
    }

    @Override
    public String toString() {
        return name;
    }

    public static TestDatabase sqlite() {
        return new TestDatabase("SQLite") {
            @Override
            DatabaseUrl make() {
                try {
                    return new DatabaseUrl.Sqlite(
                            Files.createTempDirectory("tethral-test").resolve("tethral.db"));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }

            @Override
            void remove(DatabaseUrl url) {
                if (url instanceof DatabaseUrl.Sqlite(var file)) {
                    delete(file.getParent());
                }
            }
        };
    }

    public static TestDatabase postgresql() {
        return new TestDatabase("PostgreSQL") {
            @Override
            DatabaseUrl make() {
                return TestDatabases.newPostgres();
            }

            @Override
            void remove(DatabaseUrl url) {
                TestDatabases.dropPostgres(url);
            }
        };
    }

    /// On a server that somebody else runs: a database of our own there.
    static TestDatabase cockroach(DatabaseUrl.Postgres server) {
        return new TestDatabase("CockroachDB") {
            @Override
            DatabaseUrl make() {
                var own = "tethral_test_" + UUID.randomUUID().toString().replace("-", "");
                TestDatabases.execute(server, "CREATE DATABASE " + own);
                return new DatabaseUrl.Postgres(
                        server.hosts(), own, server.user(), server.password(), server.parameters());
            }

            @Override
            void remove(DatabaseUrl url) {
                if (url instanceof DatabaseUrl.Postgres postgres) {
                    TestDatabases.execute(server, "DROP DATABASE " + postgres.name() + " CASCADE");
                }
            }
        };
    }

    private static void delete(Path directory) {
        try (var paths = Files.walk(directory)) {
            for (var path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
