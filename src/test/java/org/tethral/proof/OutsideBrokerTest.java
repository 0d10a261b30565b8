package org.tethral.proof;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tethral.mqttclient.Mosquitto;
import org.tethral.sql.TestDatabase;

/// Devices publish on a real Mosquitto; Tethral subscribes there, is killed, and shares the work
/// with another node. Then everything is counted.
final class OutsideBrokerTest {

    private static final int DEVICES = 20;
    private static final int PUBLISHED_AT_A_TIME = 200;

    @TempDir private Path folder;

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void losesNothingWhenItIsKilledUnderLoad() throws Exception {
        var seed = new Random().nextLong();
        var random = new Random(seed);
        try (var broker = Mosquitto.start(folder);
                var database = TestDatabase.sqlite()) {
            var home = Files.createDirectory(folder.resolve("home"));
            var running = server(broker, database, home);
            try {
                awaitBridge(running);
                var published = new ArrayList<String>();
                for (int round = 0; round < 3; round++) {
                    var load = CompletableFuture.supplyAsync(() -> publish(broker, 4_000));
                    TimeUnit.MILLISECONDS.sleep(300 + random.nextInt(500));
                    running.kill();
                    running = server(broker, database, home);
                    published.addAll(load.get(2, TimeUnit.MINUTES));
                }
                var last = running;
                eventually(() ->
                        metric(last, "tethral_bridge_unanswered") == 0
                                && Counting.missing(published, stored(database)).isEmpty());
                last.stop();
                assertThat(Counting.missing(published, stored(database)))
                        .as("seed %d", seed)
                        .isEmpty();
                assertThat(Counting.doubled(stored(database))).as("seed %d", seed).isEmpty();
                System.out.printf(
                        "outside broker: 3 kills, %d published, none missing, none twice (seed %d)%n",
                        published.size(), seed);
            } finally {
                running.close();
            }
        }
    }

    @Test
    void sharesTheLoadOfTheBrokerAmongTwoNodes() throws Exception {
        try (var broker = Mosquitto.start(folder);
                var database = TestDatabase.postgresql();
                var one = server(broker, database, Files.createDirectory(folder.resolve("one")));
                var two = server(broker, database, Files.createDirectory(folder.resolve("two")))) {
            for (var node : List.of(one, two)) {
                awaitBridge(node);
            }
            var published = publish(broker, 4_000);

            eventually(() -> Counting.missing(published, stored(database)).isEmpty());

            assertThat(Counting.doubled(stored(database))).isEmpty();
            var first = metric(one, "tethral_bridge_received_total");
            var second = metric(two, "tethral_bridge_received_total");
            assertThat(first).isGreaterThan(400);
            assertThat(second).isGreaterThan(400);
            assertThat(first + second).isGreaterThanOrEqualTo(published.size());
        }
    }

    private static ServerProcess server(Mosquitto broker, TestDatabase database, Path home) {
        return ServerProcess.start(
                home,
                database.commandLine(),
                List.of("--http-port", "0", "--mqtt-port", "off", "--mqtt-websocket-port", "off"),
                "--open-registration",
                "true",
                "--bridge",
                broker.url());
    }

    /// Acknowledged by the broker, each as `device message-id`.
    private static List<String> publish(Mosquitto broker, int count) {
        Mqtt5AsyncClient client =
                Mqtt5Client.builder()
                        .serverHost("127.0.0.1")
                        .serverPort(broker.port())
                        .buildAsync();
        client.connect().join();
        var run = Long.toHexString(System.nanoTime());
        var published = new ArrayList<String>();
        for (int from = 0; from < count; from += PUBLISHED_AT_A_TIME) {
            var waiting = new ArrayList<CompletableFuture<?>>();
            for (int i = from; i < from + PUBLISHED_AT_A_TIME; i++) {
                var device = "outside-" + i % DEVICES;
                var id = run + "-" + i;
                waiting.add(
                        client.publishWith()
                                .topic("devices/" + device + "/report")
                                .qos(MqttQos.AT_LEAST_ONCE)
                                .payload(
                                        "{\"message_id\":\"%s\",\"values\":{\"n\":%d}}"
                                                .formatted(id, i)
                                                .getBytes(UTF_8))
                                .send());
                published.add(device + " " + id);
            }
            CompletableFuture.allOf(waiting.toArray(CompletableFuture[]::new)).join();
        }
        client.disconnect().join();
        return published;
    }

    private static Map<String, Integer> stored(TestDatabase database) throws SQLException {
        try (var connection = database.connect()) {
            return Counting.stored(connection);
        }
    }

    private void awaitBridge(ServerProcess server) throws Exception {
        eventually(() -> get(server, "/health").contains("\"bridge\",\"status\":\"up\""));
    }

    private double metric(ServerProcess server, String name) throws Exception {
        return get(server, "/metrics")
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElse(0);
    }

    private String get(ServerProcess server, String path) throws Exception {
        return http.send(
                        HttpRequest.newBuilder(URI.create(server.http() + path)).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
