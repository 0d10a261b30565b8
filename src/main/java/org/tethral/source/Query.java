package org.tethral.source;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What is asked of a channel: its entries of a time, both ends included, in whole seconds.
///
/// @param from null: its newest ones
/// @param to null: up to now
/// @param most 0: as many as the source gives at once
public record Query(@Nullable Instant from, @Nullable Instant to, int most) {

    public static final Query NEWEST = new Query(null, null, 1);
    public static final Query RECENT = new Query(null, null, 0);

    public static Query since(Instant from) {
        return new Query(from, null, 0);
    }

    public static Query between(Instant from, Instant to) {
        return new Query(from, to, 0);
    }
}
