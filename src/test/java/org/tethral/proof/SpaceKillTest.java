package org.tethral.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tethral.sql.TestDatabase;

/// `kill -9` while sensors report. Then each space is what its sensor said last, its trail has each
/// change that was acknowledged, once and in order, and of the commands to its display, which is
/// away, only the last one waits.
final class SpaceKillTest {

    private static final int SPACES = 6;
    private static final int REPORTS = 60;
    private static final int KILLS = 2;

    /// What a killed node was handing over is given up, and sent again.
    private static final Duration SETTLED_WITHIN = Duration.ofSeconds(60);

    @TempDir private Path directory;

    private final AtomicInteger acknowledged = new AtomicInteger();
    private volatile URI server = URI.create("http://127.0.0.1:1");

    @Test
    void losesNoChangeOfASpace() throws Exception {
        var seed = new Random().nextLong();
        var random = new Random(seed);
        try (var database = TestDatabase.sqlite();
                var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
                var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            var process = start(database);
            try {
                for (int i = 0; i < SPACES; i++) {
                    furnish(client, i);
                }
                var sensors = new ArrayList<Future<?>>();
                for (int i = 0; i < SPACES; i++) {
                    var number = i;
                    sensors.add(pool.submit(() -> sense(client, number)));
                }
                for (int kill = 1; kill <= KILLS; kill++) {
                    var from = kill * SPACES * REPORTS / (KILLS + 1);
                    eventually(() -> acknowledged.get() >= from);
                    TimeUnit.MILLISECONDS.sleep(random.nextInt(50));
                    process.kill();
                    process = start(database);
                }
                for (var sensor : sensors) {
                    sensor.get(60, TimeUnit.SECONDS);
                }
                eventually(
                        () -> read(client, "/api/v1/spaces?state=free").contains("\"items\":[]"));
                eventually(SETTLED_WITHIN, () -> isSettled(client));
                assertThat(process.stop()).isZero();
            } finally {
                pool.shutdownNow();
                process.close();
            }
            try (var connection = database.connect()) {
                count(connection, seed);
            }
        }
    }

    private ServerProcess start(TestDatabase database) throws IOException {
        var process = ServerProcess.start(directory, database.commandLine(), "--log-level", "warn");
        server = process.http();
        return process;
    }

    private String key() throws IOException {
        return Files.readString(directory.resolve("local-key")).strip();
    }

    private HttpResponse<String> call(
            HttpClient client, String method, String path, String token, String body)
            throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(server.resolve(path))
                        .timeout(Duration.ofSeconds(10))
                        .header("Authorization", "Bearer " + token)
                        .method(
                                method,
                                body.isEmpty()
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private String read(HttpClient client, String path) throws Exception {
        return call(client, "GET", path, key(), "").body();
    }

    /// Each display has its last command, and no other waits for it.
    private boolean isSettled(HttpClient client) throws Exception {
        for (int i = 0; i < SPACES; i++) {
            var last = read(client, "/api/v1/actuations?limit=1&display_device_id=light-" + i);
            if (!last.contains("\"status\":\"sent\"")
                    || !last.contains("\"shown_state\":\"occupied\"")) {
                return false;
            }
        }
        return read(client, "/api/v1/command-logs?status=pending&limit=100")
                        .split("\"command_id\"", -1)
                        .length
                == SPACES + 1;
    }

    private void made(HttpClient client, String method, String path, String body) throws Exception {
        var answer = call(client, method, path, key(), body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    }

    private void furnish(HttpClient client, int number) throws Exception {
        for (var kind : List.of("lot", "light")) {
            made(
                    client,
                    "POST",
                    "/api/v1/devices",
                    "{\"device_id\":\"%s-%d\",\"token\":\"secret-of-%s-%d\"}"
                            .formatted(kind, number, kind, number));
        }
        made(client, "PUT", "/api/v1/sensors/lot-" + number, "{}");
        made(
                client,
                "PUT",
                "/api/v1/displays/light-" + number,
                "{\"display_type\":\"kuando_busylight\",\"confirmed_downlinks\":true}");
        made(
                client,
                "POST",
                "/api/v1/spaces",
                "{\"code\":\"P-%1$d\",\"sensor_device_id\":\"lot-%1$d\",\"display_device_id\":\"light-%1$d\"}"
                        .formatted(number));
    }

    /// Free and occupied by turns; each again until it is acknowledged.
    private void sense(HttpClient client, int number) {
        for (int i = 1; i <= REPORTS; i++) {
            var body =
                    "{\"message_id\":\"m%d\",\"values\":{\"occupied\":%s,\"n\":%d}}"
                            .formatted(i, i % 2 == 0, i);
            while (true) {
                try {
                    var token = "secret-of-lot-" + number;
                    var answer = call(client, "POST", "/device/v1/report", token, body);
                    if (answer.statusCode() < 300) {
                        break;
                    }
                    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
                } catch (IOException e) {
                    pause(); // it is being killed, or starts
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
            acknowledged.incrementAndGet();
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(50);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void count(Connection connection, long seed) throws SQLException {
        for (int i = 0; i < SPACES; i++) {
            var trail =
                    texts(
                            connection,
                            """
                            SELECT a.new_state FROM actuations a JOIN spaces s ON s.id = a.space_id
                            WHERE s.code = 'P-%d' AND a.trigger_type = 'sensor_uplink' ORDER BY a.created_at, a.id
                            """
                                    .formatted(i));
            assertThat(trail).as("space %s, seed %s", i, seed).hasSize(REPORTS);
            for (int change = 0; change < REPORTS; change++) {
                assertThat(trail.get(change)).isEqualTo(change % 2 == 0 ? "free" : "occupied");
            }
            assertThat(
                            texts(
                                    connection,
                                    """
                                    SELECT json_extract(l.payload, '$.state') FROM command_logs l
                                    JOIN command_dispatches d ON d.command_id = l.command_id
                                    WHERE d.device_id = 'light-%d' AND d.status = 'pending'
                                    """
                                            .formatted(i)))
                    .as("what waits for display %s, seed %s", i, seed)
                    .containsExactly("occupied");
        }
    }

    private static List<String> texts(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            var texts = new ArrayList<String>();
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
            return texts;
        }
    }
}
