package org.tethral.lorawan;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DevEui;
import org.tethral.space.DownlinkNews;

/// Tells everybody who sends downlinks what becomes of them; each knows his own.
final class Newsroom implements DownlinkNews {

    private final List<DownlinkNews> listeners = new CopyOnWriteArrayList<>();

    void listen(DownlinkNews listener) {
        listeners.add(listener);
    }

    @Override
    public void transmitted(UUID queueItemId, Instant at) {
        listeners.forEach(one -> one.transmitted(queueItemId, at));
    }

    @Override
    public void acknowledged(UUID queueItemId, boolean acknowledged, Instant at) {
        listeners.forEach(one -> one.acknowledged(queueItemId, acknowledged, at));
    }

    @Override
    public void failed(@Nullable UUID queueItemId, DevEui display, String reason) {
        listeners.forEach(one -> one.failed(queueItemId, display, reason));
    }
}
