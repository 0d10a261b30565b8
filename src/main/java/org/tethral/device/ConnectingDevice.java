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
        Duration offlineAfter) {}
