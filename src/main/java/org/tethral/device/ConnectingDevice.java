package org.tethral.device;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;

/// What a connection needs to know of its device, for as long as it lasts.
///
/// @param enabled false: it is refused
/// @param heartbeatInterval from its profile
/// @param offlineAfter from its profile
/// @param asking by which protocol it asks where there is no connection to speak of (HTTP, CoAP);
///   null: it is connected
public record ConnectingDevice(
        DeviceId id,
        @Nullable CommunityId community,
        boolean enabled,
        Duration heartbeatInterval,
        Duration offlineAfter,
        @Nullable Protocol asking) {

    public ConnectingDevice(
            DeviceId id,
            @Nullable CommunityId community,
            boolean enabled,
            Duration heartbeatInterval,
            Duration offlineAfter) {
        this(id, community, enabled, heartbeatInterval, offlineAfter, null);
    }

    public ConnectingDevice askingBy(Protocol protocol) {
        return new ConnectingDevice(
                id, community, enabled, heartbeatInterval, offlineAfter, protocol);
    }

    /// For what the platform itself says of a device, when no connection of it is at hand: only the
    /// id means anything.
    public static ConnectingDevice named(DeviceId id) {
        return new ConnectingDevice(
                id, null, true, Profile.HEARTBEAT_INTERVAL_DEFAULT, Profile.OFFLINE_AFTER_DEFAULT);
    }
}
