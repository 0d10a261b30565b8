package org.tethral.ingest;

import org.jspecify.annotations.Nullable;

/// A message on its way.
final class Sent {
    final Inbound message;
    final boolean again;
    @Nullable Answer answer;

    Sent(Inbound message, boolean again) {
        this.message = message;
        this.again = again;
    }

    void answered(Answer given) {
        if (answer != null) {
            throw new AssertionError("answered twice: " + message);
        }
        answer = given;
    }
}
