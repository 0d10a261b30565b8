package org.tethral.retention;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.device.Device;
import org.tethral.kernel.Routine;
import org.tethral.kernel.StorageException;

/// Goes through all that is kept once an hour, step by step, and rests after each step for longer
/// than it took, so that it takes a quarter of the writer's time at the most.
public final class Keeper implements AutoCloseable {

    /// Also how long after the start the first round begins.
    static final Duration LOOK_EVERY = Duration.ofMinutes(1);

    static final Duration EVERY = Duration.ofHours(1);

    /// Another node may go on with what this one has begun.
    static final Duration LEASE = Duration.ofMinutes(2);

    static final int DEVICES_AT_ONCE_MAX = 100;
    private static final int REST_PER_STEP = 3;
    private static final Duration REST_LEAST = Duration.ofMillis(5);
    private static final Duration REST_MOST = Duration.ofSeconds(2);
    private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);

    private final RetentionStore store;
    private final Supplier<Policy> policy;
    private final Consumer<Device> removed;
    private final String node;
    private final InstantSource clock;
    private final MeterRegistry meters;
    private final Timer steps;
    private final AtomicLong endedAt = new AtomicLong();
    private final Routine rounds;
    private long nextNanos = System.nanoTime();

    /// @param policy asked anew for each round
    /// @param removed is told of each device that was removed for being offline
    public Keeper(
            RetentionStore store,
            Supplier<Policy> policy,
            Consumer<Device> removed,
            String node,
            InstantSource clock,
            MeterRegistry meters) {
        this.store = store;
        this.policy = policy;
        this.removed = removed;
        this.node = node;
        this.clock = clock;
        this.meters = meters;
        this.steps =
                Timer.builder("tethral.retention.step")
                        .description("One transaction that removes what is too old")
                        .register(meters);
        Gauge.builder("tethral.retention.ended", endedAt, AtomicLong::doubleValue)
                .description("When the last round over all tables ended, in seconds since 1970")
                .register(meters);
        for (var kept : Kept.values()) {
            counter(kept); // there from the first scrape on
        }
        this.rounds = new Routine("retention", LOOK_EVERY, this::look, Keeper::failed);
    }

    private Counter counter(Kept kept) {
        return Counter.builder("tethral.retention.removed")
                .tag("kept", kept.word())
                .description("Rows that were too old")
                .register(meters);
    }

    public void start() {
        rounds.start();
    }

    private void look() throws InterruptedException {
        if (System.nanoTime() - nextNanos >= 0) {
            nextNanos = System.nanoTime() + EVERY.toNanos();
            round();
        }
    }

    private static void failed(RuntimeException failure) {
        LOG.atError().setCause(failure).log("a round of retention failed");
    }

    /// Once through everything; rests in between.
    public void round() throws InterruptedException {
        var present = policy.get();
        for (var kept : Kept.values()) {
            try {
                sweep(present.ages(kept, clock.instant()));
            } catch (StorageException e) {
                LOG.atWarn()
                        .addKeyValue("kept", kept.word())
                        .addKeyValue("reason", e.getMessage())
                        .log("cannot remove what is too old; trying again in an hour");
            } catch (RuntimeException e) {
                failed(e); // the others need not wait
            }
        }
        try {
            removeOffline(present);
        } catch (StorageException e) {
            LOG.atWarn()
                    .addKeyValue("reason", e.getMessage())
                    .log("cannot remove devices that are long offline");
        }
        endedAt.set(clock.instant().getEpochSecond());
    }

    private void sweep(Ages ages) throws InterruptedException {
        var kept = ages.kept();
        if (!store.take(kept, node, clock.instant(), LEASE)) {
            return;
        }
        var counter = counter(kept);
        var total = 0L;
        try {
            var sweep = store.sweep(ages);
            var takenNanos = System.nanoTime();
            for (var last = false; !last; ) {
                var begin = System.nanoTime();
                var step = sweep.step();
                var nanos = System.nanoTime() - begin;
                steps.record(nanos, TimeUnit.NANOSECONDS);
                counter.increment(step.removed());
                total += step.removed();
                last = step.last();
                rest(nanos);
                if (System.nanoTime() - takenNanos > LEASE.toNanos() / 4) {
                    takenNanos = System.nanoTime();
                    last |= !store.take(kept, node, clock.instant(), LEASE);
                }
            }
        } finally {
            store.end(kept, node, clock.instant(), total);
        }
        if (total > 0) {
            LOG.atInfo()
                    .addKeyValue("kept", kept.word())
                    .addKeyValue("rows", total)
                    .log("removed what was too old");
        }
    }

    private static void rest(long stepNanos) throws InterruptedException {
        var nanos = Math.max(REST_LEAST.toNanos(), REST_PER_STEP * stepNanos);
        Thread.sleep(Duration.ofNanos(Math.min(nanos, REST_MOST.toNanos())));
    }

    private void removeOffline(Policy present) throws InterruptedException {
        var after = present.removeOfflineAfter();
        if (after == null) {
            return;
        }
        var before = clock.instant().minus(after);
        for (var full = true; full; ) {
            var devices = store.longOffline(before, DEVICES_AT_ONCE_MAX);
            full = devices.size() == DEVICES_AT_ONCE_MAX;
            for (var device : devices) {
                var begin = System.nanoTime();
                removeOffline(device, before, present);
                rest(System.nanoTime() - begin);
            }
        }
    }

    private void removeOffline(Device device, Instant before, Policy present) {
        if (store.removeOffline(device, before, present.offlineHistory(), clock.instant())) {
            removed.accept(device);
            LOG.atInfo()
                    .addKeyValue("device_id", device.deviceId())
                    .addKeyValue("last_seen_at", device.presence().lastSeenAt())
                    .log("removed a device that was offline for too long");
        }
    }

    @Override
    public void close() {
        rounds.close();
    }
}
