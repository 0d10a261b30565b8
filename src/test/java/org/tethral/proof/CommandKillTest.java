package org.tethral.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient;
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
import java.util.concurrent.ExecutorService;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
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
    static final Duration SETTLED_WITHIN = Duration.ofSeconds(60);

    @TempDir private Path directory;

    private final List<CommandedDevice> devices = new ArrayList<>();

    /// Of each command whose request was answered, its device.
    private final Map<String, String> issued = new ConcurrentHashMap<>();

    /// Issued at one of two servers, for devices of which half are connected to the other, which
    /// dies for good.
    @Test
    void losesNothingWithOneOfTwoServers() throws Exception {
        var seed = new Random().nextLong();
        try (var database = TestDatabase.postgresql()) {
            carryPastADeath(database, 300, 2, new Random(seed));
            count(database, 300, seed);
        }
    }

    private void carryPastADeath(
            TestDatabase database, int commands, int devicesPerProtocol, Random random)
            throws Exception {
        var dying = Files.createDirectory(directory.resolve("dying"));
        String[] options = {"--log-level", "warn"};
        try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
                var pool = Executors.newVirtualThreadPerTaskExecutor();
                var endpoint = endpoint();
                var one = ServerProcess.start(directory, database.commandLine(), options);
                var other = ServerProcess.start(dying, database.commandLine(), options)) {
            var api = new CommandApi(client, one.http(), localKey());
            var addresses = List.of(Servers.Address.of(one), Servers.Address.of(other));
            connect(api, addresses, devicesPerProtocol, client, endpoint.coap());
            var issuers = issue(api, new AtomicInteger(), commands, pool);
            awaitIssued(commands / 2, issuers);
            TimeUnit.MILLISECONDS.sleep(random.nextInt(200));
            other.kill();
            settle(api, issuers);
            assertThat(one.stop()).isZero();
        }
    }

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
            count(database, commands, seed);
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
        try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
                var pool = Executors.newVirtualThreadPerTaskExecutor();
                var endpoint = endpoint()) {
            var api = new CommandApi(client, server.http(), localKey());
            connect(
                    api,
                    List.of(Servers.Address.of(server)),
                    devicesPerProtocol,
                    client,
                    endpoint.coap());
            var issuers = issue(api, new AtomicInteger(), commands, pool);
            for (int i = 1; i <= kills; i++) {
                awaitIssued(commands * i / (kills + 1), issuers);
                TimeUnit.MILLISECONDS.sleep(random.nextInt(200));
                server.kill();
                server = ServerProcess.start(directory, database.commandLine(), ports, options);
            }
            settle(api, issuers);
            assertThat(server.stop()).isZero();
        } finally {
            server.close();
        }
    }

    private record Endpoint(CoapEndpoint coap) implements AutoCloseable {
        @Override
        public void close() {
            coap.destroy();
        }
    }

    private static Endpoint endpoint() {
        return new Endpoint(new CoapEndpoint.Builder().setConfiguration(configuration()).build());
    }

    /// Devices begin with these servers in turn.
    private void connect(
            CommandApi api,
            List<Servers.Address> servers,
            int devicesPerProtocol,
            HttpClient client,
            CoapEndpoint endpoint)
            throws Exception {
        for (int i = 0; i < devicesPerProtocol; i++) {
            devices.add(new CommandedDevice.OverHttp("http-" + i, new Servers(servers, i), client));
            devices.add(
                    new CommandedDevice.OverWebSocket(
                            "websocket-" + i, new Servers(servers, i), client));
            devices.add(new CommandedOverMqtt("mqtt-" + i, new Servers(servers, i)));
            devices.add(
                    new CommandedDevice.OverCoap("coap-" + i, new Servers(servers, i), endpoint));
        }
        for (var device : devices) {
            api.register(device.id, device.token);
        }
        api.register(AWAY, "token-of-" + AWAY);
        devices.forEach(CommandedDevice::start);
    }

    private List<Future<?>> issue(
            CommandApi api, AtomicInteger next, int commands, ExecutorService pool) {
        var issuers = new ArrayList<Future<?>>();
        for (int i = 0; i < ISSUERS; i++) {
            issuers.add(pool.submit(() -> issue(api, next, commands)));
        }
        return issuers;
    }

    private void settle(CommandApi api, List<Future<?>> issuers) throws Exception {
        for (var issuer : issuers) {
            issuer.get(2, TimeUnit.MINUTES);
        }
        api.awaitAllEnded();
        awaitAnswersAcknowledged();
        for (var device : devices) {
            device.stop();
        }
    }

    private Void issue(CommandApi api, AtomicInteger next, int commands)
            throws InterruptedException {
        for (int number = next.getAndIncrement();
                number < commands;
                number = next.getAndIncrement()) {
            var away = number % AWAY_EVERY == 0;
            var device =
                    away ? AWAY : devices.get((number + number / AWAY_EVERY) % devices.size()).id;
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

    private record End(String device, String status, Document answer, boolean inTime) {}

    private void count(TestDatabase database, int commands, long seed) throws Exception {
        assertThat(issued).as("seed %d", seed).hasSize(commands);
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
