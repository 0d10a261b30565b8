package org.tethral.state;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;
import org.tethral.device.MessageId;
import org.tethral.kernel.Document;

/// One report of values.
///
/// @param timestamp the device's own, else when it arrived
/// @param sequence given by the platform, rising per device: parts two reports of one microsecond
public record Snapshot(
        DeviceId device,
        Instant timestamp,
        long sequence,
        Document values,
        @Nullable MessageId messageId) {}
