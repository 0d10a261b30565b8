package org.tethral.space;

import java.util.UUID;

public record SpaceId(UUID value) {

    /// @throws IllegalArgumentException it is no UUID
    public static SpaceId parse(String text) {
        if (text.length() != 36) {
            throw new IllegalArgumentException("a space id is a UUID");
        }
        return new SpaceId(UUID.fromString(text));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
