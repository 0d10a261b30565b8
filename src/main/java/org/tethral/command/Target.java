package org.tethral.command;

import java.util.LinkedHashSet;
import java.util.List;
import org.tethral.device.DeviceFilter;
import org.tethral.device.DeviceId;
import org.tethral.device.ProfileId;

/// Which devices a command is for. Those that are so when it is issued; not those that become so
/// later.
public sealed interface Target {

    record One(DeviceId device) implements Target {}

    /// In the order given, each once.
    record Listed(List<DeviceId> devices) implements Target {

        public static final int DEVICES_MAX = 10_000;

        public Listed {
            devices = List.copyOf(new LinkedHashSet<>(devices));
            if (devices.isEmpty() || devices.size() > DEVICES_MAX) {
                throw new IllegalArgumentException(
                        "a list of devices has 1 to " + DEVICES_MAX + " of them");
            }
        }
    }

    record OfType(String deviceType) implements Target {}

    record OfProfile(ProfileId profile) implements Target {}

    record Matching(DeviceFilter filter) implements Target {}
}
