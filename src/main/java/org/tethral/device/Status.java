package org.tethral.device;

import java.util.Locale;

/// Whether a device can be reached: unknown until it was seen once.
public enum Status {
    ONLINE,
    OFFLINE,
    UNKNOWN;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Status parse(String word) {
        for (var value : values()) {
            if (value.word().equals(word)) {
                return value;
            }
        }
        throw new IllegalArgumentException("no status '" + word + "': online, offline or unknown");
    }
}
