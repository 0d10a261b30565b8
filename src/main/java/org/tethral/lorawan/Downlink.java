package org.tethral.lorawan;

import java.util.UUID;
import org.tethral.device.DevEui;

/// What is to be sent to a device.
///
/// @param id ours; the network tells by it what became of it
/// @param port 1 to 223
/// @param payload not encrypted yet; not copied
/// @param confirmed the device is to acknowledge it
@SuppressWarnings("ArrayRecordComponent")
record Downlink(UUID id, DevEui devEui, int port, byte[] payload, boolean confirmed) {}
