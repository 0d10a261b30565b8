package org.tethral.space;

import java.util.Locale;

/// What a space is, in one word.
public enum SpaceState {
    FREE,
    OCCUPIED,
    RESERVED,
    MAINTENANCE,
    /// Nothing has told yet: it has no sensor, or its sensor never reported.
    UNKNOWN;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static SpaceState parse(String word) {
        for (var state : values()) {
            if (state.word().equals(word)) {
                return state;
            }
        }
        throw new IllegalArgumentException(
                "no state '" + word + "': free, occupied, reserved, maintenance or unknown");
    }
}
