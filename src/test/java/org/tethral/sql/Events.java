package org.tethral.sql;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.device.DeviceId;
import org.tethral.event.Event;
import org.tethral.event.EventType;
import org.tethral.event.Priority;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// Events for tests, and a way to have many in the log with one commit.
public final class Events {

    private Events() {}

    public static void append(Database database, List<Event> events) {
        database.write(
                "append events",
                session -> {
                    EventRows.append(database, session, events);
                    return true;
                });
    }

    public static Event of(String id, @Nullable String device, Instant at) {
        return of(id, device, Priority.NORMAL, null, at);
    }

    public static Event of(
            String id,
            @Nullable String device,
            Priority priority,
            @Nullable Duration ttl,
            Instant at) {
        return new Event(
                id,
                new EventType("test.event"),
                device == null ? "system:test" : "device:" + device,
                device == null ? null : new DeviceId(device),
                CommunityId.DEFAULT,
                at,
                Document.of("n", Value.of(id)),
                Document.EMPTY,
                priority,
                ttl);
    }
}
