package org.tethral.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
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
import org.tethral.sql.TestDatabase;

/// `kill -9` under load, again and again, while devices on four protocols report, reconnect, and
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

        assertThat(Counting.missing(acknowledged, Map.of("a", 1))).containsExactly("b");
        assertThat(Counting.doubled(Map.of("a", 2, "b", 1))).containsExactly("a");
    }

    private void prove(String engine, int rounds) throws Exception {
        var seed = new Random().nextLong();
        var random = new Random(seed);
        try (var database =
                engine.equals("SQLite") ? TestDatabase.sqlite() : TestDatabase.postgresql()) {
            var acknowledged = killUnderLoad(database, rounds, random);
            var stored = stored(database);

            assertThat(acknowledged.size()).as("seed %d", seed).isGreaterThan(rounds * 100);
            assertThat(Counting.missing(acknowledged, stored))
                    .as("acknowledged, not there; seed %d", seed)
                    .isEmpty();
            assertThat(Counting.doubled(stored)).as("there twice; seed %d", seed).isEmpty();
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
                        "off",
                        "--coap-port",
                        Integer.toString(freePort()));
        String[] options = {"--open-registration", "true", "--log-level", "warn"};
        var length = Duration.ofMillis(3_500L * (rounds + 1));
        var server = ServerProcess.start(directory, database.commandLine(), ports, options);
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            var watchers = new ArrayList<Counting.Acknowledged>();
            var runs = new ArrayList<Future<Report>>();
            for (var wire : Plan.Wire.values()) {
                var watcher = new Counting.Acknowledged(content(wire));
                watchers.add(watcher);
                runs.add(pool.submit(load(wire, server, length, watcher)));
            }
            // all are under way: a device that never found a server gives up
            eventually(() -> watchers.stream().allMatch(watcher -> watcher.count() > 0));
            for (int i = 0; i < rounds; i++) {
                TimeUnit.MILLISECONDS.sleep(500 + random.nextInt(1_500));
                server.kill();
                server = ServerProcess.start(directory, database.commandLine(), ports, options);
            }
            for (var run : runs) {
                var report = run.get(3, TimeUnit.MINUTES);
                assertThat(report.refused()).as("%s", report.problems()).isZero();
            }
            assertThat(server.stop()).isZero();
            var all = new HashSet<String>();
            for (var watcher : watchers) {
                assertThat(watcher.reports()).isNotEmpty(); // no protocol stood aside
                all.addAll(watcher.reports());
            }
            return all;
        } finally {
            server.close();
        }
    }

    private static Callable<Report> load(
            Plan.Wire wire, ServerProcess server, Duration length, Counting.Acknowledged watcher) {
        var port =
                switch (wire) {
                    case MQTT -> server.mqttPort();
                    case HTTP, WEBSOCKET -> server.http().getPort();
                    case COAP -> server.coapPort();
                };
        var plan =
                new Plan(
                        wire,
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                        Plan.Identity.numbered(wire.word(), DEVICES_PER_PROTOCOL, "proof"),
                        new Plan.Load(1_000, 20, DEVICES_PER_PROTOCOL, 0, length),
                        content(wire));
        return () -> Simulation.run(plan, watcher);
    }

    private static Plan.Content content(Plan.Wire wire) {
        return new Plan.Content(wire.word(), true, 0.05, 1);
    }

    private static Map<String, Integer> stored(TestDatabase database) throws SQLException {
        try (var connection = database.connect()) {
            return Counting.stored(connection);
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
