package org.tethral.event;

import java.time.Duration;
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

    /// @param bySource of the [#SOURCES_MAX] that told most
    /// @param byTime of steps of equal length that are not empty, oldest first; the newest
    ///   [#STEPS_MAX] of them
    record Statistics(
            long total,
            Map<String, Long> byType,
            Map<String, Long> bySource,
            Map<String, Long> byPriority,
            List<Step> byTime) {}

    /// The events from a time on, up to the next step.
    record Step(Instant from, long count) {}

    int SOURCES_MAX = 100;
    int STEPS_MAX = 1_000;

    /// @param settled no event turns up any more at or below it that is not there now
    /// @param highest the highest number that an event has, settled or not
    record Extent(long settled, long highest) {}

    /// @param isNew false: an event with that id was there before, and stays as it was
    record Appended(long sequence, boolean isNew) {}

    /// Newest first.
    Page<Event.Logged> list(Filter filter, Page.Request page);

    /// What follows a sequence, in its order: for readers that go along the log.
    List<Event.Logged> after(long sequence, int limit);

    Optional<Event.Logged> find(String eventId);

    /// Those of the given sequences that are there, in order.
    List<Event.Logged> at(List<Long> sequences);

    Extent extent();

    /// The highest sequence of which all events of that time or later come behind; at most the
    /// settled end.
    long before(Instant time);

    /// Appends what somebody tells who is no device. Durable when it returns.
    Appended append(Event event);

    /// @param step of the counts by time
    Statistics statistics(Filter filter, Duration step);
}
