package org.tethral.codec;

import java.time.Instant;
import org.tethral.kernel.Document;

/// What a device sent.
///
/// @param bytes the application's payload, decrypted; not copied
/// @param port LoRaWAN's FPort, 1 to 223 for applications
/// @param variables of the device, as it was set up
@SuppressWarnings("ArrayRecordComponent") // one uplink, read once: a copy would help nobody
public record Uplink(byte[] bytes, int port, Instant receivedAt, Document variables) {}
