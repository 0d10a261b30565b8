package org.tethral.sql;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tethral.delivery.Deliveries;
import org.tethral.delivery.Delivery;
import org.tethral.delivery.DeliveryStore;
import org.tethral.delivery.Progress;
import org.tethral.delivery.SubscriptionId;
import org.tethral.kernel.Page;

/// A lease ends by the clock of the database server, which all nodes share. An SQLite file has one
/// process, so that leases there do not end.
public final class SqlDeliveryStore implements DeliveryStore {

    private static final String LIST = "deliveries";
    private static final String SELECT =
            """
            SELECT subscription_id, event_sequence, event_id, status, attempts, next_attempt_at, last_error, delivered_at,
                   updated_at
            FROM event_deliveries {where}
            """;

    private final Database database;

    public SqlDeliveryStore(Database database) {
        this.database = database;
    }

    // --- who works on what

    /// @param free nobody holds it, or it is held in our name by somebody who is gone
    private record Lease(Held held, boolean ours, boolean free) {}

    @Override
    public List<Held> claim(String node, Map<SubscriptionId, Long> held) {
        var leases = leases(node, held);
        if (leases.isEmpty()) {
            return List.of();
        }
        var leaseEnds = database.dialect() != Dialect.SQLITE;
        if (!leaseEnds && leases.stream().noneMatch(Lease::free)) {
            return leases.stream().filter(Lease::ours).map(Lease::held).toList();
        }
        return database.write("take subscriptions", session -> take(session, node, leases));
    }

    private List<Lease> leases(String node, Map<SubscriptionId, Long> held) {
        return database.read(
                "see who delivers what",
                session ->
                        session.sql(
                                        """
                                        SELECT subscription_id, revision, fence, worker,
                                               (lease_until IS NULL OR lease_until < %s) AS ended
                                        FROM event_subscriptions WHERE active ORDER BY subscription_id
                                        """
                                                .formatted(session.dialect().choose("0", "now()")))
                                .list(row -> lease(row, node, held)));
    }

    private Lease lease(Row row, String node, Map<SubscriptionId, Long> held) throws SQLException {
        var name = new SubscriptionId(row.text("subscription_id"));
        var fence = row.number("fence");
        var worker = row.maybeText("worker");
        var byUs = node.equals(worker);
        var ours = byUs && held.getOrDefault(name, -1L) == fence;
        var free = !ours && (byUs || worker == null || row.flag("ended"));
        return new Lease(new Held(name, row.number("revision"), fence), ours, free);
    }

    private static List<Held> take(Session session, String node, List<Lease> leases)
            throws SQLException {
        var until =
                session.dialect()
                        .choose(
                                "NULL",
                                "now() + INTERVAL '" + Deliveries.LEASE.toSeconds() + " seconds'");
        var taken = new ArrayList<Held>();
        for (var lease : leases) {
            if (!lease.ours() && !lease.free()) {
                continue;
            }
            var before = lease.held();
            var fence = lease.ours() ? before.fence() : before.fence() + 1;
            var updated =
                    session.sql(
                                    "UPDATE event_subscriptions SET worker = ?, fence = ?, lease_until = "
                                            + until
                                            + " WHERE subscription_id = ? AND fence = ? AND active")
                            .set(node)
                            .set(fence)
                            .set(before.subscription().value())
                            .set(before.fence())
                            .update();
            if (updated == 1) {
                taken.add(new Held(before.subscription(), before.revision(), fence));
            }
        }
        return taken;
    }

    @Override
    public void release(String node, Map<SubscriptionId, Long> held) {
        if (held.isEmpty()) {
            return;
        }
        database.write(
                "release subscriptions",
                session -> {
                    var update =
                            session.sql(
                                    """
                                    UPDATE event_subscriptions SET worker = NULL, lease_until = NULL
                                    WHERE subscription_id = ? AND worker = ? AND fence = ?
                                    """);
                    for (var one : held.keySet().stream().sorted().toList()) {
                        update.set(one.value()).set(node).set(held.getOrDefault(one, -1L)).add();
                    }
                    return update.batch().length;
                });
    }

    // --- how far each has come

    @Override
    public Optional<Start> start(SubscriptionId name) {
        return database.read(
                "begin with subscription " + name,
                session -> {
                    var waiting =
                            session.sql(
                                                    """
                                                    SELECT count(*) FROM (SELECT 1 FROM event_deliveries WHERE subscription_id = ?
                                                        AND status IN ('pending', 'retrying') LIMIT 1) AS any_row
                                                    """)
                                            .set(name.value())
                                            .number()
                                    > 0;
                    return new Where()
                            .equal("subscription_id", name.value())
                            .in(session, SubscriptionRows.SELECT)
                            .find(row ->
                                    new Start(
                                            SubscriptionRows.subscription(row),
                                            row.number("read_to"),
                                            SubscriptionRows.numbers(row, "unsettled"),
                                            waiting));
                });
    }

    @Override
    public List<Delivery> waiting(SubscriptionId name, long afterSequence, int limit) {
        return database.read(
                "read what waits for subscription " + name,
                session ->
                        new Where()
                                .equal("subscription_id", name.value())
                                .and("status IN ('pending', 'retrying')", _ -> {})
                                .and("event_sequence > ?", sql -> sql.set(afterSequence))
                                .in(session, SELECT + "ORDER BY event_sequence LIMIT ?")
                                .set(limit)
                                .list(SqlDeliveryStore::delivery));
    }

    @Override
    public Set<SubscriptionId> keep(List<Progress> progress) {
        // in one order on all nodes, so that none waits for another in a circle
        var ordered =
                progress.stream().sorted(Comparator.comparing(Progress::subscription)).toList();
        return database.write(
                "keep the progress of deliveries",
                session -> {
                    var lost = new HashSet<SubscriptionId>();
                    var rows = new ArrayList<Delivery>();
                    for (var one : ordered) {
                        if (keep(session, one)) {
                            rows.addAll(one.rows());
                        } else {
                            lost.add(one.subscription());
                        }
                    }
                    keepRows(session, rows);
                    return lost;
                });
    }

    private static boolean keep(Session session, Progress progress) throws SQLException {
        var cursor =
                progress.unsettled().isEmpty()
                        ? progress.readTo()
                        : progress.unsettled().getFirst() - 1;
        return session.sql(
                                """
                                UPDATE event_subscriptions
                                SET cursor = ?, read_to = ?, unsettled = ?, delivered = delivered + ?,
                                    failed_attempts = failed_attempts + ?, expired = expired + ?, dead = dead + ?,
                                    last_delivered_at = coalesce(?, last_delivered_at), last_error = coalesce(?, last_error),
                                    failing_since = ?
                                WHERE subscription_id = ? AND fence = ?
                                """)
                        .set(cursor)
                        .set(progress.readTo())
                        .set(SubscriptionRows.array(progress.unsettled()))
                        .set(progress.since().delivered())
                        .set(progress.since().failed())
                        .set(progress.since().expired())
                        .set(progress.since().dead())
                        .set(progress.lastDeliveredAt())
                        .set(progress.lastError())
                        .set(progress.failingSince())
                        .set(progress.subscription().value())
                        .set(progress.fence())
                        .update()
                == 1;
    }

    private static void keepRows(Session session, List<Delivery> rows) throws SQLException {
        if (rows.isEmpty()) {
            return;
        }
        var upsert =
                session.sql(
                        """
                        INSERT INTO event_deliveries
                            (subscription_id, event_sequence, event_id, status, attempts, next_attempt_at, last_error,
                             delivered_at, updated_at)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                        ON CONFLICT (subscription_id, event_sequence) DO UPDATE
                        SET status = excluded.status, attempts = excluded.attempts,
                            next_attempt_at = excluded.next_attempt_at, last_error = excluded.last_error,
                            delivered_at = excluded.delivered_at, updated_at = excluded.updated_at
                        """);
        for (var row : rows) {
            upsert.set(row.subscription().value())
                    .set(row.sequence())
                    .set(row.eventId())
                    .set(row.status().word())
                    .set(row.attempts())
                    .set(row.nextAttemptAt())
                    .set(row.lastError())
                    .set(row.deliveredAt())
                    .set(row.updatedAt())
                    .add();
        }
        upsert.batch();
    }

    // --- what people see, and do

    @Override
    public Page<Delivery> list(
            SubscriptionId name, Delivery.@Nullable Status status, Page.Request request) {
        var where =
                new Where()
                        .equal("subscription_id", name.value())
                        .equal("status", status == null ? null : status.word());
        var after = Cursor.decode(LIST, 1, request);
        if (after != null) {
            var sequence = after.number(0);
            where.and("event_sequence < ?", sql -> sql.set(sequence));
        }
        var rows =
                database.read(
                        "list deliveries",
                        session ->
                                where.in(session, SELECT + "ORDER BY event_sequence DESC LIMIT ?")
                                        .set(request.limit() + 1)
                                        .list(SqlDeliveryStore::delivery));
        return Cursor.page(LIST, rows, request, row -> Cursor.of(Long.toString(row.sequence())));
    }

    @Override
    public Map<Delivery.Status, Long> count(SubscriptionId name) {
        var counts = new EnumMap<Delivery.Status, Long>(Delivery.Status.class);
        database.read(
                "count deliveries",
                session -> {
                    counts.clear();
                    session.sql(
                                    """
                                    SELECT status, count(*) AS count FROM event_deliveries WHERE subscription_id = ?
                                    GROUP BY status
                                    """)
                            .set(name.value())
                            .each(row ->
                                    counts.put(
                                            Delivery.Status.parse(row.text("status")),
                                            row.number("count")));
                    return true;
                });
        for (var status : Delivery.Status.values()) {
            counts.putIfAbsent(status, 0L);
        }
        return counts;
    }

    @Override
    public int redrive(SubscriptionId name, List<Long> sequences) {
        return database.write(
                "send dead letters of " + name + " again",
                session -> {
                    var where =
                            new Where()
                                    .equal("subscription_id", name.value())
                                    .and(
                                            sequences.isEmpty()
                                                    ? "status = 'dead'"
                                                    : "status IN ('dead', 'expired', 'delivered')",
                                            _ -> {});
                    if (!sequences.isEmpty()) {
                        where.and(
                                session.dialect()
                                        .choose(
                                                "event_sequence IN (SELECT CAST(value AS INTEGER) FROM json_each(?))",
                                                "event_sequence = ANY (CAST(? AS bigint[]))"),
                                sql -> sql.set(sequences.stream().map(String::valueOf).toList()));
                    }
                    var count =
                            where.in(
                                            session,
                                            """
                                            UPDATE event_deliveries
                                            SET status = 'pending', attempts = 0, next_attempt_at = NULL,
                                                delivered_at = NULL {where}
                                            """)
                                    .update();
                    session.sql(
                                    "UPDATE event_subscriptions SET revision = revision + 1 WHERE subscription_id = ?")
                            .set(name.value())
                            .update();
                    return count;
                });
    }

    private static Delivery delivery(Row row) throws SQLException {
        return new Delivery(
                new SubscriptionId(row.text("subscription_id")),
                row.number("event_sequence"),
                row.text("event_id"),
                Delivery.Status.parse(row.text("status")),
                (int) row.number("attempts"),
                row.maybeTime("next_attempt_at"),
                row.maybeText("last_error"),
                row.maybeTime("delivered_at"),
                row.time("updated_at"));
    }
}
