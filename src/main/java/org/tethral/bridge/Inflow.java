package org.tethral.bridge;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.account.Actor;
import org.tethral.device.Admission;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.DeviceId;
import org.tethral.device.Protocol;
import org.tethral.device.Rejections;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.StorageException;
import org.tethral.payload.Malformed;
import org.tethral.payload.MappedPayload;
import org.tethral.payload.NativePayload;
import org.tethral.payload.TopicMaps;

/// Messages of the outside broker on their way into the queue: in their order, on one thread, which
/// waits where the queue is full or the database is away. Meanwhile the broker waits for its
/// acknowledgements, and sends no more than is agreed.
final class Inflow {

    /// A device, or that there is none, is looked up again after that long.
    private static final Duration REMEMBERED_FOR = Duration.ofSeconds(60);

    private static final Duration STRANGER_REMEMBERED_FOR = Duration.ofSeconds(5);
    private static final int REMEMBERED_MAX = 20_000;
    private static final Duration LOOK_UP_AGAIN_AFTER = Duration.ofMillis(500);
    private static final Duration ROOM_WAIT_MAX = Duration.ofSeconds(1);
    private static final Logger LOG = LoggerFactory.getLogger(Inflow.class);

    private record Known(Optional<ConnectingDevice> device, long untilNanos) {}

    private final TopicMaps maps;
    private final String node;
    private final String broker;
    private final Ingest ingest;
    private final Admission admission;
    private final Rejections rejections;
    private final BridgeMeters meters;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final ConcurrentMap<String, Known> known = new ConcurrentHashMap<>();

    Inflow(Bridge.Settings settings, Bridge.Parts parts, BridgeMeters meters) {
        this.maps = settings.maps();
        this.node = settings.node();
        this.broker = settings.broker().host();
        this.ingest = parts.ingest();
        this.admission = parts.admission();
        this.rejections = parts.rejections();
        this.clock = parts.clock();
        this.random = parts.random();
        this.meters = meters;
    }

    /// The registry changed the device.
    void forget(DeviceId device) {
        known.remove(device.value());
    }

    /// Returns when the message is in the queue, or will never be.
    ///
    /// @param acknowledge run when it is durable, or when nothing of it is to be stored; not run
    ///   when the thread is interrupted
    void take(String topic, byte[] payload, Runnable acknowledge) throws InterruptedException {
        meters.received();
        var subject = Subject.of(topic, maps);
        if (subject.isEmpty()) {
            drop(BridgeMeters.Reason.TOPIC, topic, "no device has this topic", acknowledge);
            return;
        }
        var name = subject.get().device();
        if (name.isEmpty()) {
            acknowledge.run(); // of no interest, as its topic map says
            return;
        }
        var device = device(name);
        if (device.isEmpty()) {
            rejections.rejected(name, Protocol.MQTT, broker, "unknown device on broker " + broker);
            drop(BridgeMeters.Reason.STRANGER, topic, "unknown device", acknowledge);
            return;
        }
        List<Inbound> told;
        try {
            told = read(subject.get(), payload, device.get());
        } catch (Malformed e) {
            drop(BridgeMeters.Reason.PAYLOAD, topic, String.valueOf(e.getMessage()), acknowledge);
            return;
        }
        offer(told, payload.length, acknowledge);
    }

    private void drop(BridgeMeters.Reason reason, String topic, String why, Runnable acknowledge) {
        meters.dropped(reason);
        LOG.atDebug()
                .addKeyValue("topic", topic)
                .addKeyValue("reason", why)
                .log("message of the outside broker dropped");
        acknowledge.run();
    }

    private Optional<ConnectingDevice> device(String name) throws InterruptedException {
        var one = known.get(name);
        if (one != null && System.nanoTime() - one.untilNanos() < 0) {
            return one.device();
        }
        var found = lookUp(name);
        if (known.size() >= REMEMBERED_MAX) {
            known.clear();
        }
        var keep = found.isPresent() ? REMEMBERED_FOR : STRANGER_REMEMBERED_FOR;
        known.put(name, new Known(found, System.nanoTime() + keep.toNanos()));
        return found;
    }

    /// As long as the database is away, it does not return.
    private Optional<ConnectingDevice> lookUp(String name) throws InterruptedException {
        while (true) {
            try {
                return admission.onBroker(name);
            } catch (StorageException e) {
                LOG.atDebug().addKeyValue("reason", e.getMessage()).log("cannot look up a device");
                if (e.kind() == StorageException.Cause.REFUSED) {
                    return Optional.empty();
                }
                Thread.sleep(LOOK_UP_AGAIN_AFTER);
            }
        }
    }

    private List<Inbound> read(Subject subject, byte[] payload, ConnectingDevice device)
            throws Malformed {
        var now = clock.instant();
        return switch (subject) {
            case Subject.Mapped(var match) ->
                    MappedPayload.read(
                            match,
                            payload,
                            new MappedPayload.Context(device, now, broker, node, random));
            case Subject.Own(_, var kind) ->
                    List.of(
                            switch (kind) {
                                case REPORT ->
                                        new Inbound.Report(
                                                device, now, NativePayload.report(payload, now));
                                case STATE -> {
                                    var state = NativePayload.state(payload);
                                    yield new Inbound.StateReport(
                                            device,
                                            now,
                                            state.state(),
                                            state.reason(),
                                            Actor.device(device.id().value()));
                                }
                                case EVENT ->
                                        new Inbound.EventReport(
                                                device,
                                                now,
                                                NativePayload.event(payload, device, now, random));
                            });
        };
    }

    private void offer(List<Inbound> told, int bytes, Runnable acknowledge)
            throws InterruptedException {
        if (told.isEmpty()) {
            acknowledge.run();
            return;
        }
        meters.begun();
        var left = new AtomicInteger(told.size());
        for (var one : told) {
            var device = one.device().id();
            Ingest.Reply reply =
                    answer -> {
                        answered(device, answer);
                        if (left.decrementAndGet() == 0) {
                            meters.answered();
                            acknowledge.run();
                        }
                    };
            while (!ingest.offer(one, bytes / told.size(), reply)) {
                awaitRoom(device);
            }
        }
    }

    private void awaitRoom(DeviceId device) throws InterruptedException {
        var room = new Semaphore(0);
        ingest.whenRoom(device, room::release);
        // whoever closes the pipeline tells nobody
        var _ = room.tryAcquire(ROOM_WAIT_MAX.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// What the platform will never take is acknowledged too: the broker would send it for ever.
    private void answered(DeviceId device, Answer answer) {
        switch (answer) {
            case Answer.Stored _ -> {}
            case Answer.UnknownDevice _ -> {
                forget(device);
                meters.dropped(BridgeMeters.Reason.STRANGER);
            }
            case Answer.DisabledDevice _,
                    Answer.UnknownCommand _,
                    Answer.VersionIsNow _,
                    Answer.Unstorable _ ->
                    meters.dropped(BridgeMeters.Reason.REFUSED);
        }
    }
}
