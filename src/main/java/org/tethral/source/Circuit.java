package org.tethral.source;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Whether a channel's source is called at all.
///
/// @param until when an open one lets the next call through
public record Circuit(State state, @Nullable Instant until) {

    public static final Circuit CLOSED = new Circuit(State.CLOSED, null);

    public enum State {
        /// Calls go through.
        CLOSED,
        /// Too many failed: none go through.
        OPEN,
        /// A single one goes through, and decides.
        HALF_OPEN;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static State parse(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }
}
