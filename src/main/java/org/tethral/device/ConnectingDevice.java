package org.tethral.device;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;

/// What a connection needs to know of its device, for as long as it lasts.
///
/// @param enabled false: it is refused
/// @param heartbeatInterval from its profile
/// @param offlineAfter from its profile
public record ConnectingDevice(
        DeviceId id,
        @Nullable CommunityId community,
        boolean enabled,
        Duration heartbeatInterval,
        Duration offlineAfter) {

    /// For what the platform itself says of a device, when no connection of it is at hand: only the
    /// id means anything.
    public static ConnectingDevice named(DeviceId id) {
        return new ConnectingDevice(
                id, null, true, Profile.HEARTBEAT_INTERVAL_DEFAULT, Profile.OFFLINE_AFTER_DEFAULT);
    }
}
