package org.tethral.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.lorawan.ChirpStackNetwork;
import org.tethral.lorawan.ChirpStackNetwork.Radio;
import org.tethral.mqttclient.Mosquitto;
import org.tethral.sql.TestDatabase;

/// Ten minutes of two hundred parking lots at fifty times their usual pace: events come twice,
/// downlinks are lost, acknowledgements come late, people reserve and override, the broker
/// restarts. Then each display shows what its space is by all that was put in, and the trail joins
/// up.
@Tag("soak")
final class SiteSoakTest {

    private static final int SPACES = 200;
    private static final Duration LENGTH = Duration.ofMinutes(10);

    /// A lot tells of itself ten times an hour.
    private static final Duration PAUSE = Duration.ofHours(1).dividedBy(10L * 50 * SPACES);

    /// A change has come through long before the next one of its space.
    private static final Duration APART = Duration.ofSeconds(6);

    private static final Radio RADIO = new Radio(0.02, 0.1, 2_000);
    private static final double UPLINKS_LOST = 0.02;
    private static final int PATIENCE_MINUTES = 6;
    private static final Map<String, String> CODES =
            Map.of("free", "0000ff6400", "occupied", "ff00006400");

    @TempDir private Path directory;

    /// What was put in.
    private record Change(int space, String state, long nanos) {}

    @ParameterizedTest
    @ValueSource(strings = {"SQLite", "PostgreSQL"})
    void explainsEachChangeOfASite(String engine) throws Exception {
        var seed = new Random().nextLong();
        System.out.println("seed " + seed);
        try (var broker = Mosquitto.start(Files.createDirectory(directory.resolve("broker")));
                var database =
                        engine.equals("SQLite")
                                ? TestDatabase.sqlite()
                                : TestDatabase.postgresql();
                var server =
                        ServerProcess.start(
                                directory,
                                database.commandLine(),
                                "--chirpstack",
                                broker.url(),
                                "--log-level",
                                "warn");
                var site = new LorawanSite(directory, server);
                var network = new ChirpStackNetwork(broker.port(), RADIO, seed)) {
            for (int i = 0; i < SPACES; i++) {
                site.furnish(i);
            }
            eventually(() -> site.read("/api/v1/integrations").contains("\"problem\":null"));
            var day = new Day(site, broker, network, new Random(seed));
            day.live();
            for (int i = 0; i < SPACES; i++) {
                var code = HexFormat.of().parseHex(CODES.get(day.last.get(i)));
                var display = LorawanSite.display(i);
                eventually(
                        Duration.ofMinutes(PATIENCE_MINUTES),
                        () ->
                                network.shown(display)
                                        .filter(shown -> Arrays.equals(shown.payload(), code))
                                        .isPresent());
            }
            assertThat(server.stop()).isZero();
            try (var connection = database.connect()) {
                day.assertExplained(connection, seed);
            }
            day.report();
        }
    }

    /// Spaces by their number: of four, one is reserved now and then, one overridden, two neither.
    private static final class Day {
        private final LorawanSite site;
        private final Mosquitto broker;
        private final ChirpStackNetwork network;
        private final Random random;
        private final Map<Integer, String> last = new HashMap<>();
        private final Map<Integer, String> spaces;
        private final List<Change> changes = new ArrayList<>();
        private long away;
        private int reservations;
        private int overrides;

        Day(LorawanSite site, Mosquitto broker, ChirpStackNetwork network, Random random)
                throws Exception {
            this.site = site;
            this.broker = broker;
            this.network = network;
            this.random = random;
            this.spaces = site.spaces();
        }

        void live() throws Exception {
            var begin = System.nanoTime();
            var restarted = false;
            for (long step = 0; ; step++) {
                var passed = Duration.ofNanos(System.nanoTime() - begin);
                if (passed.compareTo(LENGTH) > 0) {
                    break;
                }
                if (!restarted && passed.compareTo(LENGTH.dividedBy(2)) > 0) {
                    restarted = true;
                    away = System.nanoTime();
                    broker.stop();
                    TimeUnit.SECONDS.sleep(3);
                    broker.resume();
                }
                uplink(random.nextInt(SPACES));
                if (step % 100 == 0 && passed.compareTo(LENGTH.minusMinutes(1)) < 0) {
                    reserve(4 * random.nextInt(SPACES / 4) + 2);
                    override(4 * random.nextInt(SPACES / 4) + 3);
                }
                var late = begin + PAUSE.multipliedBy(step + 1).toNanos() - System.nanoTime();
                TimeUnit.NANOSECONDS.sleep(Math.max(0, late));
            }
            for (int i = 0; i < SPACES; i++) {
                if (!last.containsKey(i)) {
                    sent(i, random.nextBoolean());
                }
            }
            network.flush();
        }

        private void uplink(int space) {
            if (random.nextDouble() >= UPLINKS_LOST) {
                sent(space, random.nextBoolean());
            }
        }

        private void sent(int space, boolean occupied) {
            var state = occupied ? "occupied" : "free";
            if (!state.equals(last.put(space, state))) {
                changes.add(new Change(space, state, System.nanoTime()));
            }
            network.uplink(
                    LorawanSite.sensor(space),
                    1,
                    new byte[] {(byte) (occupied ? 1 : 0)},
                    Instant.now());
        }

        private void reserve(int space) throws Exception {
            var now = Instant.now();
            var answer =
                    site.call(
                            "POST",
                            "/api/v1/reservations",
                            "{\"space_id\":\"%s\",\"starts_at\":\"%s\",\"ends_at\":\"%s\"}"
                                    .formatted(
                                            spaces.get(space),
                                            now.plusSeconds(2),
                                            now.plusSeconds(12)));
            assertThat(answer.statusCode()).as(answer.body()).isIn(201, 409);
            reservations += answer.statusCode() == 201 ? 1 : 0;
        }

        private void override(int space) throws Exception {
            var answer =
                    site.call(
                            "POST",
                            "/api/v1/spaces/" + spaces.get(space) + "/override",
                            "{\"state\":\"reserved\",\"for_seconds\":10}");
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            overrides++;
        }

        /// From an uplink to the downlink in the hands of the network, two hops over the broker
        /// included, where nothing else was under way.
        void report() {
            var millis = new ArrayList<Double>();
            var before = new HashMap<Integer, Long>();
            for (var change : changes) {
                var earlier = before.put(change.space(), change.nanos());
                var alone = earlier == null || change.nanos() - earlier > APART.toNanos();
                var quiet = Math.abs(change.nanos() - away) > Duration.ofSeconds(15).toNanos();
                if (alone && quiet && change.space() % 4 < 2) {
                    var display = LorawanSite.display(change.space());
                    network.taken().stream()
                            .filter(taken -> taken.device().equals(display))
                            .mapToLong(ChirpStackNetwork.Taken::nanos)
                            .filter(nanos -> nanos >= change.nanos())
                            .findFirst()
                            .ifPresent(nanos -> millis.add((nanos - change.nanos()) / 1e6));
                }
            }
            millis.sort(null);
            var p95 = millis.get(millis.size() * 95 / 100);
            System.out.printf(
                    "%d changes, %d reservations, %d overrides, %d downlinks; uplink to downlink p50 %.1f ms, p95 %.1f ms (%d looked at)%n",
                    changes.size(),
                    reservations,
                    overrides,
                    network.taken().size(),
                    millis.get(millis.size() / 2),
                    p95,
                    millis.size());
            assertThat(p95).isLessThan(50);
        }

        void assertExplained(Connection connection, long seed) throws SQLException {
            for (int i = 0; i < SPACES; i++) {
                var trail = trail(connection, spaces.get(i));
                var state = "unknown";
                var bySensor = 0;
                for (var step : trail) {
                    assertThat(step.previous()).as("space %d, seed %d", i, seed).isEqualTo(state);
                    assertThat(step.source()).isNotBlank();
                    state = step.next();
                    bySensor += step.trigger().equals("sensor_uplink") ? 1 : 0;
                }
                assertThat(state).as("space %d, seed %d", i, seed).isEqualTo(last.get(i));
                if (i % 4 < 2) {
                    var space = i;
                    var put = changes.stream().filter(change -> change.space() == space).count();
                    assertThat(bySensor).as("space %d, seed %d", i, seed).isEqualTo((int) put);
                }
            }
        }

        private List<Step> trail(Connection connection, String space) throws SQLException {
            var trail = new ArrayList<Step>();
            try (var statement =
                    connection.prepareStatement(
                            "SELECT previous_state, new_state, trigger_type, trigger_source FROM actuations"
                                    + " WHERE CAST(space_id AS TEXT) = ? ORDER BY created_at, id")) {
                statement.setString(1, space);
                try (var rows = statement.executeQuery()) {
                    while (rows.next()) {
                        trail.add(
                                new Step(
                                        rows.getString(1),
                                        rows.getString(2),
                                        rows.getString(3),
                                        rows.getString(4)));
                    }
                }
            }
            return trail;
        }
    }

    private record Step(String previous, String next, String trigger, String source) {}
}
