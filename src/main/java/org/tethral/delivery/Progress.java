package org.tethral.delivery;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How far a subscription has come since its worker last wrote that down; written all or not at
/// all, and only while the worker's fence is the newest.
///
/// @param readTo all events up to it were looked at
/// @param unsettled of those, the events that are neither delivered nor given up and have no row:
///   what a successor begins with
/// @param since what was counted since the last time
/// @param rows that are new or changed
/// @param failingSince the receiver takes nothing since then
public record Progress(
        SubscriptionId subscription,
        long fence,
        long readTo,
        List<Long> unsettled,
        Counts since,
        List<Delivery> rows,
        @Nullable Instant lastDeliveredAt,
        @Nullable String lastError,
        @Nullable Instant failingSince) {

    public Progress {
        unsettled = List.copyOf(unsettled);
        rows = List.copyOf(rows);
    }
}
