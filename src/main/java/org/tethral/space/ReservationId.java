package org.tethral.space;

import java.util.UUID;

public record ReservationId(UUID value) {

    /// @throws IllegalArgumentException it is no UUID
    public static ReservationId parse(String text) {
        if (text.length() != 36) {
            throw new IllegalArgumentException("a reservation id is a UUID");
        }
        return new ReservationId(UUID.fromString(text));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
