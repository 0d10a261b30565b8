package org.tethral.space;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.device.DevEui;
import org.tethral.device.DeviceId;
import org.tethral.event.Lookout;
import org.tethral.kernel.StorageException;

/// Sends what displays are to be told, and keeps what becomes of it, on a thread of its own. In
/// memory there is only what is on its way to a network; the database is the truth, and news that
/// is lost is made up for by sending again.
public final class Actuator implements DownlinkNews, AutoCloseable {

    /// Waiting to be written.
    static final int NEWS_WAITING_MAX = 8_192;

    /// Handed to networks and not yet taken.
    static final int ON_THEIR_WAY_MAX = 256;

    private static final int AT_ONCE_MAX = 100;
    private static final Duration LOOK_EVERY = Duration.ofMillis(250);
    private static final Duration DARK_LOOKED_UP_EVERY = Duration.ofSeconds(30);
    private static final Duration COUNTED_EVERY = Duration.ofSeconds(5);
    private static final int SIGNS_OF_LIFE_MAX = 1_000;
    private static final Logger LOG = LoggerFactory.getLogger(Actuator.class);

    /// @param item null: the last one of that display
    private record Tidings(
            @Nullable UUID item, @Nullable DevEui display, Function<UUID, ActuationStep> step) {}

    private final ActuationStore store;
    private final DisplayOutlet commands;
    private final InstantSource clock;
    private final BlockingQueue<Tidings> tidings = new ArrayBlockingQueue<>(NEWS_WAITING_MAX);
    private final BlockingQueue<DeviceId> alive = new ArrayBlockingQueue<>(SIGNS_OF_LIFE_MAX);
    private final AtomicInteger onTheirWay = new AtomicInteger();
    private final Lookout lookout = new Lookout("displays", LOOK_EVERY, this::round, this::failed);
    private final List<ActuationStore.News> unwritten = new ArrayList<>();
    private volatile DisplayOutlet lorawan = DisplayOutlet.NOWHERE;
    private volatile Set<DeviceId> inTheDark = Set.of();
    private volatile int queued;
    private boolean isCounted;
    private long countedNanos;
    private boolean darkKnown;
    private long darkLookedUpNanos;

    /// @param commands the way to displays without a DevEUI
    public Actuator(ActuationStore store, DisplayOutlet commands, InstantSource clock) {
        this.store = store;
        this.commands = commands;
        this.clock = clock;
    }

    /// The way to displays that have a DevEUI. To be called before it starts.
    public void reachLorawan(DisplayOutlet outlet) {
        lorawan = outlet;
    }

    public void start() {
        lookout.start();
    }

    /// In the database, to be sent; as counted some seconds ago.
    public int queued() {
        return queued;
    }

    /// Handed to networks by this node and not taken yet.
    public int onTheirWay() {
        return onTheirWay.get();
    }

    /// News of downlinks that are not written yet.
    public int unwritten() {
        return tidings.size();
    }

    /// Something may wait. On any thread; returns at once.
    public void look() {
        lookout.ring();
    }

    /// Something was heard of a device: a display that could not be reached before is told again.
    /// On any thread; returns at once.
    public void heardOf(DeviceId device) {
        if (inTheDark.contains(device) && alive.offer(device)) {
            lookout.ring();
        }
    }

    @Override
    public void transmitted(UUID queueItemId, Instant at) {
        hear(queueItemId, null, item -> new ActuationStep.Transmitted(item, at));
    }

    @Override
    public void acknowledged(UUID queueItemId, boolean acknowledged, Instant at) {
        hear(queueItemId, null, item -> new ActuationStep.Answered(item, acknowledged, at));
    }

    @Override
    public void failed(@Nullable UUID queueItemId, DevEui display, String reason) {
        hear(queueItemId, display, item -> new ActuationStep.Lost(item, reason));
    }

    private void hear(
            @Nullable UUID item, @Nullable DevEui display, Function<UUID, ActuationStep> step) {
        if (!tidings.offer(new Tidings(item, display, step))) {
            LOG.atDebug().log("no room for what became of a downlink");
        }
        lookout.ring();
    }

    private void failed(RuntimeException failure) {
        if (!(failure instanceof StorageException)) {
            unwritten.clear(); // or the same fault would come for ever
        }
    }

    /// True: more waits.
    boolean round() {
        writeTidings();
        tellAgain();
        count();
        var room = Math.min(AT_ONCE_MAX, ON_THEIR_WAY_MAX - onTheirWay.get());
        if (room <= 0) {
            return false; // whoever makes room rings
        }
        var looked = store.look(clock.instant(), room);
        looked.claims().forEach(this::send);
        return looked.more() || !tidings.isEmpty();
    }

    private void writeTidings() {
        if (unwritten.isEmpty()) {
            var taken = new ArrayList<Tidings>();
            tidings.drainTo(taken, AT_ONCE_MAX);
            for (var one : taken) {
                var item = one.item();
                if (item == null && one.display() != null) {
                    item = store.lastItem(one.display()).orElse(null);
                }
                if (item != null) {
                    unwritten.add(new ActuationStore.News(item, one.step().apply(item)));
                }
            }
        }
        store.heard(unwritten, clock.instant());
        unwritten.clear();
    }

    private void tellAgain() {
        var nanos = System.nanoTime();
        if (!darkKnown || nanos - darkLookedUpNanos > DARK_LOOKED_UP_EVERY.toNanos()) {
            inTheDark = Set.copyOf(store.inTheDark());
            darkKnown = true;
            darkLookedUpNanos = nanos;
        }
        var some = new ArrayList<DeviceId>();
        alive.drainTo(some);
        if (!some.isEmpty()) {
            store.tellAgain(Set.copyOf(some), clock.instant());
            inTheDark = Set.copyOf(store.inTheDark());
        }
    }

    private void count() {
        var nanos = System.nanoTime();
        if (!isCounted || nanos - countedNanos > COUNTED_EVERY.toNanos()) {
            queued = store.queued();
            isCounted = true;
            countedNanos = nanos;
        }
    }

    private void send(ActuationStore.Claim claim) {
        var outlet = claim.downlink().lorawan() == null ? commands : lorawan;
        onTheirWay.incrementAndGet();
        try {
            outlet.send(claim.downlink())
                    .toCompletableFuture()
                    .copy()
                    .orTimeout(DisplayOutlet.TAKING_MAX.toMillis(), TimeUnit.MILLISECONDS)
                    .whenComplete((_, failure) -> handedOver(claim, outlet, failure));
        } catch (RuntimeException e) {
            handedOver(claim, outlet, e);
        }
    }

    private void handedOver(
            ActuationStore.Claim claim, DisplayOutlet outlet, @Nullable Throwable failure) {
        onTheirWay.decrementAndGet();
        hear(
                claim.downlink().queueItemId(),
                null,
                item ->
                        failure == null
                                ? new ActuationStep.Taken(item, outlet.answerWithin())
                                : refused(item, failure));
    }

    private static ActuationStep refused(UUID item, Throwable failure) {
        return switch (failure) {
            case CompletionException e when e.getCause() != null -> refused(item, e.getCause());
            case DownlinkRefused refusal ->
                    new ActuationStep.Refused(item, refusal.reason(), refusal.permanent());
            case TimeoutException _ ->
                    new ActuationStep.Refused(item, "the network did not take it in time", false);
            default -> new ActuationStep.Refused(item, String.valueOf(failure.getMessage()), false);
        };
    }

    @Override
    public void close() {
        lookout.close();
    }
}
