package org.tethral.device;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.kernel.Document;

/// One row of the registry.
///
/// @param about what people said of it; a change of it is a new `version`
/// @param presence what the platform saw of it; changes without a new version
/// @param version counts changes of `about`, `lifecycle` and `enabled`, from 1
public record Device(
        UUID id,
        DeviceId deviceId,
        About about,
        Lifecycle lifecycle,
        boolean enabled,
        Presence presence,
        Instant createdAt,
        Instant updatedAt,
        long version) {

    public record About(
            String name,
            @Nullable String deviceType,
            @Nullable ProfileId profile,
            @Nullable Protocol protocol,
            @Nullable String manufacturer,
            @Nullable String model,
            @Nullable String firmwareVersion,
            List<String> capabilities,
            Document metadata,
            Document location,
            @Nullable CommunityId community,
            @Nullable UUID distributor,
            @Nullable UUID customer) {
        public About {
            capabilities = List.copyOf(capabilities);
        }

        /// Nothing known but the id: in the default community, active, named like its id.
        public static About named(String name) {
            return new About(
                    name,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    List.of(),
                    Document.EMPTY,
                    Document.EMPTY,
                    CommunityId.DEFAULT,
                    null,
                    null);
        }
    }

    /// @param healthScore 0 (worst) to 100
    /// @param connectedAt since when the present connection is open; null when none is
    public record Presence(
            Status status,
            int healthScore,
            @Nullable Instant lastHeartbeat,
            @Nullable Instant lastSeenAt,
            @Nullable Instant connectedAt) {

        public static final Presence NEVER_SEEN =
                new Presence(Status.UNKNOWN, 100, null, null, null);
    }

    public static Device register(UUID id, DeviceId deviceId, About about, Instant now) {
        return new Device(
                id, deviceId, about, Lifecycle.ACTIVE, true, Presence.NEVER_SEEN, now, now, 1);
    }

    public Device changed(About next, boolean nextEnabled, Instant now) {
        return new Device(
                id, deviceId, next, lifecycle, nextEnabled, presence, createdAt, now, version + 1);
    }

    public Device moved(Lifecycle next, Instant now) {
        return new Device(
                id, deviceId, about, next, enabled, presence, createdAt, now, version + 1);
    }
}
