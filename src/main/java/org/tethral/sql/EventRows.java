package org.tethral.sql;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.tethral.device.DeviceId;
import org.tethral.event.Event;
import org.tethral.event.EventType;
import org.tethral.event.Priority;

/// The rows of `events`.
final class EventRows {

    private EventRows() {}

    /// Appends them with new numbers, in their order. Their ids must be new.
    static void append(Database database, Session session, List<Event> events) throws SQLException {
        if (events.isEmpty()) {
            return;
        }
        var numbers = database.reserveEvents(session, events.size());
        var insert =
                session.sql(
                        """
                        INSERT INTO events (sequence, event_id, event_type, source, device_id, community_id, timestamp,
                                            data, metadata, priority, ttl)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """);
        for (int i = 0; i < numbers.length; i++) {
            var event = events.get(i);
            insert.set(numbers[i])
                    .set(event.id())
                    .set(event.type().value())
                    .set(event.source())
                    .set(event.device())
                    .set(event.community())
                    .set(event.timestamp())
                    .set(event.data())
                    .set(event.metadata())
                    .set(event.priority().word())
                    .setNumber(event.ttl() == null ? null : (Long) event.ttl().toSeconds())
                    .add();
        }
        insert.batch();
    }

    static Event.Logged read(Row row) throws SQLException {
        var device = row.maybeText("device_id");
        var ttl = row.maybeNumber("ttl");
        return new Event.Logged(
                row.number("sequence"),
                new Event(
                        row.text("event_id"),
                        new EventType(row.text("event_type")),
                        row.text("source"),
                        device == null ? null : new DeviceId(device),
                        row.maybeCommunity(),
                        row.time("timestamp"),
                        row.document("data"),
                        row.document("metadata"),
                        Priority.parse(row.text("priority")),
                        ttl == null ? null : Duration.ofSeconds(ttl)));
    }
}
