package org.tethral.event;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Page;

/// The event log, read. It is appended in the same commit as the fact that an event tells.
public interface EventLog {

    /// All that is given must hold; null asks for nothing.
    ///
    /// @param type a whole type, or the beginning of one and `*`
    record Filter(
            @Nullable CommunityId community,
            @Nullable String type,
            @Nullable String source,
            @Nullable DeviceId device,
            @Nullable Priority minimumPriority,
            @Nullable Instant since,
            @Nullable Instant until) {

        public static final Filter ALL = new Filter(null, null, null, null, null, null, null);

        public boolean matches(Event event) {
            return (community == null || community.equals(event.community()))
                    && (type == null || matchesType(event.type().value()))
                    && (source == null || source.equals(event.source()))
                    && (device == null || device.equals(event.device()))
                    && (minimumPriority == null || event.priority().compareTo(minimumPriority) >= 0)
                    && (since == null || !event.timestamp().isBefore(since))
                    && (until == null || event.timestamp().isBefore(until));
        }

        private boolean matchesType(String actual) {
            return type != null
                    && (type.endsWith("*")
                            ? actual.startsWith(type.substring(0, type.length() - 1))
                            : actual.equals(type));
        }
    }

    record Statistics(long total, Map<String, Long> byType, Map<String, Long> byPriority) {}

    /// Newest first.
    Page<Event.Logged> list(Filter filter, Page.Request page);

    /// What follows a sequence, in its order: for readers that go along the log.
    List<Event.Logged> after(long sequence, int limit);

    Optional<Event.Logged> find(String eventId);

    Statistics statistics(Filter filter);
}
