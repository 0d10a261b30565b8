package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.tethral.retention.Ages;
import org.tethral.retention.RetentionStore.Sweep;

/// Goes along the events by time, until one is young enough. Kept are those that a subscription has
/// still to deliver, for as long as the policy lets them wait; the newest of all, after which the
/// next number follows; and those that tell of a device's removal, by which its history is told
/// apart from that of a later device of its name. Then the records of deliveries go whose events
/// are gone.
final class EventSweep implements Sweep {

    private final Database database;
    private final Ages ages;
    private final Instant from;
    private Event last = new Event(Long.MIN_VALUE, Instant.EPOCH.minusSeconds(60_000_000_000L));
    private boolean anyRemoved;
    private boolean eventsDone;
    private Delivered lastDelivered = new Delivered("", -1, "");

    EventSweep(Database database, Ages ages) {
        this.database = database;
        this.ages = ages;
        this.from = ages.from() == null ? Instant.EPOCH : ages.from();
    }

    private record Event(long sequence, Instant at) {}

    private record Delivered(String subscription, long sequence, String status) {}

    @Override
    public Step step() {
        if (eventsDone) {
            return deliveries();
        }
        var looked = database.write("remove old events", this::events);
        if (looked.at().isEmpty()) {
            eventsDone = true;
        } else {
            last = looked.at().getLast();
        }
        anyRemoved |= looked.removed() > 0;
        return new Step(looked.removed(), eventsDone && !anyRemoved);
    }

    private record Looked(List<Event> at, int removed) {}

    private Looked events(Session session) throws SQLException {
        var newest = session.sql("SELECT max(sequence) FROM events").number();
        var needed = needed(session);
        var removable = new ArrayList<String>();
        var looked = new ArrayList<Event>();
        session.sql(
                        """
                        SELECT sequence, timestamp, event_type FROM events
                        WHERE timestamp < ? AND (timestamp, sequence) > (?, ?) ORDER BY timestamp, sequence LIMIT ?
                        """)
                .set(from)
                .set(last.at())
                .set(last.sequence())
                .set(SqlRetention.ROWS_PER_STEP)
                .each(row -> {
                    var event = new Event(row.number("sequence"), row.time("timestamp"));
                    looked.add(event);
                    var held =
                            event.sequence() >= needed
                                    && !event.at().isBefore(ages.eventsHeldFrom());
                    if (!held
                            && event.sequence() != newest
                            && !row.text("event_type").equals("device.removed")) {
                        removable.add(Long.toString(event.sequence()));
                    }
                });
        if (!removable.isEmpty()) {
            session.sql(
                            session.dialect()
                                    .choose(
                                            "DELETE FROM events WHERE sequence IN (SELECT CAST(value AS INTEGER) FROM json_each(?))",
                                            "DELETE FROM events WHERE sequence = ANY (CAST(? AS bigint[]))"))
                    .set(removable)
                    .update();
        }
        return new Looked(looked, removable.size());
    }

    /// The lowest number that a subscription may still have to deliver.
    private static long needed(Session session) throws SQLException {
        return session.sql(
                        """
                        SELECT coalesce(min(number), %d) FROM (
                            SELECT min(cursor) + 1 AS number FROM event_subscriptions
                            UNION ALL
                            SELECT min(event_sequence) FROM event_deliveries WHERE status IN ('pending', 'retrying')) AS n
                        """
                                .formatted(Long.MAX_VALUE))
                .number();
    }

    /// Along the key.
    private Step deliveries() {
        var looked =
                database.write(
                        "remove old deliveries",
                        session -> {
                            var rows =
                                    session.sql(
                                                    """
                                                    SELECT d.subscription_id, d.event_sequence,
                                                        CASE WHEN d.status IN ('delivered', 'dead', 'expired') AND e.sequence IS NULL
                                                            THEN 'gone' ELSE 'kept' END AS status
                                                    FROM event_deliveries d LEFT JOIN events e ON e.sequence = d.event_sequence
                                                    WHERE (d.subscription_id, d.event_sequence) > (?, ?)
                                                    ORDER BY d.subscription_id, d.event_sequence LIMIT ?
                                                    """)
                                            .set(lastDelivered.subscription())
                                            .set(lastDelivered.sequence())
                                            .set(SqlRetention.ROWS_PER_STEP)
                                            .list(row ->
                                                    new Delivered(
                                                            row.text("subscription_id"),
                                                            row.number("event_sequence"),
                                                            row.text("status")));
                            var gone =
                                    rows.stream()
                                            .filter(row -> row.status().equals("gone"))
                                            .toList();
                            if (!gone.isEmpty()) {
                                var delete =
                                        session.sql(
                                                "DELETE FROM event_deliveries WHERE subscription_id = ? AND event_sequence = ?");
                                for (var row : gone) {
                                    delete.set(row.subscription()).set(row.sequence()).add();
                                }
                                delete.batch();
                            }
                            return rows;
                        });
        if (looked.isEmpty()) {
            return new Step(0, true);
        }
        lastDelivered = looked.getLast();
        return new Step(0, looked.size() < SqlRetention.ROWS_PER_STEP);
    }
}
