package org.tethral.mqtt;

import java.time.InstantSource;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.Device;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore;
import org.tethral.device.Profile;

/// Which devices a gateway may speak for: those of its own community, if it is registered as a
/// gateway. Blocks.
final class GatewayDevices {

    private static final String GATEWAY = "gateway";

    private final DeviceStore devices;
    private final boolean openRegistration;
    private final InstantSource clock;
    private final RandomGenerator random;

    GatewayDevices(
            DeviceStore devices,
            boolean openRegistration,
            InstantSource clock,
            RandomGenerator random) {
        this.devices = devices;
        this.openRegistration = openRegistration;
        this.clock = clock;
        this.random = random;
    }

    sealed interface Found {
        /// @param devices by name; empty where the gateway may not speak for that one
        record Devices(Map<String, Optional<ConnectingDevice>> devices) implements Found {}

        record NoGateway() implements Found {}
    }

    Found find(DeviceId gateway, Collection<String> names) {
        var own = devices.find(gateway);
        if (own.isEmpty() || !isGateway(own.get()) && !openRegistration) {
            return new Found.NoGateway();
        }
        var community = own.get().about().community();
        var found = new LinkedHashMap<String, Optional<ConnectingDevice>>();
        for (var name : names) {
            found.put(name, find(name, community, gateway));
        }
        return new Found.Devices(found);
    }

    private Optional<ConnectingDevice> find(
            String name, @Nullable CommunityId community, DeviceId gateway) {
        DeviceId id;
        try {
            id = new DeviceId(name);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        var known = devices.find(id);
        if (known.isEmpty() && openRegistration) {
            register(id, community, gateway);
            known = devices.find(id);
        }
        return known.filter(device -> Objects.equals(device.about().community(), community))
                .map(GatewayDevices::connecting);
    }

    private void register(DeviceId id, @Nullable CommunityId community, DeviceId gateway) {
        var plain = Device.About.named(id.value());
        var about =
                new Device.About(
                        plain.name(),
                        plain.deviceType(),
                        plain.profile(),
                        plain.protocol(),
                        plain.manufacturer(),
                        plain.model(),
                        plain.firmwareVersion(),
                        plain.capabilities(),
                        plain.metadata(),
                        plain.location(),
                        community,
                        plain.distributor(),
                        plain.customer());
        var device =
                Device.register(
                        new UUID(random.nextLong(), random.nextLong()), id, about, clock.instant());
        devices.add(
                device,
                null,
                Actor.device(gateway.value())); // whoever was first: it is looked up again
    }

    private static boolean isGateway(Device device) {
        var type = device.about().deviceType();
        return type != null && type.toLowerCase(Locale.ROOT).equals(GATEWAY)
                || device.about().capabilities().contains(GATEWAY);
    }

    /// Its times come from its profile when a message of it is decided; here they decide nothing.
    private static ConnectingDevice connecting(Device device) {
        return new ConnectingDevice(
                device.deviceId(),
                device.about().community(),
                device.enabled(),
                Profile.HEARTBEAT_INTERVAL_DEFAULT,
                Profile.OFFLINE_AFTER_DEFAULT);
    }
}
