package org.tethral.alert;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Routine;
import org.tethral.kernel.StorageException;

/// Looks for devices that flap, are stuck or silent, on a thread of its own, and tells of them.
/// What it knows is in the database: several nodes may look, and a restart changes nothing.
public final class Anomalies implements AutoCloseable {

    static final Duration LOOK_EVERY = Duration.ofSeconds(5);

    /// Devices whose changes are to be counted. What does not fit is not looked at this time; who
    /// flaps will change again.
    static final int MOVED_WAITING_MAX = 20_000;

    private static final int COUNTED_AT_ONCE_MAX = 500;
    private static final int LINGERING_AT_ONCE_MAX = 500;

    /// A part of those that are online at each look: of 100,000 devices each is looked at every
    /// eight minutes.
    private static final int ONLINE_AT_ONCE_MAX = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(Anomalies.class);

    private final AnomalyStore store;
    private final AnomalyLimits limits;
    private final InstantSource clock;
    private final Set<DeviceId> moved = ConcurrentHashMap.newKeySet();
    private final Routine looking =
            new Routine("anomalies", LOOK_EVERY, this::look, Anomalies::failed);
    private @Nullable DeviceId onlineAfter;

    public Anomalies(AnomalyStore store, AnomalyLimits limits, InstantSource clock) {
        this.store = store;
        this.limits = limits;
        this.clock = clock;
    }

    public void start() {
        looking.start();
    }

    /// Its state changed. On any thread; returns at once.
    public void moved(DeviceId device) {
        if (moved.size() < MOVED_WAITING_MAX) {
            moved.add(device);
        }
    }

    private static void failed(RuntimeException failure) {
        switch (failure) {
            case StorageException e ->
                    LOG.atDebug()
                            .addKeyValue("reason", e.getMessage())
                            .log("cannot look for anomalies now");
            default ->
                    LOG.atError().setCause(failure).log("the look for anomalies ends by a fault");
        }
    }

    /// One look at all.
    public void look() {
        var now = clock.instant();
        lookAtMoved(now);
        var toldBefore = now.minus(limits.toldAgainAfter());
        tell(
                store.lingering(now.minus(limits.stuckAfter()), toldBefore, LINGERING_AT_ONCE_MAX),
                now);
        var online = store.online(onlineAfter, ONLINE_AT_ONCE_MAX);
        tell(online, now);
        onlineAfter = online.size() < ONLINE_AT_ONCE_MAX ? null : online.getLast().device();
    }

    private void lookAtMoved(Instant now) {
        var taken = List.copyOf(moved);
        moved.removeAll(taken); // who moves in between is counted all the same
        for (int i = 0; i < taken.size(); i += COUNTED_AT_ONCE_MAX) {
            var some = taken.subList(i, Math.min(taken.size(), i + COUNTED_AT_ONCE_MAX));
            tell(store.moved(some, now.minus(limits.flappingWindow()), now), now);
        }
    }

    private void tell(List<Suspect> suspects, Instant now) {
        for (var suspect : suspects) {
            for (var anomaly : limits.judge(suspect, now)) {
                if (store.tell(anomaly, toldBefore(anomaly, now), now)) {
                    LOG.atInfo()
                            .addKeyValue("device_id", anomaly.device())
                            .addKeyValue("anomaly", anomaly.word())
                            .log("a device behaves oddly");
                }
            }
        }
    }

    private Instant toldBefore(Anomaly anomaly, Instant now) {
        var since = anomaly.since();
        var again = now.minus(limits.toldAgainAfter());
        return since != null && since.isBefore(again) ? since : again;
    }

    @Override
    public void close() {
        looking.close();
    }
}
