package org.tethral.space;

import java.util.Optional;
import org.tethral.device.DevEui;

/// Which of our devices a DevEUI stands for: of the registries of sensors and of displays.
public interface LorawanDevices {

    Optional<LorawanDevice> find(DevEui devEui);
}
