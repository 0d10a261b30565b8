package org.tethral.device;

import java.util.UUID;

public record ProfileId(UUID value) {

    public static ProfileId parse(String text) {
        return new ProfileId(UUID.fromString(text));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
