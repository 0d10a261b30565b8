package org.tethral.space;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DevEui;

/// What networks tell of downlinks. From any thread; each returns at once. What is told twice, late
/// or of a downlink that is none of ours is harmless; what is lost in a crash is made up for, as
/// the downlink is then sent again.
public interface DownlinkNews {

    /// A gateway has sent it (ChirpStack: `txack`).
    void transmitted(UUID queueItemId, Instant at);

    /// @param acknowledged false: the display did not acknowledge it in time
    void acknowledged(UUID queueItemId, boolean acknowledged, Instant at);

    /// @param queueItemId null: the network does not say which one; it is the display's last
    /// @param reason for people
    void failed(@Nullable UUID queueItemId, DevEui display, String reason);

    /// Nobody listens.
    DownlinkNews NOBODY =
            new DownlinkNews() {
                @Override
                public void transmitted(UUID queueItemId, Instant at) {}

                @Override
                public void acknowledged(UUID queueItemId, boolean acknowledged, Instant at) {}

                @Override
                public void failed(@Nullable UUID queueItemId, DevEui display, String reason) {}
            };
}
