package org.tethral.mqtt;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.tethral.device.Admission;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.Device;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore;

/// Which devices a gateway may speak for: those of its own community, if it is registered as a
/// gateway. Blocks.
final class GatewayDevices {

    private static final String GATEWAY = "gateway";

    private final DeviceStore devices;
    private final Admission admission;
    private final boolean openRegistration;

    GatewayDevices(DeviceStore devices, Admission admission, boolean openRegistration) {
        this.devices = devices;
        this.admission = admission;
        this.openRegistration = openRegistration;
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
        var found = new LinkedHashMap<String, Optional<ConnectingDevice>>();
        for (var name : names) {
            found.put(name, admission.behind(own.get(), name));
        }
        return new Found.Devices(found);
    }

    private static boolean isGateway(Device device) {
        var type = device.about().deviceType();
        return type != null && type.toLowerCase(Locale.ROOT).equals(GATEWAY)
                || device.about().capabilities().contains(GATEWAY);
    }
}
