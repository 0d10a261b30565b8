package org.tethral.space;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;

/// What a sensor said, and when.
///
/// @param sequence parts two of one time
public record Sighting(DeviceId sensor, Instant at, long sequence, Occupancy occupancy) {

    /// False: it came late, or again, and what was seen after it holds.
    public boolean isNewerThan(@Nullable Instant seenAt, long seenSequence) {
        return seenAt == null || at.isAfter(seenAt) || at.equals(seenAt) && sequence > seenSequence;
    }
}
