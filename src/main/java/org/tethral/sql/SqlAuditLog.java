package org.tethral.sql;

import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.AuditEntry;
import org.tethral.account.AuditLog;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Page;

public final class SqlAuditLog implements AuditLog {

    private static final String LIST = "audit-logs";

    private final Database database;

    public SqlAuditLog(Database database) {
        this.database = database;
    }

    @Override
    public void add(List<AuditEntry> entries) {
        if (!entries.isEmpty()) {
            database.write(
                    "keep who did " + entries.getFirst().action(),
                    session -> insert(session, entries));
        }
    }

    static int insert(Session session, List<AuditEntry> entries) throws SQLException {
        var sql =
                session.sql(
                        """
                        INSERT INTO audit_logs (id, timestamp, actor, actor_kind, action, object_kind, object_id,
                                                community_id, before, after, remote_address)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """);
        for (var entry : entries) {
            sql.set(entry.id())
                    .set(entry.at())
                    .set(entry.actor().name())
                    .set(entry.actor().kind())
                    .set(entry.action())
                    .set(entry.objectKind())
                    .set(entry.objectId())
                    .set(entry.community())
                    .setJson(entry.before())
                    .setJson(entry.after())
                    .set(entry.remoteAddress())
                    .add();
        }
        return sql.batch().length;
    }

    @Override
    public Page<AuditEntry> list(Filter filter, Page.Request page) {
        var where = where(filter);
        var after = Cursor.decode(LIST, 2, page);
        if (after != null) {
            var at = Micros.toInstant(after.number(0));
            var id = after.parsed(1, UUID::fromString);
            where.and("(timestamp, id) < (?, ?)", sql -> sql.set(at).set(id));
        }
        var rows =
                database.read(
                        "list administrative acts",
                        session ->
                                where.in(session, statement())
                                        .set(page.limit() + 1)
                                        .list(SqlAuditLog::entry));
        return Cursor.page(
                LIST,
                rows,
                page,
                one -> Cursor.of(Long.toString(Micros.of(one.at())), one.id().toString()));
    }

    static String statement() {
        return """
        SELECT id, timestamp, actor, actor_kind, action, object_kind, object_id, community_id, before, after,
               remote_address
        FROM audit_logs {where}
        ORDER BY timestamp DESC, id DESC LIMIT ?
        """;
    }

    static Where where(Filter filter) {
        var where = new Where();
        var actor = filter.actor();
        if (actor != null) {
            where.equal("actor", actor.name()).equal("actor_kind", actor.kind());
        }
        where.equal("object_id", filter.objectId())
                .equal("object_kind", filter.objectKind())
                .equal("action", filter.action())
                .equal(
                        "community_id",
                        filter.community() == null ? null : filter.community().value());
        var from = filter.from();
        if (from != null) {
            where.and("timestamp >= ?", sql -> sql.set(from));
        }
        var to = filter.to();
        if (to != null) {
            where.and("timestamp < ?", sql -> sql.set(to));
        }
        return where;
    }

    private static AuditEntry entry(Row row) throws SQLException {
        return new AuditEntry(
                row.uuid("id"),
                row.time("timestamp"),
                new Actor(row.text("actor_kind"), row.text("actor")),
                row.text("action"),
                row.text("object_kind"),
                row.text("object_id"),
                row.maybeCommunity(),
                document(row, "before"),
                document(row, "after"),
                row.maybeText("remote_address"));
    }

    private static @Nullable Document document(Row row, String column) throws SQLException {
        return row.maybeText(column) == null ? null : row.document(column);
    }
}
