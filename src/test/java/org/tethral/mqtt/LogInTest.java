package org.tethral.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tethral.device.Credential;
import org.tethral.device.DeviceId;
import org.tethral.ingest.Fact;
import org.tethral.ingest.MemoryJournal;
import org.tethral.kernel.StorageException;

/// Who is let in, and what the others are told.
final class LogInTest {

    private TestEdge platform;

    @BeforeEach
    void start() {
        platform = TestEdge.started();
    }

    @AfterEach
    void stop() {
        platform.close();
    }

    private Wire.Packet connack(byte[] connect) {
        try (var wire = new Wire(platform.edge.port())) {
            wire.send(connect);
            return wire.expect(Wire.CONNACK);
        }
    }

    @ParameterizedTest
    @CsvSource({"4, 4", "5, 0x86"})
    void tellsAWrongTokenByTheCodeOfItsVersion(int level, String code) {
        var answer = connack(Wire.connect(level, "pump-7", true, 60, "guessed", null));

        assertThat(answer.at(1)).isEqualTo(Integer.decode(code));
        if (level == 5) {
            assertThat(answer.text()).contains("unknown or expired credential");
        }
        eventually(() -> platform.inbox.size() == 1);
        assertThat(platform.inbox.getFirst().identity()).isEqualTo("pump-7");
        assertThat(platform.inbox.getFirst().remoteAddress()).isEqualTo("127.0.0.1");
        assertThat(platform.inbox.toString()).doesNotContain("guessed");
    }

    @ParameterizedTest
    @CsvSource({"4, 5", "5, 0x87"})
    void tellsADisabledDevice(int level, String code) {
        var token = platform.registry.device("pump-7");
        platform.registry.disable("pump-7");

        assertThat(connack(Wire.connect(level, "c", true, 60, token, null)).at(1))
                .isEqualTo(Integer.decode(code));
    }

    @ParameterizedTest
    @CsvSource({"4, 5", "5, 0x87"})
    void tellsWhoShowsNothing(int level, String code) {
        assertThat(connack(Wire.connect(level, "c", true, 60, null, null)).at(1))
                .isEqualTo(Integer.decode(code));
    }

    @ParameterizedTest
    @CsvSource({"4, 3", "5, 0x88"})
    void saysThatItIsTheDatabaseWhenItIsAway(int level, String code) {
        var token = platform.registry.device("pump-7");
        platform.registry.away(true);

        assertThat(connack(Wire.connect(level, "c", true, 60, token, null)).at(1))
                .isEqualTo(Integer.decode(code));
        assertThat(platform.inbox).isEmpty();
    }

    @Test
    void letsInByUserNameAndPassword() {
        platform.registry.device("pump-7");
        platform.registry.credential("pump-7", Credential.Type.PASSWORD, "pump", "secret");

        assertThat(connack(Wire.connect(4, "c", true, 60, "pump", "secret")).at(1)).isZero();
        assertThat(connack(Wire.connect(4, "c", true, 60, "pump", "other")).at(1)).isEqualTo(4);
        assertThat(connack(Wire.connect(4, "c", true, 60, "nobody", "secret")).at(1)).isEqualTo(4);
    }

    @Test
    void takesATokenWhateverPasswordComesWithIt() {
        var token = platform.registry.device("pump-7");

        assertThat(connack(Wire.connect(4, "c", true, 60, token, "")).at(1)).isZero();
        assertThat(connack(Wire.connect(5, "c", true, 60, token, "x")).at(1)).isZero();
    }

    @Test
    void tellsAnUnknownVersionWithTheCodeThatAllVersionsKnow() {
        for (var level : new int[] {2, 6, 127}) {
            var answer = connack(Wire.connect(level, "c", true, 60, "t", null));
            assertThat(answer.body()).containsExactly(0, 1);
        }
    }

    @Test
    void givesAnIdToAClientWithout() {
        var token = platform.registry.device("pump-7");

        assertThat(connack(Wire.connect(4, "", true, 60, token, null)).at(1)).isZero();
        assertThat(connack(Wire.connect(4, "", false, 60, token, null)).at(1)).isEqualTo(2);
        var answer = connack(Wire.connect(5, "", false, 60, token, null));
        assertThat(answer.at(1)).isZero();
        assertThat(answer.text()).contains("auto-");
    }

    @Test
    void tellsMqtt5ClientsItsLimits() {
        var token = platform.registry.device("pump-7");

        var body = connack(Wire.connect(5, "c", true, 60, token, null)).body();

        assertThat(body).containsSequence(0x21, 1_000 >> 8, 1_000 & 0xFF); // Receive Maximum
        assertThat(body).containsSequence(0x27, 0, 4, 0, 0); // Maximum Packet Size 262144
        assertThat(body).containsSequence(0x22, 0, 16); // Topic Alias Maximum
        assertThat(body).containsSequence(0x2A, 0); // no shared subscriptions
    }

    @Test
    void refusesAnotherKindOfLogIn() {
        var token = platform.registry.device("pump-7");
        var method = new Wire.Bytes().one(0x15).text("SCRAM").array();

        assertThat(connack(Wire.connect(5, "c", true, 60, token, null, method)).at(1))
                .isEqualTo(0x8C);
    }

    @Test
    void endsWhoeverDoesNotBeginWithConnect() {
        try (var wire = new Wire(platform.edge.port())) {
            wire.send(Wire.publish(4, "devices/pump-7/report", 0, 0, "{}"));
            assertThat(wire.closedByServer()).isTrue();
        }
    }

    @Test
    void endsWhoeverConnectsTwice() {
        var token = platform.registry.device("pump-7");
        try (var wire = Wire.connected5(platform, "c", token)) {
            wire.send(Wire.connect(5, "c", true, 60, token, null));
            assertThat(wire.expect(Wire.DISCONNECT).at(0)).isEqualTo(0x82);
            assertThat(wire.closedByServer()).isTrue();
        }
    }

    @Test
    void doesNotHoldOthersUpWhileItLooksADeviceUp() throws Exception {
        var slow = platform.registry.device("slow");
        var quick = platform.registry.device("quick");
        connack(Wire.connect(4, "c", true, 60, quick, null)); // is remembered now
        var release = new CountDownLatch(1);
        platform.registry.beforeLookup(() -> await(release));
        var waiting = new ArrayList<Wire>();
        try {
            for (int i = 0; i < 8; i++) { // more than there are event loops
                var wire = new Wire(platform.edge.port());
                wire.send(Wire.connect(4, "s" + i, true, 60, slow, null));
                waiting.add(wire);
            }
            assertThat(connack(Wire.connect(4, "c", true, 60, quick, null)).at(1)).isZero();
            assertThat(waiting.getFirst().silentFor(50)).isTrue();
            release.countDown();
            for (var wire : waiting) {
                assertThat(wire.expect(Wire.CONNACK).at(1)).isZero();
            }
        } finally {
            release.countDown();
            waiting.forEach(Wire::close);
        }
    }

    @Test
    void answersWhatWasSentWithoutWaitingForTheLogIn() {
        var token = platform.registry.device("pump-7");
        try (var wire = new Wire(platform.edge.port())) {
            wire.send(
                    new Wire.Bytes()
                            .all(Wire.connect(4, "c", true, 60, token, null))
                            .all(Wire.publish(4, "devices/pump-7/report", 1, 1, "{\"n\":1}"))
                            .all(Wire.publish(4, "devices/pump-7/report", 1, 2, "{\"n\":2}"))
                            .all(Wire.pingreq())
                            .array());
            wire.expect(Wire.CONNACK);
            var types =
                    java.util.List.of(wire.read().type(), wire.read().type(), wire.read().type());
            assertThat(types).containsExactlyInAnyOrder(Wire.PUBACK, Wire.PUBACK, Wire.PINGRESP);
        }
        assertThat(platform.journal.reports()).isEqualTo(2);
    }

    @Test
    void handsAClientIdOverToTheConnectionThatComesLater() {
        var token = platform.registry.device("pump-7");
        try (var first = Wire.connected5(platform, "c", token);
                var other = Wire.connected5(platform, "d", token);
                var second = Wire.connected5(platform, "c", token)) {
            assertThat(first.expect(Wire.DISCONNECT).at(0)).isEqualTo(0x8E);
            assertThat(first.closedByServer()).isTrue();
            for (var wire : java.util.List.of(other, second)) {
                wire.send(Wire.pingreq());
                wire.expect(Wire.PINGRESP);
            }
            eventually(() -> platform.edge.connections() == 2);
        }
    }

    @Test
    void keepsClientIdsOfDifferentDevicesApart() {
        try (var one = Wire.connected5(platform, "c", platform.registry.device("pump-7"));
                var two = Wire.connected5(platform, "c", platform.registry.device("pump-8"))) {
            for (var wire : java.util.List.of(one, two)) {
                wire.send(Wire.pingreq());
                wire.expect(Wire.PINGRESP);
            }
        }
    }

    @Test
    void boundsTheConnectionsOfADevice() {
        var token = platform.registry.device("pump-7");
        var wires = new ArrayList<Wire>();
        try {
            for (int i = 0; i < Sessions.CONNECTIONS_PER_DEVICE_MAX; i++) {
                wires.add(Wire.connected5(platform, "c" + i, token));
            }
            assertThat(connack(Wire.connect(5, "more", true, 60, token, null)).at(1))
                    .isEqualTo(0x97);
        } finally {
            wires.forEach(Wire::close);
        }
    }

    @Test
    void closesTheConnectionsOfADeviceThatIsEvicted() {
        var token = platform.registry.device("pump-7");
        try (var wire = Wire.connected5(platform, "c", token);
                var other = Wire.connected5(platform, "c", platform.registry.device("pump-8"))) {
            platform.evictions.evict(new DeviceId("pump-7"), "the token was revoked");

            var goodbye = wire.expect(Wire.DISCONNECT);
            assertThat(goodbye.at(0)).isEqualTo(0x98);
            assertThat(goodbye.text()).contains("the token was revoked");
            other.send(Wire.pingreq());
            other.expect(Wire.PINGRESP);
        }
    }

    @Test
    void doesNotLetInADeviceThatIsEvictedWhileItLogsIn() {
        var token = platform.registry.device("pump-7");
        var evicted = new AtomicBoolean();
        platform.registry.beforeLookup(() -> {
            if (evicted.compareAndSet(false, true)) {
                // revoked after its credential is read: the second look finds it disabled
                platform.evictions.evict(new DeviceId("pump-7"), "disabled");
            } else {
                platform.registry.disable("pump-7");
            }
        });

        assertThat(connack(Wire.connect(5, "c", true, 60, token, null)).at(1)).isEqualTo(0x87);
    }

    @Test
    void closesADeviceThatThePipelineDoesNotKnowAnyMore() {
        var token = platform.registry.device("pump-7");
        platform.journal.remove(new DeviceId("pump-7"));
        try (var wire = Wire.connected5(platform, "c", token)) {
            assertThat(wire.expect(Wire.DISCONNECT).at(0)).isEqualTo(0x87);
        }
    }

    @Test
    void tellsThePipelineWhoComesAndGoes() {
        var token = platform.registry.device("pump-7");
        try (var wire = Wire.connected5(platform, "c", token)) {
            eventually(() -> platform.edge.connected(new DeviceId("pump-7")));
            wire.send(Wire.disconnect());
            assertThat(wire.closedByServer()).isTrue();
        }
        eventually(() -> platform.journal.facts(Fact.Linked.class).size() == 2);
        var gone = platform.journal.facts(Fact.Linked.class).getLast().entry();
        assertThat(gone.reason()).isEqualTo("closed by the device");
        assertThat(gone.node()).isEqualTo("node-1");
        eventually(() -> !platform.edge.connected(new DeviceId("pump-7")));
        eventually(() -> platform.edge.connections() == 0);
    }

    @Test
    void tellsALostConnectionFromAClosedOne() {
        var token = platform.registry.device("pump-7");
        Wire.connected3(platform, "c", token).close();

        eventually(() -> platform.journal.facts(Fact.Linked.class).size() == 2);
        assertThat(platform.journal.facts(Fact.Linked.class).getLast().entry().reason())
                .isEqualTo("connection lost");
    }

    @Test
    void tellsThatADeviceIsGoneAlsoWhenTheDatabaseIsAwayMeanwhile() {
        var token = platform.registry.device("pump-7");
        var wire = Wire.connected3(platform, "c", token);
        eventually(() -> platform.journal.facts(Fact.Linked.class).size() == 1);
        platform.journal.failNext(
                2, MemoryJournal.Failure.BEFORE_COMMIT, StorageException.Cause.UNAVAILABLE);
        wire.close();

        eventually(() -> platform.journal.facts(Fact.Linked.class).size() == 2);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
