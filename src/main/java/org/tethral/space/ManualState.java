package org.tethral.space;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;

/// What somebody has said the space is, whatever its sensor says.
///
/// @param until null: until somebody takes it back
public record ManualState(SpaceState state, @Nullable Instant until, Actor by) {

    public ManualState {
        switch (state) {
            case FREE, OCCUPIED, RESERVED -> {}
            case MAINTENANCE, UNKNOWN ->
                    throw new IllegalArgumentException(
                            "an override is to free, occupied or reserved");
        }
    }

    public boolean holdsAt(Instant now) {
        return until == null || now.isBefore(until);
    }
}
