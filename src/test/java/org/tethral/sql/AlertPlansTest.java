package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.tethral.account.CommunityId;
import org.tethral.alert.AlertStore;
import org.tethral.alert.Severity;
import org.tethral.device.DeviceId;

/// How the engines find alerts, timers that are due, and devices that behave oddly.
@EachEngine
class AlertPlansTest {

    private static final Instant NOW = TestDatabase.NOW;
    private static final int DEVICES = 4_000;
    private static final int ALERTS = 20_000;

    private final Database database;

    AlertPlansTest(TestDatabase test) {
        this.database = test.database();
    }

    @Test
    void findsEverythingByAnIndex() {
        var rule = fillUp();
        var community = CommunityId.DEFAULT;
        var device = new DeviceId("plan-alerts-7");
        for (var filter :
                List.of(
                        AlertStore.Filter.ALL,
                        AlertStore.Filter.OPEN,
                        AlertStore.Filter.of(device),
                        new AlertStore.Filter(true, null, null, null, null, community, null, null),
                        new AlertStore.Filter(
                                true, false, Severity.CRITICAL, null, null, community, null, null),
                        new AlertStore.Filter(null, null, null, rule, null, null, null, null),
                        new AlertStore.Filter(
                                null, null, null, null, null, null, NOW.minusSeconds(99), NOW))) {
            assertThat(
                            plan(session ->
                                    SqlAlertStore.where(filter)
                                            .in(session, explain() + SqlAlertStore.statement())
                                            .set(100)))
                    .as("%s", filter)
                    .contains("alert_history_")
                    .doesNotContain(
                            "SCAN alert_history\n",
                            "Seq Scan on alert_history",
                            "TEMP B-TREE",
                            "Sort");
        }
        assertThat(
                        plan(session ->
                                session.sql(explain() + SqlWatchStore.dueStatement())
                                        .set(NOW)
                                        .set(500)))
                .contains("alert_watches_due")
                .doesNotContain("Seq Scan", "TEMP B-TREE", "Sort");
    }

    @Test
    void findsOddDevicesByAnIndex() {
        fillUp();
        assertThat(
                        plan(session ->
                                session.sql(
                                                explain()
                                                        + SqlAnomalyStore.lingeringStatement(
                                                                database.dialect()))
                                        .set(NOW.plusSeconds(1))
                                        .set(NOW)
                                        .set(500)))
                .contains("device_states_transient")
                .doesNotContain("Seq Scan on device_states", "SCAN s\n", "TEMP B-TREE");
        assertThat(
                        plan(session ->
                                session.sql(explain() + SqlAnomalyStore.onlineStatement())
                                        .set("plan-alerts-2")
                                        .set(10)))
                .contains("devices_by_status")
                .doesNotContain("Seq Scan on device_states", "SCAN d\n", "TEMP B-TREE");
        assertThat(
                        plan(session ->
                                session.sql(
                                                explain()
                                                        + SqlAnomalyStore.movedStatement(
                                                                database.dialect()))
                                        .set(NOW.minusSeconds(600))
                                        .set(NOW)
                                        .set(List.of("plan-alerts-7", "plan-alerts-8"))))
                .contains("state_changes_by_device")
                .doesNotContain("Seq Scan on state_changes", "SCAN c\n");
    }

    private String plan(SqlWork<Sql> statement) {
        return new Plans(database).of(statement);
    }

    private String explain() {
        return new Plans(database).explain();
    }

    /// One in ten is open; one device in twenty is updating.
    private UUID fillUp() {
        var random = new SplittableRandom(7);
        var rule = new UUID(7, 7);
        if (new Fleet(database).count("alert_history") >= ALERTS) {
            return rule;
        }
        var devices = new Fleet(database).addAll("plan-alerts-", DEVICES);
        database.write(
                "fill up",
                session -> {
                    addRule(session, rule);
                    addAlerts(session, devices, random);
                    addWatches(session, devices, rule);
                    addChanges(session, devices, random);
                    return session.sql(
                                    """
                                    UPDATE device_states SET current_state = 'updating'
                                    WHERE device_id LIKE 'plan-alerts-%7'
                                    """)
                            .update();
                });
        database.write(
                "bring some online",
                session ->
                        session.sql(
                                        """
                                        UPDATE devices SET status = 'online', is_online = %s
                                        WHERE device_id LIKE 'plan-alerts-%%5'
                                        """
                                                .formatted(database.dialect().choose("1", "TRUE")))
                                .update());
        if (database.dialect() == Dialect.POSTGRESQL) {
            database.write(
                    "analyze",
                    session ->
                            session.sql(
                                            "ANALYZE alert_history, alert_watches, devices, device_states, state_changes")
                                    .update());
        }
        return rule;
    }

    private static void addRule(Session session, UUID rule) throws SQLException {
        session.sql(
                        """
                        INSERT INTO alert_rules (id, name, scope, scope_id, condition, for_seconds, severity, created_at)
                        VALUES (?, 'plans', 'device', 'nobody', 'silence', 60, 'info', ?)
                        """)
                .set(rule)
                .set(NOW)
                .update();
    }

    private static void addAlerts(Session session, List<DeviceId> devices, SplittableRandom random)
            throws SQLException {
        var insert =
                session.sql(
                        """
                        INSERT INTO alert_history
                            (id, rule_id, node_id, community_id, severity, message, triggered_at, resolved_at)
                        VALUES (?, ?, ?, ?, ?, 'm', ?, ?)
                        """);
        for (int i = 0; i < ALERTS; i++) {
            var at = NOW.minusSeconds(ALERTS - i);
            insert.set(new UUID(random.nextLong(), random.nextLong()))
                    .set(new UUID(7, i % 40))
                    .set(
                            devices.get(
                                    i % 10 == 0
                                            ? i / 10
                                            : i % 3 == 0 ? 7 : random.nextInt(DEVICES)))
                    .set(i % 2 == 0 ? CommunityId.DEFAULT.value() : new UUID(1, i % 30))
                    .set(i % 3 == 0 ? "critical" : "info")
                    .set(at)
                    .set(i % 10 == 0 ? null : at.plusSeconds(1))
                    .add();
        }
        insert.batch();
    }

    private static void addWatches(Session session, List<DeviceId> devices, UUID rule)
            throws SQLException {
        var insert =
                session.sql(
                        """
                        INSERT INTO alert_watches (device_id, rule_id, rule_version, phase, due_at, revision)
                        VALUES (?, ?, 1, ?, ?, 1)
                        """);
        for (int i = 0; i < DEVICES; i++) {
            var waits = i % 50 == 0;
            insert.set(devices.get(i))
                    .set(rule)
                    .set(waits ? "pending" : "quiet")
                    .set(waits ? NOW.plusSeconds(i) : (Instant) null)
                    .add();
        }
        insert.batch();
    }

    private static void addChanges(Session session, List<DeviceId> devices, SplittableRandom random)
            throws SQLException {
        var insert =
                session.sql(
                        """
                        INSERT INTO state_changes (id, device_id, from_state, to_state, timestamp, actor)
                        VALUES (?, ?, 'a', 'b', ?, 'system:test')
                        """);
        for (int i = 0; i < ALERTS; i++) {
            insert.set(new UUID(random.nextLong(), random.nextLong()))
                    .set(devices.get(i % DEVICES))
                    .set(NOW.minusSeconds(i))
                    .add();
        }
        insert.batch();
    }
}
