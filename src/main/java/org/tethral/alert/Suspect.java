package org.tethral.alert;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.device.DeviceId;
import org.tethral.state.StateName;

/// What is known of a device that may behave oddly.
///
/// @param hasReported it ever reported values
/// @param updatedAt when it last reported values or changed its state, by our own clock
/// @param heartbeatInterval of its profile
/// @param changes of its state within the window; 0 where they were not counted
public record Suspect(
        DeviceId device,
        @Nullable CommunityId community,
        StateName state,
        Instant stateSince,
        boolean online,
        boolean hasReported,
        Instant updatedAt,
        Duration heartbeatInterval,
        long changes) {}
