package org.tethral.event;

import java.util.Locale;

public enum Priority {
    LOW,
    NORMAL,
    HIGH,
    CRITICAL;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Priority parse(String word) {
        for (var priority : values()) {
            if (priority.word().equals(word)) {
                return priority;
            }
        }
        throw new IllegalArgumentException(
                "no priority '" + word + "': low, normal, high or critical");
    }
}
