package org.tethral.space;

import java.util.UUID;

public record LocationId(UUID value) {

    /// @throws IllegalArgumentException it is no UUID
    public static LocationId parse(String text) {
        if (text.length() != 36) {
            throw new IllegalArgumentException("a location id is a UUID");
        }
        return new LocationId(UUID.fromString(text));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
