package org.tethral.state;

import java.time.Instant;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Document;

/// What a device is now: its state, the values that it reported last, and those that are wanted of
/// it.
///
/// @param since since when it is in that state
/// @param lastUpdated when it last reported anything that is kept here
/// @param reportedVersion counts reports, from 0; `desiredVersion` counts changes of `desired`
public record DeviceState(
        DeviceId device,
        StateName current,
        Instant since,
        Instant lastUpdated,
        Document reported,
        long reportedVersion,
        Document desired,
        long desiredVersion,
        Document configuration,
        Document metadata) {

    /// The desired values that the device did not report yet.
    public Document delta() {
        return reported.deltaTo(desired);
    }
}
