package org.tethral.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tethral.device.ConnectionLog;
import org.tethral.device.DeviceId;
import org.tethral.device.Status;
import org.tethral.ingest.Fact;
import org.tethral.kernel.Secret;

/// Who falls silent is noticed.
final class KeepAliveTest {

    private TestEdge platform;

    @BeforeEach
    void start() {
        platform = TestEdge.started();
    }

    @AfterEach
    void stop() {
        platform.close();
    }

    private HandDriven connected(int keepAlive) {
        return connected(5, keepAlive);
    }

    private HandDriven connected(int version, int keepAlive) {
        var token = platform.registry.device("pump-7");
        platform.login.token(new Secret(token)); // remembered: it is let in at once
        var client = new HandDriven(platform.surroundings());
        client.receive(Wire.connect(version, "c", true, keepAlive, token, null));
        assertThat(client.sent()).startsWith(0x20);
        return client;
    }

    @Test
    void endsAConnectionAfterOneAndAHalfTimesItsKeepAlive() {
        try (var client = connected(60)) {
            client.pass(Duration.ofSeconds(90));
            assertThat(client.open()).isTrue();
            client.pass(Duration.ofSeconds(1));
            assertThat(client.open()).isFalse();
            assertThat(client.sent()).startsWith(0xE0).contains(0x8D);
        }
        eventually(() -> platform.journal.facts(Fact.Linked.class).size() == 2);
        assertThat(platform.journal.facts(Fact.Linked.class).getLast().entry().kind())
                .isEqualTo(ConnectionLog.Kind.TIMEOUT);
    }

    @Test
    void keepsAConnectionThatIsHeardOf() {
        try (var client = connected(10)) {
            for (int i = 0; i < 200; i++) {
                client.pass(Duration.ofSeconds(14));
                client.receive(Wire.pingreq());
            }
            assertThat(client.open()).isTrue();
            client.pass(Duration.ofMillis(15_500));
            assertThat(client.open()).isFalse();
        }
    }

    @Test
    void keepsAConnectionThatMayBeSilentForEver() {
        try (var client = connected(0)) {
            client.pass(Duration.ofDays(2));
            assertThat(client.open()).isTrue();
        }
    }

    @Test
    void keepsTheLongestKeepAliveThatThereIs() {
        try (var client = connected(65_535)) {
            client.pass(Duration.ofSeconds(98_302));
            assertThat(client.open()).isTrue();
            client.pass(Duration.ofSeconds(2));
            assertThat(client.open()).isFalse();
        }
    }

    @Test
    void endsWhoDoesNotConnectInTime() {
        try (var client = new HandDriven(platform.surroundings())) {
            client.pass(Duration.ofMillis(9_750));
            assertThat(client.open()).isTrue();
            client.pass(Duration.ofMillis(750));
            assertThat(client.open()).isFalse();
        }
    }

    @Test
    void doesNotBlameAClientForSilenceWhileItIsNotRead() {
        try (var client = connected(4, 10)) {
            eventually(() -> platform.journal.facts(Fact.Linked.class).size() == 1);
            platform.journal.hold();
            for (int i = 1; i <= Acknowledgements.WAITING_MAX; i++) {
                client.receive(Wire.publish(4, "devices/pump-7/report", 1, i, "{\"n\":1}"));
            }
            client.pass(Duration.ofSeconds(40));
            assertThat(client.open()).isTrue();

            platform.journal.release();
            var answered = new AtomicInteger();
            eventually(() -> {
                client.runTasks();
                return answered.addAndGet(client.sent().length) == 4 * Acknowledgements.WAITING_MAX;
            });
            client.pass(Duration.ofSeconds(16));
            assertThat(client.open()).isFalse();
        }
    }

    @Test
    void marksADeviceOfflineThatFallsSilent() {
        try (var wire = new Wire(platform.edge.port())) {
            wire.send(Wire.connect(5, "c", true, 1, platform.registry.device("pump-7"), null));
            wire.expect(Wire.CONNACK);
            assertThat(wire.expect(Wire.DISCONNECT).at(0)).isEqualTo(0x8D);
        }
        eventually(() ->
                platform.journal.situation(new DeviceId("pump-7")).orElseThrow().presence().status()
                        == Status.OFFLINE);
    }

    @Test
    void tellsASilentOneWithinATickAndNobodyElse() {
        var seed = 42L;
        var random = new Random(seed);
        var wheel = new KeepAliveWheel();
        record One(KeepAliveWheel.Watch watch, long due) {}
        var silent = new ArrayList<Integer>();
        var all = new ArrayList<One>();
        for (int i = 0; i < 500; i++) {
            var number = i;
            var patience = Duration.ofMillis(1 + random.nextInt(600_000));
            var ticks = Math.ceilDiv(patience.toMillis(), KeepAliveWheel.TICK.toMillis());
            all.add(new One(wheel.watch(patience, () -> silent.add(number)), ticks));
        }
        List<Integer> gone = new ArrayList<>();
        for (int i = 0; i < 500; i += 7) {
            wheel.remove(all.get(i).watch());
            gone.add(i);
        }
        for (long tick = 1; tick <= 2_500; tick++) {
            var before = silent.size();
            wheel.tick();
            for (var number : silent.subList(before, silent.size())) {
                assertThat(tick - all.get(number).due()).as("seed " + seed).isEqualTo(1);
            }
        }
        assertThat(silent)
                .hasSize(500 - gone.size())
                .doesNotHaveDuplicates()
                .doesNotContainAnyElementsOf(gone);
    }
}
