package org.tethral.broker;

import java.util.UUID;

/// One life of a session: a client that begins afresh under the same name has another.
public record SessionId(UUID value) {

    @Override
    public String toString() {
        return value.toString();
    }
}
