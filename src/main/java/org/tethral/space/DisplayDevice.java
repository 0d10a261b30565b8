package org.tethral.space;

import org.jspecify.annotations.Nullable;
import org.tethral.device.DevEui;
import org.tethral.device.DeviceId;

/// A display that can serve spaces.
///
/// @param devEui null: it is not a LoRaWAN device, and gets its codes as commands
/// @param fport 1 to 223, of its downlinks
/// @param confirmedDownlinks it is to acknowledge what it got
/// @param application that of its network server
/// @param network the network server through which it was registered
public record DisplayDevice(
        DeviceId device,
        @Nullable DevEui devEui,
        DisplayType displayType,
        DisplayCodes codes,
        int fport,
        boolean confirmedDownlinks,
        @Nullable String application,
        @Nullable String network) {

    public static final int FPORT_MAX = 223;

    public DisplayDevice {
        if (fport < 1 || fport > FPORT_MAX) {
            throw new IllegalArgumentException("fport is 1 to " + FPORT_MAX);
        }
        codes.byState().forEach(displayType::check);
    }
}
