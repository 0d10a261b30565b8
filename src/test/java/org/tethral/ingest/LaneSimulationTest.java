package org.tethral.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.DeviceId;
import org.tethral.device.Link;
import org.tethral.device.MessageId;
import org.tethral.device.Protocol;
import org.tethral.event.Event;
import org.tethral.event.EventType;
import org.tethral.event.Priority;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Value;
import org.tethral.state.Rollup;
import org.tethral.state.StateName;

/// The core in virtual time over a store that fails as its seed commands, thousands of times. A
/// failure names its seed: [#SEED_FIRST] with [#SEEDS] = 1 replays it.
class LaneSimulationTest {

    private static final long SEED_FIRST = 1;
    private static final int SEEDS = 2_000;
    private static final SimpleMeterRegistry METERS = new SimpleMeterRegistry();

    @BeforeAll
    static void silence() {
        lanesLog(Level.OFF); // they would tell of each failure
    }

    @AfterAll
    static void speak() {
        lanesLog(null);
    }

    private static void lanesLog(@Nullable Level level) {
        if (LoggerFactory.getLogger(Lane.class) instanceof Logger logger) {
            logger.setLevel(level);
        }
    }

    @Test
    void keepsEveryPromiseWhateverTheStoreDoes() throws InterruptedException {
        System.out.println("seeds " + SEED_FIRST + " to " + (SEED_FIRST + SEEDS - 1));
        for (var seed = SEED_FIRST; seed < SEED_FIRST + SEEDS; seed++) {
            try {
                new Run(seed).run();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private static final class Run {

        private final SplittableRandom random;
        private final FaultyJournal store;
        private final List<ConnectingDevice> devices = new ArrayList<>();
        private final List<Sent> sent = new ArrayList<>();
        private final Set<Inbound.Report> known =
                Collections.newSetFromMap(new IdentityHashMap<>());
        private final List<Fact> handedOn = new ArrayList<>();
        private final Map<DeviceId, Link> links = new HashMap<>();
        private Instant now = Instant.parse("2026-07-14T12:00:00Z");
        private int numbers;
        private Lane lane;

        Run(long seed) {
            random = new SplittableRandom(seed);
            store = new FaultyJournal(random.split(), random.nextInt(4) * 0.1);
            for (int i = 0; i < 1 + random.nextInt(4); i++) {
                var id = new DeviceId("d" + i);
                store.register(id, true);
                devices.add(device(id));
            }
            devices.add(device(new DeviceId("nobody")));
            lane = newLane();
        }

        private Lane newLane() {
            var pace =
                    new Pace() {
                        @Override
                        public long nanos() {
                            return Micros.of(now) * 1_000;
                        }

                        @Override
                        public void pause(Duration length) {
                            now = now.plus(length);
                        }
                    };
            return new Lane(0, store, () -> now, pace, METERS, handedOn::addAll, () -> {});
        }

        void run() throws InterruptedException {
            for (int i = 0; i < 60; i++) {
                switch (random.nextInt(12)) {
                    case 0 -> now = now.plusSeconds(random.nextInt(30));
                    case 1 -> now = now.minusMillis(random.nextInt(5_000)); // clocks go back, too
                    case 2, 3, 4 -> lane.turn(0);
                    case 5 -> mayCrash();
                    default -> {
                        for (int n = random.nextInt(6); n >= 0; n--) {
                            send(message());
                        }
                    }
                }
            }
            while (lane.waiting() > 0) {
                lane.turn(0);
            }
            lane.keepAllRollups();
            new Promises(store, sent).all();
            var seen = new HashSet<Long>();
            for (var fact : handedOn) {
                if (fact instanceof Fact.Reported(var snapshot, _)
                        && !seen.add(snapshot.sequence())) {
                    throw new AssertionError("handed on twice: " + fact);
                }
            }
        }

        /// The process is killed: what is not answered is lost, and sent again where it has an id.
        private void mayCrash() {
            if (random.nextInt(4) > 0) {
                return;
            }
            new Promises(store, sent).rollupsUpToTheMark();
            lane = newLane();
            store.rollups.clear(); // as the next start makes them: out of all snapshots
            store.snapshots.forEach(snapshot ->
                    Promises.rollups(snapshot)
                            .forEach(one ->
                                    store.rollups.merge(
                                            FaultyJournal.key(one), one, Rollup::merged)));
            var lost = sent.stream().filter(one -> one.answer == null).toList();
            for (var one : lost) {
                if (one.message instanceof Inbound.Report report
                        && report.measurements().stream().allMatch(m -> m.messageId() != null)) {
                    send(report);
                }
            }
        }

        private void send(Inbound message) {
            var one =
                    new Sent(
                            message,
                            message instanceof Inbound.Report report && !known.add(report));
            sent.add(one);
            assertThat(lane.offer(new Submission(message, null), 100, one::answered)).isTrue();
        }

        private Inbound message() {
            var device = devices.get(random.nextInt(devices.size()));
            now = now.plusMillis(random.nextInt(100));
            return switch (random.nextInt(14)) {
                case 0 ->
                        new Inbound.StateReport(
                                device,
                                now,
                                new StateName(random.nextBoolean() ? "idle" : "busy"),
                                null,
                                Actor.device(device.id().value()));
                case 1 -> new Inbound.EventReport(device, now, event(device));
                case 2 -> new Inbound.Heartbeat(device, now);
                case 3 -> {
                    var link = new Link(UUID.randomUUID(), Protocol.MQTT, null, "node");
                    links.put(device.id(), link);
                    yield new Inbound.Connected(device, now, link);
                }
                case 4 -> {
                    var link = links.get(device.id());
                    yield link == null
                            ? new Inbound.Silent(device, now)
                            : new Inbound.Disconnected(device, now, link, false, "closed");
                }
                case 5 ->
                        new Inbound.Desire(
                                device,
                                now,
                                Document.of("want", Value.of(random.nextInt(3))),
                                null,
                                Actor.system("test"));
                case 6 -> repeated(device);
                default -> report(device);
            };
        }

        private Event event(ConnectingDevice device) {
            return new Event(
                    "event-" + random.nextInt(10),
                    new EventType("told"),
                    "device:" + device.id(),
                    device.id(),
                    device.community(),
                    now,
                    Document.EMPTY,
                    Document.EMPTY,
                    Priority.NORMAL,
                    null);
        }

        private Inbound report(ConnectingDevice device) {
            var measurements = new ArrayList<Inbound.Measurement>();
            for (int i = random.nextInt(3); i >= 0; i--) {
                var n = ++numbers;
                var values = Document.of("n", Value.of(n)).with("t", Value.of(random.nextInt(9)));
                measurements.add(
                        new Inbound.Measurement(
                                now.minusSeconds(
                                        random.nextInt(8) == 0 ? random.nextInt(4_000) : 0),
                                random.nextBoolean() ? new MessageId("m" + n) : null,
                                random.nextInt(40) == 0
                                        ? values.with("p", FaultyJournal.POISON)
                                        : values));
            }
            return new Inbound.Report(device, now, measurements);
        }

        /// A report that was sent before, for example because its answer was late.
        private Inbound repeated(ConnectingDevice device) {
            var known =
                    sent.stream()
                            .map(one -> one.message)
                            .filter(Inbound.Report.class::isInstance)
                            .map(Inbound.Report.class::cast)
                            .filter(one ->
                                    one.measurements().stream()
                                            .allMatch(m -> m.messageId() != null))
                            .toList();
            return known.isEmpty() ? report(device) : known.get(random.nextInt(known.size()));
        }

        private static ConnectingDevice device(DeviceId id) {
            return new ConnectingDevice(
                    id, CommunityId.DEFAULT, true, Duration.ofSeconds(30), Duration.ofSeconds(90));
        }
    }
}
