package org.tethral.retention;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceStore.History;

/// How long an operator wants things to be kept.
///
/// @param periods what is missing is kept for good
/// @param eventsHeld how long an event waits for subscriptions at the most; not less than events
///   are kept
/// @param removeOfflineAfter devices that were not heard of for so long are removed; null: none are
/// @param offlineHistory what becomes of the history of those
public record Policy(
        Map<Kept, Duration> periods,
        Duration eventsHeld,
        @Nullable Duration removeOfflineAfter,
        History offlineHistory) {

    public static final Duration EVENTS_HELD_STANDARD = Duration.ofDays(90);

    public Policy {
        periods = Map.copyOf(periods);
    }

    public static Policy standard() {
        var periods = new EnumMap<Kept, Duration>(Kept.class);
        for (var kept : Kept.values()) {
            periods.put(kept, kept.standard());
        }
        return new Policy(periods, EVENTS_HELD_STANDARD, null, History.KEEP);
    }

    public Policy with(Kept kept, Duration period) {
        var next = new EnumMap<Kept, Duration>(Kept.class);
        next.putAll(periods);
        next.put(kept, period);
        return new Policy(next, eventsHeld, removeOfflineAfter, offlineHistory);
    }

    public Ages ages(Kept kept, Instant now) {
        return new Ages(kept, now, periods.get(kept), eventsHeld);
    }
}
