package org.tethral.event;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Document;

/// Something that happened.
///
/// @param id unique: an event with an id that is in the log already is the same event, and not
///   appended again
/// @param source who tells it: `device:pump-7`, `system:monitor`
/// @param ttl how long it is of interest to subscribers; null: always
public record Event(
        String id,
        EventType type,
        String source,
        @Nullable DeviceId device,
        @Nullable CommunityId community,
        Instant timestamp,
        Document data,
        Document metadata,
        Priority priority,
        @Nullable Duration ttl) {

    public Event {
        if (id.isEmpty() || id.length() > 255) {
            throw new IllegalArgumentException("an event_id has 1 to 255 characters");
        }
        if (ttl != null && (ttl.isNegative() || ttl.isZero() || ttl.toDays() > 36_500)) {
            throw new IllegalArgumentException(
                    "ttl is a number of seconds above 0, 100 years at most");
        }
    }

    /// That the platform tells of by itself: under a new id, for always.
    public static Event told(
            String type,
            @Nullable DeviceId device,
            @Nullable CommunityId community,
            Actor source,
            Instant at,
            Document data,
            Priority priority) {
        return new Event(
                UUID.randomUUID().toString(),
                new EventType(type),
                source.toString(),
                device,
                community,
                at,
                data,
                Document.EMPTY,
                priority,
                null);
    }

    /// About how many bytes of memory it takes.
    public int weight() {
        return Weight.of(this);
    }

    /// An event in its place in the log.
    public record Logged(long sequence, Event event) {}
}
