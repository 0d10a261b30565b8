package org.tethral.ingest;

import org.tethral.device.DeviceId;
import org.tethral.device.MessageId;

/// A message id that a device used: kept so that its repetition is known.
public record Receipt(DeviceId device, MessageId message) {}
