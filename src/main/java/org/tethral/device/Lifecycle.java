package org.tethral.device;

import java.util.Locale;

/// Where a device stands in its life.
public enum Lifecycle {
    INSTALLED,
    TESTING,
    ACTIVE,
    MAINTENANCE,
    DECOMMISSIONED;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Lifecycle parse(String word) {
        for (var value : values()) {
            if (value.word().equals(word)) {
                return value;
            }
        }
        throw new IllegalArgumentException(
                "no lifecycle '"
                        + word
                        + "': installed, testing, active, maintenance or decommissioned");
    }
}
