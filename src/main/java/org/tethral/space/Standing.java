package org.tethral.space;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// All that bears on what a space is.
///
/// @param sensor what its sensor said last; null: nothing yet, or it has none
/// @param reservation that may be in force
/// @param manual an override that may hold
public record Standing(
        @Nullable Occupancy sensor,
        @Nullable Reservation reservation,
        @Nullable ManualState manual,
        boolean maintenance) {

    /// What the space is, by the one order that there is: maintenance, then a manual override, then
    /// a reservation in force, then the sensor.
    public SpaceState stateAt(Instant now) {
        if (maintenance) {
            return SpaceState.MAINTENANCE;
        }
        if (manual != null && manual.holdsAt(now)) {
            return manual.state();
        }
        if (reservation != null && reservation.isInForceAt(now)) {
            return SpaceState.RESERVED;
        }
        return sensor == null ? SpaceState.UNKNOWN : sensor.state();
    }
}
