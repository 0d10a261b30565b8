package org.tethral.lorawan;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.tethral.device.DevEui;
import org.tethral.lorawan.NetworkEvent.Origin;

/// How network servers call the devices that they told of since the start: downlinks are addressed
/// by these names.
final class Addresses {

    private static final int REMEMBERED_MAX = 50_000;

    /// @param application of the network server
    /// @param name of the device there
    record Address(Network network, String application, String name) {}

    private final ConcurrentMap<DevEui, Address> byDevice = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, DevEui> byName = new ConcurrentHashMap<>();

    void heard(Network network, Origin origin) {
        if (origin.application().isEmpty()) {
            return;
        }
        var address = new Address(network, origin.application(), origin.name());
        if (address.equals(byDevice.get(origin.devEui()))) {
            return;
        }
        if (byDevice.size() >= REMEMBERED_MAX) {
            byDevice.clear();
            byName.clear();
        }
        byDevice.put(origin.devEui(), address);
        byName.put(origin.application() + "/" + origin.name(), origin.devEui());
    }

    Optional<Address> of(DevEui devEui) {
        return Optional.ofNullable(byDevice.get(devEui));
    }

    /// @param name `application/device`
    Optional<DevEui> named(String name) {
        return Optional.ofNullable(byName.get(name));
    }
}
