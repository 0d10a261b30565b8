package org.tethral.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.simulate.Plan;
import org.tethral.simulate.Report;
import org.tethral.simulate.Simulation;
import org.tethral.simulate.Watcher;
import org.tethral.sql.TestDatabase;

/// `kill -9` under load, again and again, while devices on three protocols report, reconnect, and
/// send again what was not acknowledged. Then everything is counted.
final class KillTest {

    private static final int DEVICES_PER_PROTOCOL = 10;

    @TempDir private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"SQLite", "PostgreSQL"})
    void losesNothingAcknowledgedAndDoublesNothing(String engine) throws Exception {
        prove(engine, 4);
    }

    @Tag("soak")
    @ParameterizedTest
    @ValueSource(strings = {"SQLite", "PostgreSQL"})
    void losesNothingInTwentyRounds(String engine) throws Exception {
        prove(engine, 20);
    }

    /// What makes the proof worth something: it does find a message that is missing, and one that
    /// is there twice.
    @Test
    void wouldNotice() {
        var acknowledged = Set.of("a", "b");

        assertThat(missing(acknowledged, Map.of("a", 1))).containsExactly("b");
        assertThat(doubled(Map.of("a", 2, "b", 1))).containsExactly("a");
    }

    private void prove(String engine, int rounds) throws Exception {
        var seed = new Random().nextLong();
        var random = new Random(seed);
        try (var database =
                engine.equals("SQLite") ? TestDatabase.sqlite() : TestDatabase.postgresql()) {
            var acknowledged = killUnderLoad(database, rounds, random);
            var stored = stored(database);

            assertThat(acknowledged.size()).as("seed %d", seed).isGreaterThan(rounds * 100);
            assertThat(missing(acknowledged, stored))
                    .as("acknowledged, not there; seed %d", seed)
                    .isEmpty();
            assertThat(doubled(stored)).as("there twice; seed %d", seed).isEmpty();
            System.out.printf(
                    "%s: %d kills, %d acknowledged, %d stored, none missing, none twice (seed %d)%n",
                    engine, rounds, acknowledged.size(), stored.size(), seed);
        }
    }

    private Set<String> killUnderLoad(TestDatabase database, int rounds, Random random)
            throws Exception {
        var ports =
                List.of(
                        "--http-port",
                        Integer.toString(freePort()),
                        "--mqtt-port",
                        Integer.toString(freePort()),
                        "--mqtt-websocket-port",
                        "off");
        String[] options = {"--open-registration", "true", "--log-level", "warn"};
        var length = Duration.ofMillis(3_500L * (rounds + 1));
        var server = ServerProcess.start(directory, database.commandLine(), ports, options);
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            var watchers = new ArrayList<Acknowledged>();
            var runs = new ArrayList<Future<Report>>();
            for (var wire : Plan.Wire.values()) {
                var watcher = new Acknowledged(wire.word());
                watchers.add(watcher);
                runs.add(pool.submit(load(wire, server, length, watcher)));
            }
            for (int i = 0; i < rounds; i++) {
                TimeUnit.MILLISECONDS.sleep(500 + random.nextInt(1_500));
                server.kill();
                server = ServerProcess.start(directory, database.commandLine(), ports, options);
            }
            for (var run : runs) {
                assertThat(run.get(3, TimeUnit.MINUTES).refused()).isZero();
            }
            assertThat(server.stop()).isZero();
            var all = new HashSet<String>();
            watchers.forEach(watcher -> all.addAll(watcher.ids));
            return all;
        } finally {
            server.close();
        }
    }

    private static Callable<Report> load(
            Plan.Wire wire, ServerProcess server, Duration length, Acknowledged watcher) {
        var port = wire == Plan.Wire.MQTT ? server.mqttPort() : server.http().getPort();
        var plan =
                new Plan(
                        wire,
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                        Plan.Identity.numbered(wire.word(), DEVICES_PER_PROTOCOL, "proof"),
                        new Plan.Load(1_000, 20, DEVICES_PER_PROTOCOL, 0, length),
                        new Plan.Content(wire.word(), true, 0.05, 1));
        watcher.plan = plan;
        return () -> Simulation.run(plan, watcher);
    }

    private static final class Acknowledged implements Watcher {
        private final List<String> ids = new ArrayList<>();
        private final String name;
        private Plan plan;

        Acknowledged(String name) {
            this.name = name;
        }

        @Override
        public void acknowledged(String device, long number) {
            ids.add(device + " " + plan.messageId(number));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Map<String, Integer> stored(TestDatabase database) throws SQLException {
        var stored = new HashMap<String, Integer>();
        try (var connection = database.connect();
                var statement = connection.createStatement();
                var rows =
                        statement.executeQuery(
                                "SELECT device_id, message_id FROM device_state_snapshots")) {
            while (rows.next()) {
                stored.merge(rows.getString(1) + " " + rows.getString(2), 1, Integer::sum);
            }
        }
        return stored;
    }

    private static List<String> missing(Set<String> acknowledged, Map<String, Integer> stored) {
        return acknowledged.stream().filter(id -> !stored.containsKey(id)).limit(20).toList();
    }

    private static List<String> doubled(Map<String, Integer> stored) {
        return stored.entrySet().stream()
                .filter(entry -> entry.getValue() > 1)
                .map(Map.Entry::getKey)
                .limit(20)
                .toList();
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
