package org.tethral.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tethral.device.DevEui;
import org.tethral.lorawan.ChirpStackNetwork;
import org.tethral.lorawan.ChirpStackNetwork.Radio;
import org.tethral.mqttclient.Mosquitto;
import org.tethral.sql.TestDatabase;

/// Sensors and displays on a ChirpStack that tells much twice and late, behind a real broker that
/// is restarted meanwhile: at the end each display shows what its sensor said last.
final class LorawanSpacesTest {

    private static final int SPACES = 10;
    private static final int UPLINKS = 8;
    private static final String FREE = "0000ff6400";
    private static final String OCCUPIED = "ff00006400";
    private static final String CODEC =
            "function decodeUplink(input) { return { data: { occupied: input.bytes[0] === 1 } }; }";

    @TempDir private Path directory;

    @Test
    void showsWhatItsSensorSaidLast() throws Exception {
        var seed = new Random().nextLong();
        var random = new Random(seed);
        try (var broker = Mosquitto.start(Files.createDirectory(directory.resolve("broker")));
                var database = TestDatabase.sqlite();
                var server =
                        ServerProcess.start(
                                directory,
                                database.commandLine(),
                                "--chirpstack",
                                broker.url(),
                                "--chirpstack-group",
                                "off");
                var network = new ChirpStackNetwork(broker.port(), new Radio(0, 0.3, 100), seed)) {
            for (int i = 0; i < SPACES; i++) {
                furnish(server, i);
            }
            eventually(() -> read(server, "/api/v1/integrations").contains("\"problem\":null"));
            var last = new boolean[SPACES];
            for (int round = 0; round < UPLINKS; round++) {
                for (int i = 0; i < SPACES; i++) {
                    last[i] = random.nextBoolean();
                    network.uplink(
                            sensor(i), 1, new byte[] {(byte) (last[i] ? 1 : 0)}, Instant.now());
                }
                if (round == UPLINKS / 2) {
                    network.flush();
                    broker.stop();
                    broker.resume();
                }
            }
            for (int i = 0; i < SPACES; i++) {
                var display = display(i);
                var code = HexFormat.of().parseHex(last[i] ? OCCUPIED : FREE);
                eventually(() ->
                        network.shown(display)
                                .filter(shown -> Arrays.equals(shown.payload(), code))
                                .isPresent());
                assertThat(network.shown(display).orElseThrow().port())
                        .as("seed %d", seed)
                        .isEqualTo(15);
            }
            var failed = "/api/v1/actuations?failed=true";
            assertThat(read(server, failed)).as("seed %d", seed).contains("\"items\":[]");
            eventually(() ->
                    !read(server, "/api/v1/actuations?limit=1000")
                            .contains("\"downlink_confirmed\":false"));
            assertThat(server.stop()).isZero();
        }
    }

    private static DevEui sensor(int number) {
        return new DevEui("50000000000000%02X".formatted(number));
    }

    private static DevEui display(int number) {
        return new DevEui("D0000000000000%02X".formatted(number));
    }

    private void furnish(ServerProcess server, int number) throws Exception {
        for (var kind : new String[] {"lot", "light"}) {
            made(
                    server,
                    "POST",
                    "/api/v1/devices",
                    "{\"device_id\":\"%s-%d\",\"protocol\":\"lorawan\"}".formatted(kind, number));
        }
        made(
                server,
                "PUT",
                "/api/v1/sensors/lot-" + number,
                "{\"dev_eui\":\"%s\",\"payload_decoder\":\"%s\"}".formatted(sensor(number), CODEC));
        made(
                server,
                "PUT",
                "/api/v1/displays/light-" + number,
                "{\"dev_eui\":\"%s\",\"display_type\":\"kuando_busylight\",\"confirmed_downlinks\":true,\"application\":\"%s\"}"
                        .formatted(display(number), ChirpStackNetwork.APPLICATION));
        made(
                server,
                "POST",
                "/api/v1/spaces",
                "{\"code\":\"P-%1$d\",\"sensor_device_id\":\"lot-%1$d\",\"display_device_id\":\"light-%1$d\"}"
                        .formatted(number));
    }

    private HttpResponse<String> call(ServerProcess server, String method, String path, String body)
            throws Exception {
        try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            return client.send(
                    HttpRequest.newBuilder(server.http().resolve(path))
                            .timeout(Duration.ofSeconds(10))
                            .header(
                                    "Authorization",
                                    "Bearer "
                                            + Files.readString(directory.resolve("local-key"))
                                                    .strip())
                            .method(
                                    method,
                                    body.isEmpty()
                                            ? HttpRequest.BodyPublishers.noBody()
                                            : HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private String read(ServerProcess server, String path) throws Exception {
        var answer = call(server, "GET", path, "");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    private void made(ServerProcess server, String method, String path, String body)
            throws Exception {
        var answer = call(server, method, path, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    }
}
