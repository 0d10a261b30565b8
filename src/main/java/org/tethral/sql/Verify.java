package org.tethral.sql;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.tethral.retention.Kept;

/// Checks what must always hold of the tables together. Each check sees a single moment, so a
/// server may be writing meanwhile.
public final class Verify {

    /// @param invariant what must hold, in words
    /// @param checked rows looked at
    /// @param broken rows that contradict it
    /// @param example one of them, in words; empty when none does
    public record Finding(String invariant, long checked, long broken, String example) {}

    private final Database database;
    private final LongConsumer progress;
    private final List<Finding> findings = new ArrayList<>();

    private Verify(Database database, LongConsumer progress) {
        this.database = database;
        this.progress = progress;
    }

    /// One finding per invariant, those that hold included.
    public static List<Finding> of(Database database) {
        return of(database, _ -> {});
    }

    /// @param progress is told how many were checked, after each
    public static List<Finding> of(Database database, LongConsumer progress) {
        var verify = new Verify(database, progress);
        verify.engine();
        verify.devices();
        verify.histories();
        verify.messages();
        verify.events();
        verify.commands();
        verify.alerts();
        verify.spaces();
        verify.fleet();
        verify.add(new VerifyRollups(database).check());
        return List.copyOf(verify.findings);
    }

    private void add(Finding finding) {
        findings.add(finding);
        progress.accept(findings.size());
    }

    /// @param count how many rows there are to look at
    /// @param broken selects those that contradict it, in words, as `example`
    private void check(String invariant, String count, String broken) {
        add(
                database.snapshot(
                        "verify that " + invariant,
                        session -> finding(session, invariant, count, broken)));
    }

    private static Finding finding(Session session, String invariant, String count, String broken)
            throws SQLException {
        var checked = session.sql(count).number();
        var against = session.sql("SELECT count(*) FROM (" + broken + ") AS broken").number();
        var example =
                against == 0
                        ? ""
                        : session.sql(broken + " LIMIT 1")
                                .find(row -> row.text("example"))
                                .orElse("");
        return new Finding(invariant, checked, against, example);
    }

    private void engine() {
        if (database.dialect() == Dialect.SQLITE) {
            check(
                    "the file is sound",
                    "SELECT page_count FROM pragma_page_count",
                    "SELECT quick_check AS example FROM pragma_quick_check WHERE quick_check <> 'ok'");
        }
    }

    private void devices() {
        check(
                "every device has exactly one state, and every state its device",
                "SELECT count(*) FROM devices",
                """
                SELECT coalesce(d.device_id, s.device_id) || CASE WHEN s.id IS NULL THEN ' has no state'
                                                                  ELSE ' has the state of another device' END AS example
                FROM devices d LEFT JOIN device_states s ON s.device_id = d.device_id
                WHERE s.id IS NULL OR s.id <> d.id
                UNION ALL
                SELECT s.device_id || ' has a state, but is no device' FROM device_states s
                WHERE NOT EXISTS (SELECT 1 FROM devices d WHERE d.device_id = s.device_id)
                """);
        check(
                "whether a device is online is told everywhere alike",
                "SELECT count(*) FROM devices",
                """
                SELECT device_id || ' is ' || status || CASE WHEN is_online %1$s THEN ', and is_online is true'
                                                             ELSE ', and is_online is false' END AS example
                FROM devices WHERE (status = 'online') <> (is_online %1$s)
                UNION ALL
                SELECT device_id || ' has a connection, and is ' || status FROM devices
                WHERE connection_id IS NOT NULL AND status <> 'online'
                """
                        .formatted(database.dialect().choose("= 1", "")));
        check(
                "every device that is online has a time at which its silence is noticed",
                "SELECT count(*) FROM devices WHERE status = 'online'",
                """
                SELECT device_id || ' is online without one' AS example FROM devices
                WHERE status = 'online' AND overdue_at IS NULL
                """);
        check(
                "every credential has its device",
                "SELECT count(*) FROM device_credentials",
                """
                SELECT 'a credential of ' || c.device_id AS example FROM device_credentials c
                WHERE NOT EXISTS (SELECT 1 FROM devices d WHERE d.device_id = c.device_id)
                """);
    }

    /// Summed up over all changes of a device, each state was entered as often as it was left, but
    /// for the first and the present one: changes that join up give this in whatever order they are
    /// read, so a clock that jumped does no harm. Of a device that is older than what is kept, the
    /// first state is any one.
    private void histories() {
        check(
                "the state changes of a device join up, from unknown to its present state",
                "SELECT count(*) FROM state_changes",
                """
                SELECT device_id || ': ' || state || ' was not entered as often as left' AS example FROM (
                    SELECT m.device_id, m.to_state AS state, 1 AS n %1$s
                    UNION ALL SELECT m.device_id, m.from_state, -1 %1$s
                    UNION ALL SELECT device_id, current_state, -1 FROM device_states
                    UNION ALL SELECT device_id, 'unknown', 1 FROM device_states
                ) AS moves
                WHERE device_id NOT IN (SELECT device_id FROM devices WHERE created_at < %2$s)
                GROUP BY device_id, state HAVING sum(n) <> 0
                UNION ALL
                SELECT device_id || ': its changes begin in more than one state' FROM (
                    SELECT device_id, state, sum(n) AS n FROM (
                        SELECT m.device_id, m.to_state AS state, 1 AS n %1$s
                        UNION ALL SELECT m.device_id, m.from_state, -1 %1$s
                        UNION ALL SELECT device_id, current_state, -1 FROM device_states
                    ) AS kept
                    WHERE device_id IN (SELECT device_id FROM devices WHERE created_at < %2$s)
                    GROUP BY device_id, state) AS states
                GROUP BY device_id HAVING sum(abs(n)) <> 1
                """
                        .formatted(
                                present("state_changes", "timestamp"),
                                removedBefore(Kept.STATE_CHANGES)));
        check(
                "the moves of a device's life cycle join up, and end where it is",
                "SELECT count(*) FROM device_lifecycle_log",
                """
                SELECT device_id || ' was ' || came_to || ', and then moved from ' || was AS example FROM (
                    SELECT m.device_id, m.from_lifecycle AS was,
                           lag(m.to_lifecycle) OVER (PARTITION BY m.device_id ORDER BY m.version) AS came_to
                    %1$s) AS moves
                WHERE came_to <> was
                UNION ALL
                SELECT device_id || ' moved to ' || to_lifecycle || ', and is ' || lifecycle FROM (
                    SELECT m.device_id, m.to_lifecycle, d.lifecycle,
                           row_number() OVER (PARTITION BY m.device_id ORDER BY m.version DESC) AS place
                    %1$s) AS moves
                WHERE place = 1 AND to_lifecycle <> lifecycle
                """
                        .formatted(present("device_lifecycle_log", "at")));
    }

    private String removedBefore(Kept kept) {
        return SqlRetention.removedBefore(database.dialect(), kept);
    }

    /// The rows of a history that are of the present device, not of one that had its id before.
    private static String present(String table, String at) {
        return """
        FROM %s m JOIN devices d ON d.device_id = m.device_id
        WHERE (m.%s >= d.created_at OR NOT EXISTS (SELECT 1 FROM events e
            WHERE e.device_id = m.device_id AND e.event_type = 'device.removed'))
        """
                .formatted(table, at);
    }

    private void messages() {
        add(database.snapshot("verify message ids", Verify::receipts));
        check(
                "no device has more snapshots than reports were counted",
                "SELECT count(*) FROM device_states",
                """
                SELECT s.device_id || ' has ' || s.reported_version || ' reports and ' || n.snapshots || ' snapshots' AS example
                FROM device_states s
                JOIN (SELECT h.device_id, count(*) AS snapshots FROM device_state_snapshots h
                      JOIN devices d ON d.device_id = h.device_id AND h.timestamp >= d.created_at
                      GROUP BY h.device_id) n ON n.device_id = s.device_id
                WHERE n.snapshots > s.reported_version AND NOT EXISTS (SELECT 1 FROM events e
                    WHERE e.device_id = s.device_id AND e.event_type = 'device.removed')
                """);
    }

    private record Pairs(long right, long doubled) {}

    /// Counted from the snapshots' side, as a receipt is found by its key, and a snapshot by its
    /// number is not.
    private static Finding receipts(Session session) throws SQLException {
        var joined =
                """
                FROM device_state_snapshots s
                JOIN message_receipts r ON r.device_id = s.device_id AND r.message_id = s.message_id
                """;
        var pairs =
                session.sql(
                                """
                                SELECT count(CASE WHEN r.sequence = s.sequence THEN 1 END) AS matching,
                                       count(CASE WHEN r.sequence <> s.sequence THEN 1 END) AS doubled
                                """
                                        + joined)
                        .find(row -> new Pairs(row.number("matching"), row.number("doubled")))
                        .orElseThrow();
        var receipts = session.sql("SELECT count(*) FROM message_receipts").number();
        var lost = receipts - pairs.right();
        var example = lost == 0 ? "" : lost + " of the messages have lost their snapshot";
        if (pairs.doubled() > 0) {
            example =
                    session.sql(
                                    "SELECT s.device_id || ': message ' || s.message_id || ' has a snapshot too many' AS example "
                                            + joined
                                            + " WHERE r.sequence <> s.sequence LIMIT 1")
                            .find(row -> row.text("example"))
                            .orElse("");
        }
        return new Finding(
                "every message id that was used leads to its one snapshot",
                receipts,
                lost + pairs.doubled(),
                example);
    }

    private void commands() {
        check(
                "every command is counted as its devices stand",
                "SELECT count(*) FROM command_logs",
                """
                SELECT 'command ' || CAST(l.command_id AS TEXT) || ' is not' AS example
                FROM command_logs l LEFT JOIN (
                    SELECT command_id,
                        count(CASE WHEN status = 'pending' THEN 1 END) AS pending,
                        count(CASE WHEN status = 'sent' THEN 1 END) AS sent,
                        count(CASE WHEN status = 'delivered' THEN 1 END) AS delivered,
                        count(CASE WHEN status = 'ack_success' THEN 1 END) AS success,
                        count(CASE WHEN status = 'ack_error' THEN 1 END) AS error,
                        count(CASE WHEN status = 'timeout' THEN 1 END) AS timeout,
                        count(CASE WHEN status = 'expired' THEN 1 END) AS expired,
                        count(CASE WHEN status = 'cancelled' THEN 1 END) AS cancelled
                    FROM command_dispatches GROUP BY command_id) d ON d.command_id = l.command_id
                WHERE (l.completed_at IS NULL OR l.completed_at >= %s) AND (d.command_id IS NULL OR l.pending_count <> d.pending OR l.sent_count <> d.sent
                    OR l.delivered_count <> d.delivered OR l.success_count <> d.success OR l.error_count <> d.error
                    OR l.timeout_count <> d.timeout OR l.expired_count <> d.expired
                    OR l.cancelled_count <> d.cancelled)
                """
                        .formatted(removedBefore(Kept.COMMANDS)));
        check(
                "a command says when it was complete, and no other does",
                "SELECT count(*) FROM command_logs",
                """
                SELECT 'command ' || CAST(command_id AS TEXT) || ' is ' || status AS example FROM command_logs
                WHERE (completed_at IS NULL) <> (pending_count + sent_count + delivered_count > 0)
                """);
        check(
                "what was sent to a device was issued",
                "SELECT count(*) FROM command_dispatches",
                """
                SELECT 'a command to ' || d.device_id || ' was not' AS example FROM command_dispatches d
                WHERE (d.status <> 'pending' OR d.attempts > 0)
                    AND NOT EXISTS (SELECT 1 FROM command_logs l WHERE l.command_id = d.command_id)
                """);
        check(
                "the end of a command at a device is told once",
                "SELECT count(*) FROM command_dispatches WHERE ended_at IS NOT NULL",
                """
                SELECT e.device_id || ' told it more often' AS example
                FROM events e JOIN command_dispatches d
                    ON CAST(d.command_id AS TEXT) = e.data ->> %s AND d.device_id = e.device_id
                WHERE e.event_type IN ('command.completed', 'command.failed', 'command.cancelled')
                GROUP BY e.device_id, d.command_id HAVING count(*) > 1
                """
                        .formatted(database.dialect().choose("'$.command_id'", "'command_id'")));
    }

    private void spaces() {
        check(
                "spaces have the DevEUIs of their devices",
                "SELECT count(*) FROM spaces",
                """
                SELECT 'space ' || s.code || ' has another one' AS example FROM spaces s
                LEFT JOIN sensor_devices r ON r.device_id = s.sensor_device_id
                LEFT JOIN display_devices d ON d.device_id = s.display_device_id
                WHERE s.sensor_deveui IS DISTINCT FROM r.dev_eui OR s.display_deveui IS DISTINCT FROM d.dev_eui
                """);
        check(
                "no two reservations of a space overlap",
                "SELECT count(*) FROM reservations",
                """
                SELECT a.id || ' and ' || b.id AS example FROM reservations a
                JOIN reservations b ON b.space_id = a.space_id AND b.starts_at < a.ends_at AND b.ends_at > a.starts_at
                    AND b.id > a.id AND b.status IN ('pending', 'confirmed', 'active')
                WHERE a.status IN ('pending', 'confirmed', 'active')
                """);
    }

    private void alerts() {
        check(
                "every open alert is watched by a rule, of a device in service",
                "SELECT count(*) FROM alert_history",
                """
                SELECT 'an alert of ' || a.node_id || ' is not: ' || a.message AS example FROM alert_history a
                WHERE a.resolved_at IS NULL AND NOT EXISTS (
                    SELECT 1 FROM alert_watches w
                    JOIN devices d ON d.device_id = w.device_id AND d.lifecycle <> 'decommissioned'
                    WHERE w.rule_id = a.rule_id AND w.device_id = a.node_id AND w.phase = 'raised')
                """);
        check(
                "what a rule raised has an open alert",
                "SELECT count(*) FROM alert_watches",
                """
                SELECT 'there is none of ' || w.device_id AS example FROM alert_watches w
                WHERE w.phase = 'raised' AND NOT EXISTS (
                    SELECT 1 FROM alert_history a
                    WHERE a.rule_id = w.rule_id AND a.node_id = w.device_id AND a.resolved_at IS NULL)
                """);
    }

    private void fleet() {
        if (database.dialect() != Dialect.COCKROACHDB) { // nothing of this is kept there
            check(
                    "every device can be searched for",
                    "SELECT count(*) FROM devices",
                    """
                    SELECT d.device_id || ' cannot' AS example FROM devices d
                    LEFT JOIN device_texts t ON t.device_id = d.device_id
                    WHERE t.device_id IS NULL OR t.text <> d.device_id || %s || d.name
                    UNION ALL
                    SELECT t.device_id || ' is no device' FROM device_texts t
                    WHERE NOT EXISTS (SELECT 1 FROM devices d WHERE d.device_id = t.device_id)
                    """
                            .formatted(database.dialect().choose("char(10)", "chr(10)")));
            check(
                    "the counts that dashboards show agree with what is there",
                    "SELECT count(*) FROM fleet_counts",
                    "SELECT 'those of community ' || CAST(community_id AS TEXT) || ' do not' AS example FROM ("
                            + FleetRows.corrections(database.dialect())
                            + ") AS wrong");
        }
    }

    private void events() {
        check(
                "every event has a number and an id of its own",
                "SELECT count(*) FROM events",
                """
                SELECT 'the id ' || event_id || ' is there twice' AS example FROM events
                GROUP BY event_id HAVING count(*) > 1
                """);
        if (database.dialect() != Dialect.SQLITE) {
            check(
                    "the next event's number is above all that are given",
                    "SELECT count(*) FROM events",
                    """
                    SELECT 'event ' || max(sequence) || ' is above the last number' AS example FROM events
                    HAVING max(sequence) > (SELECT last_value FROM event_sequence)
                    """);
        }
    }
}
