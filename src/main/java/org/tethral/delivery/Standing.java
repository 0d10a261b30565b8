package org.tethral.delivery;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// How a subscription fares, as it was last written down: a few tenths of a second ago.
///
/// @param cursor all events up to it are settled: delivered, not wanted, expired, dead, or waiting
///   for a retry
/// @param worker the node that delivers; null: none at present
/// @param failingSince the receiver takes nothing since then
public record Standing(
        Subscription subscription,
        long cursor,
        Counts counts,
        @Nullable String worker,
        @Nullable Instant lastDeliveredAt,
        @Nullable String lastError,
        @Nullable Instant failingSince) {}
