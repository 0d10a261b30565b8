package org.tethral.space;

import java.util.List;
import java.util.Optional;
import org.tethral.device.DevEui;

/// Which of our devices a DevEUI stands for: of the registries of sensors and of displays.
public interface LorawanDevices {

    Optional<LorawanDevice> find(DevEui devEui);

    /// Those that may send and be sent to, without their codecs, in no order.
    List<LorawanDevice> enabled(int limit);
}
