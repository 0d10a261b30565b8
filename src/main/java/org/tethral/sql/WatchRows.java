package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import org.tethral.alert.Watch;
import org.tethral.alert.WatchStore;

/// The rows of `alert_watches`.
final class WatchRows {

    static final String SELECT =
            """
            SELECT device_id, rule_id, rule_version, phase, since, due_at, value, seen_at, revision
            FROM alert_watches
            """;

    private WatchRows() {}

    static WatchStore.Kept kept(Row row) throws SQLException {
        return new WatchStore.Kept(
                row.uuid("rule_id"),
                row.number("rule_version"),
                row.device(),
                new Watch(phase(row), row.maybeTime("seen_at")),
                row.number("revision"));
    }

    private static Watch.Phase phase(Row row) throws SQLException {
        var word = row.text("phase");
        return switch (word) {
            case "quiet" -> new Watch.Phase.Quiet();
            case "pending" ->
                    new Watch.Phase.Pending(
                            row.time("since"), row.time("due_at"), row.maybeReal("value"));
            case "raised" -> new Watch.Phase.Raised(row.time("since"), row.maybeReal("value"));
            case "dismissed" -> new Watch.Phase.Dismissed();
            default -> throw new SQLException("no phase " + word);
        };
    }

    /// False: somebody else was faster.
    static boolean write(Session session, WatchStore.Turn turn) throws SQLException {
        var sql =
                turn.revision() == 0
                        ? session.sql(
                                """
                                INSERT INTO alert_watches
                                    (rule_version, phase, since, due_at, value, seen_at, revision, device_id, rule_id)
                                VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?)
                                ON CONFLICT (device_id, rule_id) DO NOTHING
                                """)
                        : session.sql(
                                """
                                UPDATE alert_watches
                                SET rule_version = ?, phase = ?, since = ?, due_at = ?, value = ?, seen_at = ?,
                                    revision = revision + 1
                                WHERE device_id = ? AND rule_id = ? AND revision = ?
                                """);
        sql.set(turn.rule().version());
        switch (turn.after().phase()) {
            case Watch.Phase.Quiet _ -> nothing(sql.set("quiet"));
            case Watch.Phase.Pending(var since, var due, var value) ->
                    sql.set("pending").set(since).set(due).setNumber(value);
            case Watch.Phase.Raised(var since, var value) ->
                    sql.set("raised").set(since).set((Instant) null).setNumber(value);
            case Watch.Phase.Dismissed _ -> nothing(sql.set("dismissed"));
        }
        sql.set(turn.after().seen()).set(turn.member().device().value()).set(turn.rule().id());
        return (turn.revision() == 0 ? sql : sql.set(turn.revision())).update() == 1;
    }

    private static void nothing(Sql sql) throws SQLException {
        sql.set((Instant) null).set((Instant) null).setNumber((Double) null);
    }
}
