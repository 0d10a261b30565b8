package org.tethral.space;

import java.util.Locale;

/// What a device does for a space.
public enum Part {
    SENSOR,
    DISPLAY;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Part parse(String word) {
        for (var part : values()) {
            if (part.word().equals(word)) {
                return part;
            }
        }
        throw new IllegalArgumentException("no part '" + word + "': sensor or display");
    }
}
