package org.tethral.coap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.network.serialization.UdpDataSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/// Whatever datagrams come: the edge still serves, and nothing is logged that somebody outside
/// could fill the disk with.
class FuzzTest {

    private static final int INPUTS = 100_000;
    private static final int SOCKET_INPUTS = 3_000;
    private static final int SENDERS = 50;

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private TestCoap platform;
    private List<byte[]> valid;

    @BeforeEach
    void start() {
        log.start();
        root.addAppender(log);
        platform = TestCoap.started();
        platform.device("pump-7");
        valid =
                List.of(
                        Wire.post(1, "token-of-pump-7", "{\"flow\":1.5}"),
                        Wire.post(2, "token-of-pump-7", "[{\"message_id\":\"m\",\"values\":{}}]"),
                        Wire.post(3, "guessed", "{\"flow\":1.5}"),
                        Wire.post(
                                4,
                                new String[] {"device", "v1", "state"},
                                "token-of-pump-7",
                                "idle"),
                        Wire.post(
                                5,
                                new String[] {"api", "v1", "token-of-pump-7", "telemetry"},
                                "",
                                "{\"ts\":1,\"values\":{\"a\":true}}"),
                        request(6, block(0, true)),
                        request(7, block(1, false)),
                        request(8, observe()),
                        request(9, Request.newDelete()),
                        new byte[] {0x40, 0, 0x12, 0x34}, // a ping
                        new byte[] {0x60, 0, 0x12, 0x34}, // an acknowledgement
                        new byte[] {0x70, 0, 0x12, 0x34}, // a reset
                        new byte[] {0x62, 0x45, 0x12, 0x34, 0x12, 0x34}); // a response
    }

    @AfterEach
    void stop() {
        platform.close();
        root.detachAppender(log);
    }

    private static Request block(int number, boolean more) {
        var request = Request.newPost();
        request.getOptions().setBlock1(2, more, number);
        request.setPayload(new byte[64]);
        return request;
    }

    private static Request observe() {
        var request = Request.newGet();
        request.setObserve();
        return request;
    }

    private static byte[] request(int messageId, Request request) {
        request.setURI("coap://127.0.0.1/device/v1/desired?token=token-of-pump-7");
        request.setMID(messageId);
        request.setToken(new byte[] {1, 2});
        return new UdpDataSerializer().getByteArray(request);
    }

    @Test
    void survivesWhateverComes() throws Exception {
        var seed = System.nanoTime();
        System.out.println("coap.FuzzTest.survivesWhateverComes seed " + seed);
        var random = new Random(seed);
        try (var ear = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            for (int i = 0; i < INPUTS; i++) {
                var input = input(random);
                var datagram = new DatagramPacket(input, input.length);
                datagram.setAddress(ear.getLocalAddress());
                datagram.setPort(
                        random.nextInt(SENDERS) == 0
                                ? 1 + random.nextInt(65_535)
                                : ear.getLocalPort());
                platform.edge.receive(datagram);
                if (i % 500 == 0) {
                    eventually(() -> platform.edge.waiting() < 500);
                }
            }
        }
        eventually(() -> platform.edge.waiting() == 0);
        assertThat(platform.meters.counter("tethral.coap.requests").count())
                .as("seed " + seed)
                .isGreaterThan(INPUTS / 20.0);
        assertWell(seed);
    }

    @Test
    void survivesItOnBothPortsToo() throws Exception {
        var seed = System.nanoTime();
        System.out.println("coap.FuzzTest.survivesItOnBothPortsToo seed " + seed);
        var random = new Random(seed);
        for (var port : List.of(platform.edge.port(), platform.edge.dtlsPort())) {
            try (var wire = new Wire(port)) {
                for (int i = 0; i < SOCKET_INPUTS; i++) {
                    var input = input(random);
                    if (port == platform.edge.dtlsPort() && input.length > 13) {
                        record(input, random);
                    }
                    wire.send(input);
                }
            }
        }
        assertWell(seed);
    }

    /// Makes it begin like a DTLS 1.2 record (RFC 6347, 4.1).
    private static void record(byte[] input, Random random) {
        input[0] = (byte) (20 + random.nextInt(6));
        input[1] = (byte) 0xFE;
        input[2] = (byte) 0xFD;
        Arrays.fill(input, 3, 11, (byte) 0);
        input[11] = (byte) (input.length - 13 >> 8);
        input[12] = (byte) (input.length - 13);
    }

    private void assertWell(long seed) throws Exception {
        platform.device("well");
        try (var client = new Client()) {
            var reply =
                    client.post(platform.uri("/device/v1/report?token=token-of-well"), "{\"n\":1}");
            assertThat(reply.code()).as("seed " + seed).isEqualTo(ResponseCode.CHANGED);
        }
        assertThat(
                        log.list.stream()
                                .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                                .toList())
                .as("seed " + seed)
                .isEmpty();
    }

    /// A datagram that is random, cut, longer, or has bits flipped; with message ids of its own.
    private byte[] input(Random random) {
        var input = valid.get(random.nextInt(valid.size())).clone();
        switch (random.nextInt(6)) {
            case 0 -> {
                input = new byte[random.nextInt(64)];
                random.nextBytes(input);
            }
            case 1 -> input = Arrays.copyOf(input, random.nextInt(input.length + 1));
            case 2 -> input = Arrays.copyOf(input, input.length + random.nextInt(8));
            case 3, 4 -> {
                for (var flips = 1 + random.nextInt(4); flips > 0; flips--) {
                    input[random.nextInt(input.length)] ^= (byte) (1 << random.nextInt(8));
                }
            }
            default -> {}
        }
        if (input.length > 3) {
            input[2] = (byte) random.nextInt(256);
            input[3] = (byte) random.nextInt(256);
        }
        return input;
    }
}
