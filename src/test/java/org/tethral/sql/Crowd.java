package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.tethral.account.CommunityId;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// So many rows that an engine would rather go through all of them, if it had to fetch many, with
/// fresh statistics: devices of two communities, one in a hundred alerts open.
record Crowd(Database database, Size size) {

    /// @param logs rows of each log
    record Size(int devices, int logs, int alerts, int snapshots) {
        /// Enough to make planners choose.
        static final Size SMALL = new Size(10_000, 20_000, 20_000, 20_000);

        /// A large fleet.
        static final Size FULL = new Size(100_000, 200_000, 1_000_000, 10_000_000);

        private long stepMillis() {
            return Math.min(1_000, 1_000_000_000L / snapshots);
        }
    }

    static final Instant NOW = TestDatabase.NOW;
    static final UUID CUSTOMER = new UUID(3, 7);
    static final UUID DISTRIBUTOR = new UUID(4, 7);
    static final CommunityId SMALL = new CommunityId(new UUID(1, 1));
    private static final long BUCKET_ROWS = 200_000;
    private static final int PART_ROWS = 10_000;

    /// Devices are described at length.
    private static final String ABOUT = "Beside the pump house, behind the second door. ".repeat(8);

    static String id(int number) {
        return "crowd-" + number;
    }

    void fill() {
        if (new Fleet(database).count("devices") >= size.devices()) {
            return;
        }
        database.write(
                "fill",
                session -> {
                    relations(session);
                    inParts(session, size.devices(), this::devices);
                    inParts(session, size.logs(), this::logs);
                    inParts(session, size.alerts(), this::alerts);
                    inParts(session, size.logs() / 4, this::commands);
                    snapshots(session);
                    return 0;
                });
        if (database.dialect() != Dialect.SQLITE) {
            database.write(
                    "analyze",
                    session ->
                            session.sql(
                                            "ANALYZE devices, device_states, device_terms, device_texts, state_changes,"
                                                    + " device_connection_logs, events, alert_history, audit_logs,"
                                                    + " command_logs, command_dispatches, device_state_snapshots,"
                                                    + " reading_rollups, event_subscriptions, event_deliveries,"
                                                    + " message_counts")
                                    .update());
        }
    }

    private static void relations(Session session) throws SQLException {
        session.sql("INSERT INTO communities (id, name, created_at) VALUES (?, 'small', ?)")
                .set(SMALL)
                .set(NOW)
                .update();
        session.sql("INSERT INTO customers (id, name, created_at) VALUES (?, 'c', ?)")
                .set(CUSTOMER)
                .set(NOW)
                .update();
        session.sql("INSERT INTO distributors (id, name, created_at) VALUES (?, 'd', ?)")
                .set(DISTRIBUTOR)
                .set(NOW)
                .update();
    }

    private void devices(Session session, int from, int to) throws SQLException {
        var random = new SplittableRandom(5L + from);
        var insert =
                session.sql(
                        """
                        INSERT INTO devices (id, device_id, name, device_type, community_id, customer_id, distributor_id,
                            capabilities, metadata, status, is_online, last_seen_at, overdue_at, created_at, updated_at)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """);
        var states =
                session.sql(
                        """
                        INSERT INTO device_states (id, device_id, current_state, state_since, last_updated, created_at)
                        VALUES (?, ?, ?, ?, ?, ?)
                        """);
        for (int i = from; i < to; i++) {
            var id = new UUID(random.nextLong(), i);
            var online = i % 3 != 0;
            insert.set(id)
                    .set(id(i))
                    .set("Meter number " + random.nextInt(1_000_000))
                    .set(i % 50 == 0 ? "pump" : "meter")
                    .set(i % 20 == 0 ? SMALL : CommunityId.DEFAULT)
                    .set(i % 500 == 0 ? CUSTOMER : null)
                    .set(i % 500 == 1 ? DISTRIBUTOR : null)
                    .setTexts(i % 100 == 0 ? List.of("flow", "heat") : List.of("flow"))
                    .set(
                            i % 100 == 0
                                    ? Document.of("site", Value.of("north " + i))
                                            .with("rare", Value.of(1))
                                    : Document.of("site", Value.of("south"))
                                            .with("about", Value.of(ABOUT)))
                    .set(online ? "online" : "offline")
                    .set(online)
                    .set(NOW)
                    .set(online ? NOW.plusSeconds(i % 900 - 5) : null)
                    .set(NOW)
                    .set(NOW)
                    .add();
            states.set(id)
                    .set(id(i))
                    .set(i % 200 == 0 ? "error" : "idle")
                    .set(NOW)
                    .set(NOW)
                    .set(NOW)
                    .add();
        }
        insert.batch();
        states.batch();
    }

    private void logs(Session session, int from, int to) throws SQLException {
        var changes =
                session.sql(
                        """
                        INSERT INTO state_changes (id, device_id, from_state, to_state, timestamp, actor)
                        VALUES (?, ?, 'a', 'b', ?, 'system:test')
                        """);
        var links =
                session.sql(
                        """
                        INSERT INTO device_connection_logs (id, device_id, event, protocol, node, timestamp, community_id)
                        VALUES (?, ?, 'connected', 'mqtt', 'n', ?, ?)
                        """);
        var events =
                session.sql(
                        """
                        INSERT INTO events (sequence, event_id, event_type, source, device_id, community_id, timestamp,
                            priority)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                        """);
        var audit =
                session.sql(
                        """
                        INSERT INTO audit_logs (id, timestamp, actor, actor_kind, action, object_kind, object_id,
                            community_id)
                        VALUES (?, ?, ?, 'user', ?, 'device', ?, ?)
                        """);
        for (int i = from; i < to; i++) {
            var at = NOW.minusSeconds(size.logs() - i);
            var device = id(i % size.devices());
            changes.set(new UUID(1, i)).set(device).set(at).add();
            links.set(new UUID(2, i))
                    .set(device)
                    .set(at)
                    .set(i % 20 == 0 ? SMALL : CommunityId.DEFAULT)
                    .add();
            events.set((long) i + 1)
                    .set("crowd " + i)
                    .set(i % 100 == 0 ? "leak" : "state.changed")
                    .set(i % 200 == 0 ? "platform" : "device:" + i % 7)
                    .set(device)
                    .set(i % 100 == 0 ? SMALL : CommunityId.DEFAULT)
                    .set(at)
                    .set(i % 100 == 0 ? "critical" : "normal")
                    .add();
            audit.set(new UUID(3, i))
                    .set(at)
                    .set("user:" + i % 200)
                    .set(i % 100 == 0 ? "device.remove" : "device.update")
                    .set(device)
                    .set(CommunityId.DEFAULT)
                    .add();
        }
        changes.batch();
        links.batch();
        events.batch();
        audit.batch();
    }

    private void alerts(Session session, int from, int to) throws SQLException {
        var insert =
                session.sql(
                        """
                        INSERT INTO alert_history
                            (id, rule_id, node_id, community_id, severity, message, triggered_at, resolved_at,
                             resolved_by, resolution)
                        VALUES (?, ?, ?, ?, ?, 'm', ?, ?, 'user:a', 'r')
                        """);
        for (int i = from; i < to; i++) {
            var at = NOW.minusSeconds(size.alerts() - i);
            insert.set(new UUID(4, i))
                    .set(new UUID(7, i / 37))
                    .set(id(i % size.devices()))
                    .set(i % 7 == 0 ? SMALL : CommunityId.DEFAULT)
                    .set(i % 3 == 0 ? "critical" : "info")
                    .set(at)
                    .set(i % 100 == 0 ? null : at.plusSeconds(1))
                    .add();
        }
        insert.batch();
    }

    private void commands(Session session, int from, int to) throws SQLException {
        var logs =
                session.sql(
                        """
                        INSERT INTO command_logs (command_id, device_type, target, command_name, payload, priority,
                            target_device_count, issued_by, community_id, created_at, expires_at, completed_at,
                            timeout_ms, max_attempts, one_way, node, pending_count, sent_count, delivered_count,
                            success_count, error_count, timeout_count, expired_count, cancelled_count)
                        VALUES (?, ?, '{}', 'open', '{}', 'normal', 1, 'user:a', ?, ?, ?, ?, 1000, 1, ?, 'n',
                                ?, 0, 0, ?, 0, 0, 0, 0)
                        """
                                .replace(
                                        "'{}'",
                                        session.dialect().choose("'{}'", "CAST('{}' AS jsonb)")));
        var dispatches =
                session.sql(
                        """
                        INSERT INTO command_dispatches (command_id, device_id, status, attempts, rank, expires_at,
                            next_attempt_at, ended_at)
                        VALUES (?, ?, ?, 1, 1, ?, ?, ?)
                        """);
        for (int i = from; i < to; i++) {
            var open = i % 100 == 0;
            var at = NOW.minusSeconds(size.logs() - i);
            logs.set(new UUID(5, i))
                    .set(i % 40 == 0 ? "pump" : "meter")
                    .set(i % 20 == 0 ? SMALL : CommunityId.DEFAULT)
                    .set(at)
                    .set(NOW.plusSeconds(i))
                    .set(open ? null : at)
                    .set(false)
                    .set(open ? 1 : 0)
                    .set(open ? 0 : 1)
                    .add();
            dispatches
                    .set(new UUID(5, i))
                    .set(id(i % size.devices()))
                    .set(open ? "pending" : "ack_success")
                    .set(NOW.plusSeconds(i))
                    .set(open ? NOW.plusSeconds(i) : null)
                    .set(open ? null : at)
                    .add();
        }
        logs.batch();
        dispatches.batch();
    }

    private interface Part {
        void insert(Session session, int from, int to) throws SQLException;
    }

    /// What waits to be executed is in memory.
    private static void inParts(Session session, int rows, Part part) throws SQLException {
        for (int from = 0; from < rows; from += PART_ROWS) {
            part.insert(session, from, Math.min(rows, from + PART_ROWS));
        }
    }

    /// Of every twentieth device.
    private void snapshots(Session session) throws SQLException {
        for (long from = 0; from < size.snapshots(); from += BUCKET_ROWS) {
            snapshots(session, from, Math.min(size.snapshots(), from + BUCKET_ROWS));
        }
        if (session.dialect() == Dialect.SQLITE) {
            session.sql(
                            """
                            INSERT INTO snapshot_buckets
                            SELECT bucket, min(timestamp), max(timestamp) FROM device_state_snapshots GROUP BY bucket
                            """)
                    .update();
        }
    }

    /// In one statement, as engines make rows faster than we send them.
    private void snapshots(Session session, long from, long to) throws SQLException {
        var devices = size.devices() / 20L;
        var begin = NOW.minusMillis(size.snapshots() * size.stepMillis());
        if (session.dialect() == Dialect.SQLITE) {
            session.sql(
                            """
                            WITH RECURSIVE n (i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)
                            INSERT INTO device_state_snapshots (bucket, device_id, timestamp, sequence, state_data)
                            SELECT (i + 1) / ?, 'crowd-' || (i % ?), ? + i * ? * 1000, i + 1, '{"t":' || i || '}' FROM n
                            """)
                    .set(from)
                    .set(to)
                    .set(BUCKET_ROWS)
                    .set(devices)
                    .set(begin)
                    .set(size.stepMillis())
                    .update();
        } else {
            session.sql(
                            """
                            INSERT INTO device_state_snapshots (device_id, timestamp, sequence, state_data)
                            SELECT 'crowd-' || (i % CAST(? AS BIGINT)), CAST(? AS TIMESTAMPTZ) + i * CAST(? AS BIGINT) * INTERVAL '1 ms',
                                   i + 1, jsonb_build_object('t', i)
                            FROM generate_series(CAST(? AS BIGINT), CAST(? AS BIGINT) - 1) AS i
                            """)
                    .set(devices)
                    .set(begin)
                    .set(size.stepMillis())
                    .set(from)
                    .set(to)
                    .update();
        }
    }
}
