package org.tethral.dashboard;

import java.time.Instant;

/// An answer, and where it comes from.
///
/// @param at when it was looked up
public record Cached<V>(V value, Source source, Instant at) {

    public enum Source {
        /// Somebody asked a moment ago.
        HIT,
        /// It was looked up for this.
        MISS,
        /// It was to be looked up, which did not succeed: this is what was known before.
        STALE
    }
}
