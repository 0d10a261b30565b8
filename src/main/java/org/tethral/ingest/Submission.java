package org.tethral.ingest;

import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;

/// One thing that was offered: a message, a posting, or a message with a posting that is written
/// exactly when the message is.
record Submission(@Nullable Inbound message, @Nullable Posting posting) {

    Submission {
        if (message == null && posting == null) {
            throw new IllegalArgumentException("nothing was offered");
        }
    }

    /// Null: it is not about a device.
    @Nullable DeviceId device() {
        return message == null ? null : message.device().id();
    }
}
