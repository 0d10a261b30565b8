package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.sql.RetentionRig.daysAgo;
import static org.tethral.sql.RetentionRig.policy;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tethral.retention.Kept;
import org.tethral.retention.Policy;

/// What is written down as it happens, and how long it is kept.
@EachEngine
class RetentionOfLogsTest {

    private static final Instant NOW = TestDatabase.NOW;
    private static int names;

    private final Database database;
    private final RetentionRig rig;
    private final String name = "keeps-" + names++;

    RetentionOfLogsTest(TestDatabase test) {
        this.database = test.database();
        this.rig = new RetentionRig(database);
    }

    @BeforeEach
    void register() {
        rig.register(name);
    }

    private long event(Instant at, String type) {
        var id = UUID.randomUUID().toString();
        database.write(
                "add an event",
                session ->
                        session.sql(
                                        """
                                        INSERT INTO events (sequence, event_id, event_type, source, device_id, timestamp)
                                        VALUES (?, ?, ?, 'test', ?, ?)
                                        """)
                                .set(database.reserveEvents(session, 1)[0])
                                .set(id)
                                .set(type)
                                .set(name)
                                .set(at)
                                .update());
        return new SqlEventLog(database).find(id).orElseThrow().sequence();
    }

    @Test
    void keepsEventsThatASubscriptionIsStillToDeliverForAWhile() {
        var first = event(daysAgo(100), "a");
        var removal = event(daysAgo(100), "device.removed");
        var waiting = event(daysAgo(60), "a");
        var passed = event(daysAgo(31), "a");
        var young = event(daysAgo(30), "a");
        rig.execute(
                """
                INSERT INTO event_subscriptions (id, subscription_id, subscriber_id, sink, terms, created_at, cursor, read_to)
                VALUES (?, ?, 'test', '{}', '{}', ?, ?, ?)
                """,
                sql -> sql.set(UUID.randomUUID()).set(name).set(NOW).set(waiting).set(waiting));
        delivery(first, "dead");
        delivery(waiting, "retrying");

        rig.run(Policy.standard(), Kept.EVENTS);
        assertThat(events()).containsExactly(removal, waiting, passed, young);
        assertThat(rig.count("event_deliveries", "subscription_id = '" + name + "'")).isEqualTo(1);

        rig.execute(
                "UPDATE event_deliveries SET status = 'delivered' WHERE subscription_id = ?",
                sql -> sql.set(name));
        rig.run(Policy.standard(), Kept.EVENTS);
        assertThat(events()).containsExactly(removal, passed, young);

        rig.execute(
                "DELETE FROM event_subscriptions WHERE subscription_id = ?", sql -> sql.set(name));
        rig.run(Policy.standard(), Kept.EVENTS);
        assertThat(events()).containsExactly(removal, young);
    }

    private void delivery(long event, String status) {
        rig.execute(
                """
                INSERT INTO event_deliveries (subscription_id, event_sequence, event_id, status, updated_at)
                VALUES (?, ?, 'x', ?, ?)
                """,
                sql -> sql.set(name).set(event).set(status).set(NOW));
    }

    private List<Long> events() {
        return database.read(
                "list events",
                session ->
                        session.sql(
                                        "SELECT sequence FROM events WHERE device_id = ? AND source = 'test' ORDER BY sequence")
                                .set(name)
                                .list(row -> row.number("sequence")));
    }

    /// Else the next one would have its number, and whoever reads on from it would miss it.
    @Test
    void keepsTheNewestEventHoweverOldItIs() {
        var newest = event(daysAgo(300), "a");
        rig.run(policy(Kept.EVENTS, 1), Kept.EVENTS);
        assertThat(events()).containsExactly(newest);
    }

    @Test
    void keepsConnectionsAlertsAndMessageIdsForTheirTime() {
        for (var days : new int[] {89, 90, 91}) {
            rig.execute(
                    """
                    INSERT INTO device_connection_logs (id, device_id, event, protocol, node, timestamp)
                    VALUES (?, ?, 'connected', 'mqtt', 'n', ?)
                    """,
                    sql -> sql.set(UUID.randomUUID()).set(name).set(daysAgo(days)));
            rig.execute(
                    "INSERT INTO message_receipts (device_id, message_id, sequence, received_at) VALUES (?, ?, 1, ?)",
                    sql -> sql.set(name).set("m" + days).set(daysAgo(days)));
        }
        assertThat(rig.run(Policy.standard(), Kept.CONNECTIONS)).isEqualTo(1);
        assertThat(rig.run(Policy.standard(), Kept.MESSAGE_IDS)).isEqualTo(1);
        rig.execute("DELETE FROM message_receipts WHERE device_id = ?", sql -> sql.set(name));

        alert(daysAgo(900), daysAgo(800));
        alert(daysAgo(900), daysAgo(700));
        assertThat(rig.run(Policy.standard(), Kept.ALERTS)).isEqualTo(1);
        assertThat(rig.count("alert_history", "node_id = '" + name + "'")).isEqualTo(1);
    }

    private void alert(Instant from, Instant to) {
        rig.execute(
                """
                INSERT INTO alert_history (id, rule_id, node_id, severity, message, triggered_at, resolved_at)
                VALUES (?, ?, ?, 'info', 'x', ?, ?)
                """,
                sql ->
                        sql.set(UUID.randomUUID())
                                .set(UUID.randomUUID())
                                .set(name)
                                .set(from)
                                .set(to));
    }

    @Test
    void keepsActuationsAndReservationsForTheirTime() {
        var space = UUID.randomUUID();
        for (var days : new int[] {729, 730, 731}) {
            actuation(space, daysAgo(days), null);
            reservation(space, daysAgo(days + 1), daysAgo(days), null);
        }
        actuation(space, daysAgo(800), NOW); // something is still waited for
        reservation(space, daysAgo(801), daysAgo(800), NOW);
        assertThat(rig.run(Policy.standard(), Kept.ACTUATIONS)).isEqualTo(1);
        assertThat(rig.run(Policy.standard(), Kept.RESERVATIONS)).isEqualTo(1);
        assertThat(rig.count("actuations", "space_id = '" + space + "'")).isEqualTo(3);
        assertThat(rig.count("reservations", "space_id = '" + space + "'")).isEqualTo(3);
    }

    private void actuation(UUID space, Instant at, @Nullable Instant nextAt) {
        rig.execute(
                """
                INSERT INTO actuations (id, space_id, trigger_type, trigger_source, previous_state, new_state, status,
                    created_at, expires_at, next_attempt_at)
                VALUES (?, ?, 'sensor_uplink', 'device:x', 'free', 'occupied', 'none', ?, ?, ?)
                """,
                sql -> sql.set(UUID.randomUUID()).set(space).set(at).set(at).set(nextAt));
    }

    private void reservation(
            UUID space, Instant startsAt, Instant endsAt, @Nullable Instant dueAt) {
        rig.execute(
                """
                INSERT INTO reservations (id, space_id, starts_at, ends_at, holder, status, due_at, created_by,
                    created_at, updated_at)
                VALUES (?, ?, ?, ?, 'Ann', 'completed', ?, 'user:x', ?, ?)
                """,
                sql ->
                        sql.set(UUID.randomUUID())
                                .set(space)
                                .set(startsAt)
                                .set(endsAt)
                                .set(dueAt)
                                .set(startsAt)
                                .set(endsAt));
    }
}
