package org.tethral.ingest;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.DeviceId;
import org.tethral.device.Overdue;
import org.tethral.kernel.Routine;
import org.tethral.kernel.StorageException;

/// Finds devices that fell silent, and has them marked offline once. A device whose connection is
/// open here is not silent: its protocol's own keep-alive watches over it, and says when it is
/// gone.
public final class SilenceMonitor implements AutoCloseable {

    static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    static final int DEVICES_PER_LOOK_MAX = 1_000;
    private static final Logger LOG = LoggerFactory.getLogger(SilenceMonitor.class);

    private final Overdue overdue;
    private final Ingest ingest;
    private final Predicate<DeviceId> connectedHere;
    private final String node;
    private final InstantSource clock;
    private final Routine looking =
            new Routine("silence-monitor", LOOK_EVERY, this::look, SilenceMonitor::failed);

    public SilenceMonitor(
            Overdue overdue,
            Ingest ingest,
            Predicate<DeviceId> connectedHere,
            String node,
            InstantSource clock) {
        this.overdue = overdue;
        this.ingest = ingest;
        this.connectedHere = connectedHere;
        this.node = node;
        this.clock = clock;
    }

    public void start() {
        looking.start();
    }

    private static void failed(RuntimeException failure) {
        switch (failure) {
            case StorageException e ->
                    LOG.atDebug()
                            .addKeyValue("reason", e.getMessage())
                            .log("cannot look for silent devices now");
            default -> LOG.atError().setCause(failure).log("a look for silent devices failed");
        }
    }

    /// One look. What does not fit the queue now is found again by the next one.
    void look() {
        var now = clock.instant();
        for (var device : overdue.overdue(now, node, DEVICES_PER_LOOK_MAX)) {
            if (!ingest.offer(signOf(device, now), 0, _ -> {})) {
                return;
            }
        }
    }

    private Inbound signOf(ConnectingDevice device, Instant now) {
        return connectedHere.test(device.id())
                ? new Inbound.Heartbeat(device, now)
                : new Inbound.Silent(device, now);
    }

    @Override
    public void close() {
        looking.close();
    }
}
