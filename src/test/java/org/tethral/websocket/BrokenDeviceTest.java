package org.tethral.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.websocket.WebSocketEdgeTest.status;
import static org.tethral.websocket.WebSocketEdgeTest.until;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tethral.ingest.Fact;

/// Devices that misuse the socket harm nobody else, and are told what is wrong where the protocol
/// lets one.
class BrokenDeviceTest {

    private Rig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new Rig();
        rig.register("broken");
        rig.register("good");
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    @Test
    void putsFragmentsTogetherWithPingsBetweenThem() throws Exception {
        var message = status("m", "{\"text\":\"grün\"}").getBytes(StandardCharsets.UTF_8);
        try (var device = connect("broken")) {
            device.frame(RawSocket.TEXT, false, new byte[0]);
            for (int i = 0; i < message.length; i++) {
                device.frame(
                        RawSocket.CONTINUATION, i == message.length - 1, new byte[] {message[i]});
                if (i % 10 == 0) {
                    device.frame(RawSocket.PING, true, new byte[] {(byte) i});
                    assertThat(device.read().opcode()).isEqualTo(RawSocket.PONG);
                }
            }
            assertThat(device.read().text())
                    .isEqualTo("{\"message_type\":\"ack\",\"message_id\":\"m\"}");
        }
    }

    @Test
    void refusesATooLongMessageAndGoesOn() throws Exception {
        var part = new byte[Rig.MESSAGE_BYTES_MAX / 2];
        try (var device = connect("broken")) {
            device.frame(RawSocket.TEXT, false, part);
            for (int i = 0; i < 50; i++) {
                device.frame(RawSocket.CONTINUATION, i == 49, part);
            }
            assertThat(device.read().text())
                    .contains("\"error\"", "at most " + Rig.MESSAGE_BYTES_MAX + " bytes");

            device.frame(RawSocket.TEXT, true, new byte[Rig.MESSAGE_BYTES_MAX + 1]);
            assertThat(device.read().text())
                    .contains("\"error\"", "at most " + Rig.MESSAGE_BYTES_MAX + " bytes");

            device.text(status("m", "{\"a\":1}"));
            assertThat(device.read().text()).contains("\"ack\"");
        }
    }

    @Test
    void endsAConnectionWhoseFramesCannotBeToldApartAnyMore() throws Exception {
        try (var device = connect("broken")) {
            device.frame(RawSocket.TEXT, true, new byte[5 * Rig.MESSAGE_BYTES_MAX]);
            assertThat(device.closeCode()).isEqualTo(1009);
        }
        try (var device = connect("broken")) {
            device.bytes(new byte[] {(byte) 0xf3, 0x55, 0x00, 0x01});
            assertThat(device.closeCode()).isEqualTo(1002);
        }
        try (var device = connect("broken")) {
            device.frame(RawSocket.CONTINUATION, true, new byte[] {1});
            assertThat(device.closeCode()).isEqualTo(1002);
        }
        until(() -> rig.edge.connections() == 0);
        until(() -> rig.connectionLog("broken").size() == 6);
    }

    /// 4,000 messages, most of them unusable, mixed with good ones: each good one is acknowledged,
    /// in order.
    @Test
    void answersEveryGoodMessageAmongManyBadOnes() throws Exception {
        var seed = Long.getLong("tethral.fuzz.seed", System.nanoTime());
        System.out.println("socket fuzz seed " + seed);
        var random = new Random(seed);
        var frames = new RandomFrames(random);
        try (var device = connect("broken");
                var good = rig.connect("good")) {
            var writer =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    for (int i = 0; i < 4_000; i++) {
                                        var opcode =
                                                random.nextInt(20) == 0
                                                        ? RawSocket.BINARY
                                                        : RawSocket.TEXT;
                                        device.frame(opcode, true, frames.next());
                                        if (i % 40 == 39) {
                                            device.text(
                                                    status("good-" + i / 40, "{\"n\":" + i + "}"));
                                        }
                                    }
                                } catch (java.io.IOException e) {
                                    throw new AssertionError("seed " + seed, e);
                                }
                            });
            for (int i = 0; i < 100; i++) {
                var expected = "{\"message_type\":\"ack\",\"message_id\":\"good-" + i + "\"}";
                var text = device.read().text();
                while (!text.equals(expected)) {
                    assertThat(text)
                            .as("seed %d", seed)
                            .matches(
                                    answer -> !answer.contains("good-"),
                                    "no other good one is answered first");
                    text = device.read().text();
                }
            }
            writer.join();
            good.send(status("1", "{\"a\":1}"));
            assertThat(good.next().text("message_type")).hasValue("ack");
        }
    }

    @Test
    void doesNotReadADeviceThatDoesNotReadAndServesTheOthers() throws Exception {
        var sent = new AtomicInteger();
        var total = 80_000; // more than the buffers of both kernels hold
        var name = "m".repeat(200);
        try (var device = connect("broken");
                var good = rig.connect("good")) {
            var writer =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    for (int i = 0; i < total; i++) {
                                        device.text(status(name + i, "{\"n\":1}"));
                                        sent.incrementAndGet();
                                    }
                                } catch (java.io.IOException e) {
                                    throw new AssertionError(e);
                                }
                            });
            untilItStands(() -> sent.get() + rig.journal.reports());
            assertThat(sent.get()).as("the device is slowed down").isLessThan(total);
            var before = rig.journal.reports();

            good.send(status("1", "{\"a\":1}"));
            assertThat(good.next().text("message_type")).hasValue("ack");
            assertThat(rig.journal.reports()).isEqualTo(before + 1);

            for (int i = 0; i < total; i++) {
                assertThat(device.read().text())
                        .isEqualTo(
                                "{\"message_type\":\"ack\",\"message_id\":\"" + name + i + "\"}");
            }
            writer.join();
            assertThat(rig.journal.facts(Fact.Reported.class)).hasSize(total + 1);
        }
    }

    @Test
    void hangsUpOnADeviceThatPingsWithoutReadingThePongs() throws Exception {
        try (var device = connect("broken")) {
            var ping = new byte[125];
            var failed = false;
            for (int i = 0; i < 150_000 && !failed; i++) {
                try {
                    device.frame(RawSocket.PING, true, ping);
                } catch (java.io.IOException e) {
                    failed = true;
                }
            }
            assertThat(failed).isTrue();
        }
        until(() -> rig.edge.connections() == 0);
    }

    private RawSocket connect(String device) throws Exception {
        return new RawSocket(rig.port(), device, "token-of-" + device);
    }

    /// Waits until the count does not rise any more.
    private static void untilItStands(LongSupplier count) throws InterruptedException {
        int standing = 0;
        for (long before = -1; standing < 10; ) {
            Thread.sleep(50);
            var now = count.getAsLong();
            standing = now == before ? standing + 1 : 0;
            before = now;
        }
    }
}
