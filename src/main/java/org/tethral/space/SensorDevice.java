package org.tethral.space;

import org.jspecify.annotations.Nullable;
import org.tethral.device.DevEui;
import org.tethral.device.DeviceId;

/// A sensor that can serve spaces.
///
/// @param devEui null: it is not a LoRaWAN device
/// @param payloadDecoder the codec of its uplinks; null: its profile's
/// @param application that of its network server
/// @param network the network server through which it was registered
/// @param occupancyField which of its values says whether the space is taken; null: any of the
///   usual ones
public record SensorDevice(
        DeviceId device,
        @Nullable DevEui devEui,
        @Nullable DevEui joinEui,
        @Nullable String payloadDecoder,
        @Nullable String application,
        @Nullable String network,
        @Nullable String occupancyField) {}
