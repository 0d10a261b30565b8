package org.tethral.source;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// How the reading of a channel fares.
///
/// @param polledAt when the source was asked last, or kept from being asked
/// @param error why it cannot be read at the moment; null: it can
/// @param failingSince since when it cannot
public record Health(
        @Nullable Instant polledAt,
        Circuit circuit,
        @Nullable String error,
        @Nullable Instant failingSince) {

    public static final Health NEVER_POLLED = new Health(null, Circuit.CLOSED, null, null);

    public Health good(Instant at, Circuit next) {
        return new Health(at, next, null, null);
    }

    public Health bad(Instant at, Circuit next, String reason) {
        return new Health(at, next, reason, failingSince == null ? at : failingSince);
    }
}
