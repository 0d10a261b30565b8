package org.tethral.space;

import org.jspecify.annotations.Nullable;
import org.tethral.device.DevEui;
import org.tethral.device.DeviceId;

/// A device of a LoRaWAN network, sensor or display, as the way to and from it needs it.
///
/// @param payloadDecoder the codec of its uplinks; null: its profile's
/// @param application that of its network server
/// @param network the network server through which it was registered
public record LorawanDevice(
        DevEui devEui,
        DeviceId device,
        @Nullable String payloadDecoder,
        @Nullable String application,
        @Nullable String network) {}
