package org.tethral.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.config.SystemConfig;
import org.eclipse.californium.elements.config.UdpConfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.sql.TestDatabase;
import org.tethral.sql.Verify;

/// `kill -9` while commands are under way, again and again, to devices on three protocols that
/// answer, and to one that is away. Then every command, every end and every answer is counted.
final class CommandKillTest {

    private static final int ISSUERS = 32;
    private static final String AWAY = "away";
    private static final int AWAY_EVERY = 20;
    private static final Duration SETTLED_WITHIN = Duration.ofSeconds(60);

    @TempDir private Path directory;

    private final List<CommandedDevice> devices = new ArrayList<>();

    /// Of each command whose request was answered, its device.
    private final Map<String, String> issued = new ConcurrentHashMap<>();

    @ParameterizedTest
    @ValueSource(strings = {"SQLite", "PostgreSQL"})
    void losesNoCommandAndNoAnswer(String engine) throws Exception {
        prove(engine, 300, 2, 4);
    }

    @Tag("soak")
    @ParameterizedTest
    @ValueSource(strings = {"SQLite", "PostgreSQL"})
    void losesNoneOfTenThousand(String engine) throws Exception {
        prove(engine, 10_000, 6, 10);
    }

    private void prove(String engine, int commands, int kills, int devicesPerProtocol)
            throws Exception {
        var seed = new Random().nextLong();
        try (var database =
                engine.equals("SQLite") ? TestDatabase.sqlite() : TestDatabase.postgresql()) {
            carryUnderKills(database, commands, kills, devicesPerProtocol, new Random(seed));
            assertThat(issued).as("seed %d", seed).hasSize(commands);
            count(database, seed);
            System.out.printf(
                    "%s: %d kills, %d commands issued, %d answers acknowledged, none lost, none sent again (seed %d)%n",
                    engine,
                    kills,
                    issued.size(),
                    devices.stream().mapToInt(device -> device.acknowledged.size()).sum(),
                    seed);
        }
    }

    private void carryUnderKills(
            TestDatabase database, int commands, int kills, int devicesPerProtocol, Random random)
            throws Exception {
        var ports =
                List.of(
                        "--http-port",
                        Integer.toString(freePort()),
                        "--mqtt-port",
                        Integer.toString(freePort()),
                        "--mqtt-websocket-port",
                        "off",
                        "--coap-port",
                        Integer.toString(freePort()));
        String[] options = {"--log-level", "warn"};
        var server = ServerProcess.start(directory, database.commandLine(), ports, options);
        var endpoint = new CoapEndpoint.Builder().setConfiguration(configuration()).build();
        try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
                var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            var api = new Api(client, server.http(), localKey());
            var socket = URI.create("ws://127.0.0.1:" + server.http().getPort());
            for (int i = 0; i < devicesPerProtocol; i++) {
                devices.add(new CommandedDevice.OverHttp("http-" + i, client, server.http()));
                devices.add(new CommandedDevice.OverWebSocket("websocket-" + i, client, socket));
                devices.add(new CommandedDevice.OverMqtt("mqtt-" + i, server.mqttPort()));
                devices.add(new CommandedDevice.OverCoap("coap-" + i, endpoint, server.coapPort()));
            }
            for (var device : devices) {
                api.register(device.id, device.token);
            }
            api.register(AWAY, "token-of-" + AWAY);
            devices.forEach(CommandedDevice::start);

            var next = new AtomicInteger();
            var issuers = new ArrayList<Future<?>>();
            for (int i = 0; i < ISSUERS; i++) {
                issuers.add(pool.submit(() -> issue(api, next, commands)));
            }
            for (int i = 1; i <= kills; i++) {
                awaitIssued(commands * i / (kills + 1), issuers);
                TimeUnit.MILLISECONDS.sleep(random.nextInt(200));
                server.kill();
                server = ServerProcess.start(directory, database.commandLine(), ports, options);
            }
            for (var issuer : issuers) {
                issuer.get(2, TimeUnit.MINUTES);
            }
            api.awaitAllEnded();
            awaitAnswersAcknowledged();
            for (var device : devices) {
                device.stop();
            }
            assertThat(server.stop()).isZero();
        } finally {
            endpoint.destroy();
            server.close();
        }
    }

    private Void issue(Api api, AtomicInteger next, int commands) throws InterruptedException {
        for (int number = next.getAndIncrement();
                number < commands;
                number = next.getAndIncrement()) {
            var away = number % AWAY_EVERY == 0;
            var device = away ? AWAY : devices.get(number % devices.size()).id;
            issued.put(api.issue(device, number, away ? 3 : 300), device);
        }
        return null;
    }

    private void awaitIssued(int count, List<Future<?>> issuers) throws InterruptedException {
        var deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (issued.size() < count) {
            assertThat(System.nanoTime()).as("%d issued", issued.size()).isLessThan(deadline);
            assertThat(issuers).noneMatch(one -> one.state() == Future.State.FAILED);
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    private void awaitAnswersAcknowledged() throws InterruptedException {
        var deadline = System.nanoTime() + SETTLED_WITHIN.toNanos();
        for (var device : devices) {
            while (!device.acknowledged.containsAll(device.answers.keySet())) {
                assertThat(System.nanoTime()).as(device.id).isLessThan(deadline);
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
    }

    private String localKey() throws IOException {
        return Files.readString(directory.resolve("local-key")).strip();
    }

    private record Api(HttpClient client, URI server, String key) {

        private HttpResponse<String> call(String path, String idempotencyKey, String body)
                throws IOException, InterruptedException {
            var request =
                    HttpRequest.newBuilder(server.resolve(path))
                            .timeout(Duration.ofSeconds(10))
                            .header("Authorization", "Bearer " + key);
            if (!idempotencyKey.isEmpty()) {
                request.header("Idempotency-Key", idempotencyKey);
            }
            return client.send(
                    (body.isEmpty()
                                    ? request
                                    : request.POST(HttpRequest.BodyPublishers.ofString(body)))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }

        void register(String device, String token) throws Exception {
            var body = "{\"device_id\":\"%s\",\"token\":\"%s\"}".formatted(device, token);
            assertThat(call("/api/v1/devices", "", body).statusCode()).isEqualTo(201);
        }

        /// Asks until it is answered; the key makes one command of all that.
        String issue(String device, int number, int ttl) throws InterruptedException {
            var body =
                    """
                    {"command_name": "do", "payload": %d, "ttl": %d, "timeout": 2, "max_attempts": 100}
                    """
                            .formatted(number, ttl);
            while (true) {
                try {
                    var answer = call("/api/v1/devices/" + device + "/command", "k" + number, body);
                    if (answer.statusCode() == 202) {
                        return Json.parseObject(answer.body()).text("command_id").orElseThrow();
                    }
                    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
                } catch (IOException e) {
                    TimeUnit.MILLISECONDS.sleep(50); // it is being killed, or starts
                } catch (org.tethral.json.MalformedJson e) {
                    throw new AssertionError(e);
                }
            }
        }

        void awaitAllEnded() throws Exception {
            var deadline = System.nanoTime() + SETTLED_WITHIN.toNanos();
            for (var status : List.of("pending", "sent", "delivered")) {
                while (true) {
                    var page = call("/api/v1/command-logs?status=" + status, "", "").body();
                    var open = Json.parseObject(page).find("items").orElseThrow();
                    if (((Value.Array) open).items().isEmpty()) {
                        break;
                    }
                    assertThat(System.nanoTime()).as(page).isLessThan(deadline);
                    TimeUnit.MILLISECONDS.sleep(50);
                }
            }
        }
    }

    private record End(String device, String status, Document answer, boolean inTime) {}

    private void count(TestDatabase database, long seed) throws Exception {
        Map<String, End> ends;
        try (var connection = database.connect()) {
            ends = ends(connection, database.toString().equals("SQLite"));
        }
        assertThat(ends.keySet()).as("issued; seed %d", seed).containsAll(issued.keySet());
        assertThat(ends.values())
                .as("not ended, or not in time; seed %d", seed)
                .filteredOn(end -> !end.inTime())
                .isEmpty();
        issued.forEach((command, device) -> {
            var end = ends.get(command);
            assertThat(end.device()).isEqualTo(device);
            assertThat(end.status().equals("expired")).as(command).isEqualTo(device.equals(AWAY));
        });
        for (var device : devices) {
            assertThat(device.answers).as(device.id).isNotEmpty(); // nobody stood aside
            assertThat(device.sentAgain).as("%s; seed %d", device.id, seed).isEmpty();
            for (var command : device.acknowledged) {
                assertThat(ends.get(command).answer())
                        .as("the answer to %s; seed %d", command, seed)
                        .isEqualTo(device.answers.get(command));
            }
        }
        assertThat(Verify.of(database.database()))
                .as("seed %d", seed)
                .allSatisfy(finding -> assertThat(finding.broken()).as("%s", finding).isZero());
    }

    /// By command, as each is for one device. In time: when it expired, or when the server was
    /// there again.
    private static Map<String, End> ends(Connection connection, boolean sqlite)
            throws SQLException {
        var ends = new HashMap<String, End>();
        var inTime =
                "coalesce(ended_at <= expires_at + "
                        + (sqlite ? "30000000, 0)" : "interval '30 s', FALSE)");
        try (var statement = connection.createStatement();
                var rows =
                        statement.executeQuery(
                                "SELECT command_id, device_id, status, answer, response, "
                                        + inTime
                                        + " FROM command_dispatches")) {
            while (rows.next()) {
                var answer = Document.EMPTY;
                if (rows.getString(4) != null) {
                    answer =
                            Document.of("status", Value.of(rows.getString(4)))
                                    .with("result", Value.of(text(rows.getString(5))));
                }
                var twice =
                        ends.put(
                                rows.getString(1),
                                new End(
                                        rows.getString(2),
                                        rows.getString(3),
                                        answer,
                                        rows.getBoolean(6)));
                assertThat(twice).isNull();
            }
        }
        return ends;
    }

    private static String text(String json) {
        return json.substring(1, json.length() - 1);
    }

    private static Configuration configuration() {
        return new Configuration(
                        CoapConfig.DEFINITIONS, UdpConfig.DEFINITIONS, SystemConfig.DEFINITIONS)
                .set(UdpConfig.UDP_RECEIVER_THREAD_COUNT, 1)
                .set(UdpConfig.UDP_SENDER_THREAD_COUNT, 1)
                .set(CoapConfig.ACK_TIMEOUT, 500, TimeUnit.MILLISECONDS);
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
