package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.tethral.account.CommunityId;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.DeviceId;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.payload.DeviceMessages;
import org.tethral.payload.Encoding;
import org.tethral.payload.Malformed;
import org.tethral.payload.ThingsBoardPayload;

/// Random, cut off and changed input. Each run prints its seed; give it back as `-Dtethral.seed=…`
/// to see the same again.
class FuzzTest {

    private static final int INPUTS = 120_000;
    private static final int REQUESTS = 3_200;
    private static final int WORKERS = 8;

    private static final Instant NOW = Instant.parse("2026-07-01T00:00:00Z");
    private static final ConnectingDevice DEVICE =
            new ConnectingDevice(
                    new DeviceId("d"),
                    CommunityId.DEFAULT,
                    true,
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(90));

    private static final List<String> BODIES =
            List.of(
                    "{\"temperature\":21.5,\"air\":{\"t\":1e3,\"ok\":true},\"text\":\"ä€😀\\u0041\"}",
                    "{\"timestamp\":\"2026-01-01T00:00:00.5+02:00\",\"message_id\":\"m1\",\"values\":{\"a\":-1}}",
                    "{\"timestamp\":1767225600000,\"message_id\":7,\"values\":{\"a\":[1,2,{\"b\":null}]}}",
                    "[{\"a\":1},{\"ts\":1767225600000,\"values\":{\"a\":2}}]",
                    "{\"state\":\"idle\",\"reason\":\"x\"}",
                    "idle",
                    "\"idle\"",
                    "{\"type\":\"door.opened\",\"priority\":\"high\",\"data\":{},\"ttl\":60,\"event_id\":\"e\"}",
                    "[{\"type\":\"x\"},{\"type\":\"y\",\"ttl\":1}]",
                    "{\"device_id\":\"pump\",\"name\":\"P\",\"protocol\":\"mqtt\",\"capabilities\":[\"a\"],\"metadata\":{\"a\":1}}",
                    "99999999999999999999999999999",
                    "1e999",
                    "[]",
                    "{}",
                    "null",
                    "[[[[[[[[]]]]]]]]");

    @Test
    void understandsOrRefusesWhateverABodyHolds() throws Exception {
        var seed = seed();
        var random = new Random(seed);
        var vertx = Vertx.vertx();
        try {
            var mounting =
                    Contract.load(vertx)
                            .mounting()
                            .toCompletionStage()
                            .toCompletableFuture()
                            .get(30, TimeUnit.SECONDS);
            var addDevice = mounting.entries().get("addDevice").schema();
            var understood = 0;
            for (int i = 0; i < INPUTS; i++) {
                var body = mutated(random);
                if (parse(body, i % 40 == 0 ? 5 : i % 5, addDevice, random)) {
                    understood++;
                }
            }
            System.out.println(
                    "seed " + seed + ": " + understood + " of " + INPUTS + " understood");
            assertThat(understood)
                    .isBetween(
                            INPUTS / 50, INPUTS * 9 / 10); // neither is all noise, nor is all well
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }
    }

    /// False: refused with a reason. Whatever else is thrown fails the test.
    private static boolean parse(byte[] body, int kind, RequestSchema schema, Random random) {
        try {
            var messages =
                    switch (kind) {
                        case 0 -> DeviceMessages.report(body, Encoding.JSON, DEVICE, NOW);
                        case 1 -> DeviceMessages.states(body, Encoding.JSON, DEVICE, NOW);
                        case 2 -> DeviceMessages.events(body, Encoding.JSON, DEVICE, NOW, random);
                        case 3 -> ThingsBoardPayload.telemetry(body, NOW);
                        case 4 -> List.of(ThingsBoardPayload.attributes(body, NOW));
                        default -> device(body, schema);
                    };
            return !messages.isEmpty();
        } catch (Malformed | MalformedJson | Refusal e) {
            assertThat(e.getMessage()).isNotBlank();
            return false;
        }
    }

    private static List<?> device(byte[] body, RequestSchema schema) throws MalformedJson {
        var none = MultiMap.caseInsensitiveMultiMap();
        var errors = schema.errors(Map.of(), none, none, Buffer.buffer(body));
        if (!errors.isEmpty()) {
            throw new Refusal(Problem.invalid(errors));
        }
        return List.of(DeviceJson.about("d", Json.parseObject(body)));
    }

    @Test
    void servesOnWhateverComesOverTheSocket() throws Exception {
        var seed = seed();
        System.out.println("seed " + seed);
        try (var server = new ApiServer()) {
            var token = server.device("survivor");
            try (var workers = Executors.newVirtualThreadPerTaskExecutor()) {
                var done = new ArrayList<Future<?>>();
                for (int worker = 0; worker < WORKERS; worker++) {
                    var random = new Random(seed + worker);
                    done.add(
                            workers.submit(() -> {
                                for (int i = 0; i < REQUESTS / WORKERS; i++) {
                                    send(
                                            server.edge.port(),
                                            request(server, token, random),
                                            random);
                                }
                                return null;
                            }));
                }
                for (var one : done) {
                    one.get(); // fails if its worker did
                }
            }
            assertThat(server.report(token, "{\"i\":-1}").status()).isEqualTo(200);
            assertThat(server.get("/health").status()).isEqualTo(200);
            assertThat(server.get("/api/v1/devices").status()).isEqualTo(200);
        }
    }

    private static byte[] request(ApiServer server, String token, Random random) {
        var paths = server.conformance.operations();
        var operation = paths.get(random.nextInt(paths.size()));
        var path =
                operation
                        .path()
                        .replaceAll(
                                "\\{[a-z_]+}", random.nextBoolean() ? "survivor" : "%F0%9F%98%80");
        var body = new String(mutated(random), StandardCharsets.ISO_8859_1);
        var head =
                operation.method()
                        + " "
                        + path
                        + "?limit="
                        + random.nextInt(3)
                        + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                        + (operation.isForDevices() ? token : server.key)
                        + "\r\nContent-Type: application/json\r\n"
                        + (random.nextInt(8) == 0
                                ? "Transfer-Encoding: chunked"
                                : "Content-Length: " + (body.length() + random.nextInt(3) - 1))
                        + "\r\n\r\n";
        var bytes = (head + body).getBytes(StandardCharsets.ISO_8859_1);
        return random.nextInt(3) == 0 ? changed(bytes, random) : bytes;
    }

    /// Sends, perhaps in two halves, reads a little or nothing, and is gone.
    private static void send(int port, byte[] bytes, Random random) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20);
            var out = socket.getOutputStream();
            var half = random.nextInt(bytes.length);
            out.write(bytes, 0, half);
            out.flush();
            out.write(bytes, half, bytes.length - half);
            if (random.nextBoolean()) {
                var read = socket.getInputStream().read(new byte[256]);
                assertThat(read).isLessThanOrEqualTo(256);
            }
        } catch (java.net.SocketException | java.net.SocketTimeoutException e) {
            // hung up on us, or waits for the rest: both are its right
        }
    }

    private static byte[] mutated(Random random) {
        var bytes = BODIES.get(random.nextInt(BODIES.size())).getBytes(StandardCharsets.UTF_8);
        return switch (random.nextInt(6)) {
            case 0 -> bytes;
            case 1 -> Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            case 2 -> noise(random);
            case 3 -> joined(bytes, random);
            default -> changed(bytes, random);
        };
    }

    private static byte[] noise(Random random) {
        var bytes = new byte[random.nextInt(64)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] joined(byte[] bytes, Random random) {
        var other = BODIES.get(random.nextInt(BODIES.size())).getBytes(StandardCharsets.UTF_8);
        var cut = random.nextInt(bytes.length + 1);
        var all = Arrays.copyOf(bytes, cut + other.length);
        System.arraycopy(other, 0, all, cut, other.length);
        return all;
    }

    private static byte[] changed(byte[] bytes, Random random) {
        var changed = bytes.clone();
        for (int i = 0; i <= random.nextInt(4); i++) {
            var at = random.nextInt(changed.length);
            changed[at] =
                    random.nextBoolean()
                            ? (byte) random.nextInt(256)
                            : (byte) "{}[]\",:0-9e\\\0 ".charAt(random.nextInt(14));
        }
        return changed;
    }

    private static long seed() {
        return Long.getLong("tethral.seed", System.nanoTime());
    }
}
