package org.tethral.lorawan;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DevEui;
import org.tethral.space.DownlinkNews;

/// What network servers call our downlinks, where they do not take our names: the news of theirs
/// become news of ours. Only what was sent lately is remembered; news of anything older is lost,
/// and the downlink sent again.
final class QueueItems implements DownlinkNews {

    static final int REMEMBERED_MAX = 10_000;

    private final DownlinkNews next;
    private final Map<UUID, UUID> ours =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<UUID, UUID> eldest) {
                    return size() > REMEMBERED_MAX;
                }
            };

    QueueItems(DownlinkNews next) {
        this.next = next;
    }

    synchronized void isCalled(UUID theirs, UUID our) {
        ours.put(theirs, our);
    }

    /// What we call it; where nothing else is known, as the network does.
    synchronized UUID ours(UUID name) {
        return ours.getOrDefault(name, name);
    }

    @Override
    public void transmitted(UUID queueItemId, Instant at) {
        next.transmitted(ours(queueItemId), at);
    }

    @Override
    public void acknowledged(UUID queueItemId, boolean acknowledged, Instant at) {
        next.acknowledged(ours(queueItemId), acknowledged, at);
    }

    @Override
    public void failed(@Nullable UUID queueItemId, DevEui display, String reason) {
        next.failed(queueItemId == null ? null : ours(queueItemId), display, reason);
    }
}
