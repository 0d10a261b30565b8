package org.tethral.device;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.kernel.Document;

/// A device type: what its devices have in common.
///
/// @param retention `{"snapshots": 30}`: for how many days what its devices report is kept, where
///   that is not as for all; so `rollups` and `state_changes`
/// @param heartbeatInterval how often a device is heard when all is well
/// @param offlineAfter silence after which a device without a connection of its own is offline
/// @param provisioningKey with the secret, lets unknown devices register themselves; null: they may
///   not
public record Profile(
        ProfileId id,
        @Nullable CommunityId community,
        String name,
        @Nullable String manufacturer,
        @Nullable String model,
        @Nullable Protocol protocol,
        Document codec,
        Document defaultConfiguration,
        Document retention,
        Duration heartbeatInterval,
        Duration offlineAfter,
        @Nullable String provisioningKey,
        @Nullable String provisioningSecretHash,
        Instant createdAt) {

    /// For devices without a profile.
    public static final Duration HEARTBEAT_INTERVAL_DEFAULT = Duration.ofSeconds(30);

    public static final Duration OFFLINE_AFTER_DEFAULT = Duration.ofSeconds(90);
}
