package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.DeviceId;
import org.tethral.device.Profile;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
import org.tethral.ingest.SpaceFeed;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.kernel.Value;
import org.tethral.space.Actuation;
import org.tethral.space.ActuationStore;
import org.tethral.space.Actuator;
import org.tethral.space.DisplayDownlink;
import org.tethral.space.DisplayOutlet;
import org.tethral.space.DisplayType;
import org.tethral.space.DownlinkRefused;
import org.tethral.space.Space;
import org.tethral.space.SpaceKeeper;
import org.tethral.space.SpaceState;
import org.tethral.state.StateName;

/// The whole way: a report through the ingest pipeline, the space that it changes, the display that
/// is told. With a clock that is set by hand, and a network that loses things.
@EachEngine
class SpaceChainContractTest extends SpaceRig {

    private static int runs;

    private final AtomicReference<Instant> time = new AtomicReference<>(START);
    private final Network network = new Network();
    private Ingest ingest;
    private @Nullable SpaceKeeper keeper;
    private @Nullable Actuator actuator;

    SpaceChainContractTest(TestDatabase test) {
        super(test);
    }

    /// A network with displays, each of which shows what it got last.
    private final class Network implements DisplayOutlet {

        final Map<DeviceId, String> shown = new ConcurrentHashMap<>();
        final List<Long> sentNanos = new ArrayList<>();
        private @Nullable SplittableRandom faults;

        @Override
        public synchronized CompletionStage<Void> send(DisplayDownlink downlink) {
            sentNanos.add(System.nanoTime());
            var news = actuator;
            var fate = faults == null ? 9 : faults.nextInt(10);
            if (fate == 0) {
                return CompletableFuture.failedFuture(new DownlinkRefused("no broker", false));
            }
            if (fate == 1) {
                return CompletableFuture.completedFuture(null); // lost on its way
            }
            shown.put(downlink.display().device(), downlink.payload().hex());
            if (news == null || fate == 2) {
                return CompletableFuture.completedFuture(null); // its news is lost
            }
            var now = time.get();
            if (fate != 3) {
                news.transmitted(downlink.queueItemId(), now);
            }
            if (downlink.confirmed()) {
                news.acknowledged(downlink.queueItemId(), fate != 4, now);
                news.acknowledged(downlink.queueItemId(), fate != 4, now);
            }
            news.transmitted(UUID.randomUUID(), now);
            return CompletableFuture.completedFuture(null);
        }
    }

    @BeforeEach
    void start() {
        var name = "chain-" + runs++;
        var random = new SplittableRandom(runs * 31L);
        ingest =
                new Ingest(
                        SqlJournal.lanes(database),
                        lane -> SqlJournal.open(database, name, lane, random.split()),
                        time::get,
                        new SimpleMeterRegistry());
        ingest.listen(facts -> {
            var spaces = keeper;
            var displays = actuator;
            if (spaces != null && displays != null) {
                new SpaceFeed(spaces, displays).committed(facts);
            }
        });
        ingest.start();
    }

    private void startKeeping() {
        var displays = new Actuator(actuations, DisplayOutlet.NOWHERE, time::get);
        displays.reachLorawan(network);
        var spaces =
                new SpaceKeeper(
                        work, new SqlHistoryStore(database, _ -> {}), displays::look, time::get);
        actuator = displays;
        keeper = spaces;
        displays.start();
        spaces.start();
    }

    private void stopKeeping() {
        if (keeper != null) {
            keeper.close();
            keeper = null;
        }
        if (actuator != null) {
            actuator.close();
            actuator = null;
        }
    }

    @AfterEach
    void stop() {
        stopKeeping();
        ingest.close();
    }

    private void report(DeviceId sensor, Instant at, Document values) {
        submit(
                new Inbound.Report(
                        connecting(sensor),
                        time.get(),
                        List.of(new Inbound.Measurement(at, null, values))));
    }

    private void submit(Inbound message) {
        try {
            assertThat(ingest.submit(message).get(30, TimeUnit.SECONDS))
                    .isInstanceOf(Answer.Stored.class);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static ConnectingDevice connecting(DeviceId device) {
        return new ConnectingDevice(
                device,
                CommunityId.DEFAULT,
                true,
                Profile.HEARTBEAT_INTERVAL_DEFAULT,
                Profile.OFFLINE_AFTER_DEFAULT);
    }

    private static Document occupied(boolean occupied) {
        return Document.of("occupied", Value.of(occupied)).with("battery", Value.of(3.6));
    }

    private static String code(SpaceState state) {
        return DisplayType.KUANDO_BUSYLIGHT.usualCodes().of(state).orElseThrow().hex();
    }

    @Test
    void bringsWhatASensorReportsToItsDisplaySoon() {
        var sensor = sensor();
        var display = display(false);
        var space = space(sensor, display);
        startKeeping();
        report(sensor, START, occupied(true));
        eventually(() -> now(space).displayState() == SpaceState.OCCUPIED);
        assertThat(network.shown).containsEntry(display, code(SpaceState.OCCUPIED));
        var waited = new ArrayList<Long>();
        for (int i = 1; i <= 40; i++) {
            var count = network.sentNanos.size();
            var begin = System.nanoTime();
            time.set(second(i));
            report(sensor, second(i), occupied(i % 2 == 0));
            eventually(() -> network.sentNanos.size() > count);
            waited.add((network.sentNanos.getLast() - begin) / 1_000_000);
        }
        waited.sort(null);
        // what it is under load is for a measurement to say; here a poll would be seen
        assertThat(waited.get(20)).as("ms: %s", waited).isLessThan(100);
    }

    @Test
    void losesNothingThatWasCommittedWhileNobodyLooked() {
        var sensor = sensor();
        var display = display(false);
        var space = space(sensor, display);
        startKeeping();
        report(sensor, START, occupied(false));
        eventually(() -> now(space).state() == SpaceState.FREE);
        stopKeeping();
        report(sensor, second(1), occupied(true));
        report(sensor, second(2), occupied(false));
        report(sensor, second(3), occupied(true));
        time.set(second(4));
        startKeeping();
        eventually(() -> {
            time.set(time.get().plusSeconds(1)); // what was being handed over is given up
            return code(SpaceState.OCCUPIED).equals(network.shown.get(display));
        });
        assertThat(trail(space))
                .extracting(Actuation::next)
                .containsExactly(
                        SpaceState.FREE, SpaceState.OCCUPIED, SpaceState.FREE, SpaceState.OCCUPIED);
    }

    @Test
    void followsADeviceWhoseStateIsAWord() {
        var sensor = sensor();
        var space = space(sensor, null);
        startKeeping();
        var by = Actor.device(sensor.value());
        submit(
                new Inbound.StateReport(
                        connecting(sensor), time.get(), new StateName("occupied"), null, by));
        eventually(() -> now(space).state() == SpaceState.OCCUPIED);
    }

    /// Uplinks twice, late and while nobody looks; downlinks refused, lost, not acknowledged, their
    /// news lost: in the end each display shows what its space is, and that is what its sensor said
    /// last.
    @Test
    void showsInTheEndWhatTheInputsImply() {
        var seed = System.nanoTime();
        var random = new SplittableRandom(seed);
        network.faults = random.split();
        var sensors = new ArrayList<DeviceId>();
        var displays = new ArrayList<DeviceId>();
        var spaces = new ArrayList<Space>();
        for (int i = 0; i < 12; i++) {
            sensors.add(sensor());
            displays.add(display(i % 2 == 0));
            spaces.add(space(sensors.get(i), displays.get(i)));
        }
        startKeeping();
        var expected = new HashMap<DeviceId, Boolean>();
        var latest = new HashMap<DeviceId, Instant>();
        for (int step = 1; step <= 150; step++) {
            time.set(second(step * 20L));
            var sensor = sensors.get(random.nextInt(sensors.size()));
            var at = random.nextInt(5) == 0 ? second(random.nextInt(1, step * 20)) : time.get();
            var occupied = random.nextBoolean();
            if (!at.equals(latest.get(sensor))) {
                report(sensor, at, occupied(occupied));
                if (random.nextInt(4) == 0) {
                    report(sensor, at, occupied(occupied));
                }
                if (latest.get(sensor) == null || at.isAfter(latest.get(sensor))) {
                    latest.put(sensor, at);
                    expected.put(sensor, occupied);
                }
            }
            if (random.nextInt(30) == 0) {
                stopKeeping();
            } else if (keeper == null) {
                startKeeping();
            }
        }
        if (keeper == null) {
            startKeeping();
        }
        keeper.look();
        network.faults = null;
        eventually(() -> {
            time.set(time.get().plus(Duration.ofMinutes(3)));
            actuator.look();
            return spaces.stream().allMatch(space -> isAsSaid(space, expected))
                    && spaces.stream().allMatch(space -> isShown(space));
        });
        for (var space : spaces) {
            SpaceState before = SpaceState.UNKNOWN;
            for (var actuation : trail(space)) {
                if (actuation.previous() != actuation.next()) {
                    assertThat(actuation.previous()).as("seed %s", seed).isEqualTo(before);
                }
                before = actuation.next();
            }
            assertThat(before).as("seed %s", seed).isEqualTo(now(space).state());
        }
    }

    private boolean isAsSaid(Space space, Map<DeviceId, Boolean> expected) {
        var said = expected.get(space.serving().sensor());
        var state = now(space).state();
        return said == null
                ? state == SpaceState.UNKNOWN
                : state == (said ? SpaceState.OCCUPIED : SpaceState.FREE);
    }

    private boolean isShown(Space space) {
        var state = now(space).state();
        if (state == SpaceState.UNKNOWN) {
            return true;
        }
        var display = space.serving().display();
        var last =
                actuations
                        .list(
                                new ActuationStore.Filter(
                                        null, null, null, display, false, null, null),
                                Page.Request.first(1))
                        .items();
        if (last.getFirst().isFailed() && actuator != null) {
            // given up, until something is heard of the display again
            actuations.tellAgain(List.of(display), time.get());
        }
        return code(state).equals(network.shown.get(display)) && now(space).displayState() == state;
    }
}
