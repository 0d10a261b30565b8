package org.tethral.device;

import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;

/// Which devices: all that is given must hold; null asks for nothing.
///
/// @param metadataKey a name in the metadata, with `metadataValue` the text under it
/// @param search a part of the id or name, upper and lower case alike
public record DeviceFilter(
        @Nullable CommunityId community,
        @Nullable Status status,
        @Nullable Protocol protocol,
        @Nullable Lifecycle lifecycle,
        @Nullable String manufacturer,
        @Nullable String model,
        @Nullable String deviceType,
        @Nullable String capability,
        @Nullable ProfileId profile,
        @Nullable String metadataKey,
        @Nullable String metadataValue,
        @Nullable String search) {

    public static final DeviceFilter ALL =
            new DeviceFilter(
                    null, null, null, null, null, null, null, null, null, null, null, null);

    /// The same, but of that community alone.
    public DeviceFilter of(CommunityId only) {
        return new DeviceFilter(
                only,
                status,
                protocol,
                lifecycle,
                manufacturer,
                model,
                deviceType,
                capability,
                profile,
                metadataKey,
                metadataValue,
                search);
    }

    public DeviceFilter ofType(String type) {
        return new DeviceFilter(
                community,
                status,
                protocol,
                lifecycle,
                manufacturer,
                model,
                type,
                capability,
                profile,
                metadataKey,
                metadataValue,
                search);
    }

    public DeviceFilter ofProfile(ProfileId only) {
        return new DeviceFilter(
                community,
                status,
                protocol,
                lifecycle,
                manufacturer,
                model,
                deviceType,
                capability,
                only,
                metadataKey,
                metadataValue,
                search);
    }
}
