package org.tethral.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.tethral.kernel.Secret;

/// Whatever bytes come: the edge still serves, and no exception gets past the connection that they
/// came on.
final class FuzzTest {

    private static final int INPUTS = 100_000;
    private static final int SOCKETS = 300;

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private TestEdge platform;
    private String token;
    private List<byte[]> valid;

    @BeforeEach
    void start() {
        log.start();
        root.addAppender(log);
        platform = TestEdge.started();
        platform.journal.forgetFacts();
        token = platform.registry.device("pump-7");
        platform.login.token(new Secret(token));
        valid = valid();
    }

    @AfterEach
    void stop() {
        platform.close();
        root.detachAppender(log);
    }

    private List<byte[]> valid() {
        var topic = "devices/pump-7/report";
        var properties =
                new Wire.Bytes()
                        .one(0x26)
                        .text("key")
                        .text("value")
                        .one(0x23)
                        .two(1)
                        .one(0x02)
                        .four(60)
                        .array();
        return List.of(
                Wire.connect(4, "c", true, 60, token, null),
                Wire.connect(
                        5, "c", false, 60, token, "x", new Wire.Bytes().one(0x11).four(60).array()),
                Wire.publish(4, topic, 0, 0, "{\"flow\":1.5}"),
                Wire.publish(5, topic, 1, 1, "{\"flow\":1.5}", true, properties),
                Wire.publish(
                        5,
                        topic,
                        2,
                        2,
                        "[{\"timestamp\":1,\"values\":{\"flow\":[1,{\"a\":null}]}}]"),
                Wire.publish(4, "devices/pump-7/state", 1, 3, "idle"),
                Wire.publish(
                        4,
                        "devices/pump-7/event",
                        1,
                        4,
                        "{\"type\":\"leak\",\"ttl\":5,\"data\":{}}"),
                Wire.publish(
                        4, "v1/devices/me/telemetry", 1, 5, "{\"ts\":1,\"values\":{\"a\":true}}"),
                Wire.publish(
                        4, "v1/devices/me/attributes/request/1", 1, 6, "{\"clientKeys\":\"a\"}"),
                Wire.publish(4, "v1/gateway/telemetry", 1, 7, "{\"pump-8\":[{\"a\":1}]}"),
                Wire.pubrel(2),
                Wire.puback(1),
                Wire.subscribe(4, 8, "devices/pump-7/+", 1),
                Wire.subscribe(5, 9, "devices/pump-7/desired", 0x2D),
                Wire.unsubscribe(5, 10, "devices/pump-7/+"),
                Wire.pingreq(),
                Wire.disconnect(),
                new byte[] {(byte) 0xE0, 2, 0x04, 0},
                new byte[] {(byte) 0xF0, 0});
    }

    @Test
    void survivesWhateverIsSent() {
        var seed = System.nanoTime();
        System.out.println("FuzzTest.survivesWhateverIsSent seed " + seed);
        var random = new Random(seed);
        var around = platform.surroundings();
        for (int i = 0; i < INPUTS; i++) {
            var input = input(random);
            try (var client = new HandDriven(around)) {
                if (random.nextInt(4) > 0) {
                    var level = random.nextBoolean() ? 4 : 5;
                    client.receive(
                            Wire.connect(
                                    level,
                                    "c" + random.nextInt(3),
                                    random.nextBoolean(),
                                    60,
                                    token,
                                    null));
                }
                var cut = random.nextInt(input.length + 1);
                client.receive(java.util.Arrays.copyOf(input, cut));
                client.receive(java.util.Arrays.copyOfRange(input, cut, input.length));
                client.sent();
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed + ", input " + i, e);
            }
        }
        assertThat(around.meters().connections()).isZero();
        assertThat(around.connecting()).hasValue(0);
        assertWell(seed);
    }

    @Test
    void survivesItOnSocketsToo() {
        var seed = System.nanoTime();
        System.out.println("FuzzTest.survivesItOnSocketsToo seed " + seed);
        var random = new Random(seed);
        for (int i = 0; i < SOCKETS; i++) {
            try (var wire =
                    random.nextBoolean()
                            ? new Wire(platform.edge.port())
                            : Wire.connected5(platform, "c", token)) {
                wire.send(input(random));
            } catch (java.io.UncheckedIOException e) {
                assertThat(e.getMessage()).isEqualTo("send"); // closed meanwhile, as it should be
            }
        }
        eventually(() -> platform.edge.connections() == 0);
        assertWell(seed);
    }

    private void assertWell(long seed) {
        try (var wire = Wire.connected3(platform, "well", platform.registry.device("well"))) {
            wire.send(Wire.publish(4, "devices/well/report", 1, 1, "{\"n\":1}"));
            wire.expect(Wire.PUBACK);
        }
        assertThat(
                        log.list.stream()
                                .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                                .toList())
                .as("seed " + seed)
                .isEmpty();
    }

    /// Packets one after the other, some of them random, cut, longer, or with bits flipped.
    private byte[] input(Random random) {
        var all = new Wire.Bytes();
        for (var left = 1 + random.nextInt(4); left > 0; left--) {
            var packet = valid.get(random.nextInt(valid.size())).clone();
            switch (random.nextInt(6)) {
                case 0 -> {
                    packet = new byte[random.nextInt(64)];
                    random.nextBytes(packet);
                }
                case 1 ->
                        packet = java.util.Arrays.copyOf(packet, random.nextInt(packet.length + 1));
                case 2 ->
                        packet = java.util.Arrays.copyOf(packet, packet.length + random.nextInt(8));
                case 3, 4 -> {
                    for (var flips = 1 + random.nextInt(4); flips > 0; flips--) {
                        packet[random.nextInt(packet.length)] ^= (byte) (1 << random.nextInt(8));
                    }
                }
                default -> {}
            }
            all.all(packet);
        }
        return all.array();
    }
}
