package org.tethral.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.sql.TestDatabase;
import org.tethral.thingspeak.FakeThingSpeak;

/// `kill -9` while channels are read, one at its end, where entries come all the time, and one in
/// its history. Then every entry is there, and none twice.
final class PollingKillTest {

    private static final int HISTORY = 12_000;

    @TempDir private Path directory;
    private final HttpClient http = HttpClient.newHttpClient();

    @ParameterizedTest
    @ValueSource(strings = {"SQLite", "PostgreSQL"})
    void readsEachEntryOnce(String engine) throws Exception {
        prove(engine, 2);
    }

    @Tag("soak")
    @ParameterizedTest
    @ValueSource(strings = {"SQLite", "PostgreSQL"})
    void readsEachEntryOnceInTwentyRounds(String engine) throws Exception {
        prove(engine, 20);
    }

    private void prove(String engine, int rounds) throws Exception {
        var seed = new Random().nextLong();
        var random = new Random(seed);
        try (var upstream = new FakeThingSpeak();
                var database =
                        engine.equals("SQLite")
                                ? TestDatabase.sqlite()
                                : TestDatabase.postgresql()) {
            var start = Instant.now().truncatedTo(ChronoUnit.DAYS).minus(30, ChronoUnit.DAYS);
            var live = upstream.channel(1);
            var past = upstream.channel(2);
            for (int i = 1; i <= HISTORY; i++) {
                past.add(start.plusSeconds(i * 60L), "field1", "" + i);
            }
            String[] options = {
                "--thingspeak-url", upstream.uri().toString(),
                "--thingspeak-calls-per-minute", "6000",
                "--log-level", "warn"
            };
            var server = ServerProcess.start(directory, database.commandLine(), options);
            var over = new AtomicBoolean();
            var writer = Thread.ofVirtual().start(() -> write(live, start, over));
            try {
                add(server, "live", 1, ",\"from\":\"" + start + "\"");
                var history = add(server, "past", 2, "");
                eventually(() -> rows(server, history).contains("\"last_entry_id\":" + HISTORY));
                call(server, "POST", history + "/backfill", "{}");
                killed(server, database, options, rounds, random, over, writer, live);
            } finally {
                over.set(true);
                server.close();
            }
            var stored = stored(database);
            assertThat(stored.keySet())
                    .as("missing, or never there; seed %d", seed)
                    .isEqualTo(expected(live.last(), start));
            assertThat(Counting.doubled(stored)).as("there twice; seed %d", seed).isEmpty();
            System.out.printf(
                    "%s: %d kills, %d entries, none missing, none twice (seed %d)%n",
                    engine, rounds, stored.size(), seed);
        }
    }

    private void killed(
            ServerProcess first,
            TestDatabase database,
            String[] options,
            int rounds,
            Random random,
            AtomicBoolean over,
            Thread writer,
            FakeThingSpeak.Channel live)
            throws Exception {
        var server = first;
        for (int i = 0; i < rounds; i++) {
            TimeUnit.MILLISECONDS.sleep(random.nextInt(i == 0 ? 400 : 1_500));
            server.kill();
            server = ServerProcess.start(directory, database.commandLine(), options);
        }
        over.set(true);
        writer.join();
        try (var last = server) {
            var channels = "/api/v1/thingspeak/channels";
            eventually(() -> rows(last, channels).contains("\"last_entry_id\":" + live.last()));
            eventually(() -> !rows(last, channels).contains("\"backfill\":{"));
            assertThat(rows(last, channels)).contains("\"first_entry_id\":1");
            assertThat(last.stop()).isZero();
        }
    }

    private static void write(FakeThingSpeak.Channel channel, Instant start, AtomicBoolean over) {
        try {
            for (int i = 1; !over.get(); i++) {
                channel.add(start.plusSeconds(i), "field1", "" + i);
                TimeUnit.MILLISECONDS.sleep(3);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Set<String> expected(long live, Instant start) {
        var expected = new TreeSet<String>();
        for (long i = 1; i <= live; i++) {
            expected.add("live thingspeak:1:" + i + "@" + start.plusSeconds(i).getEpochSecond());
        }
        for (long i = 1; i <= HISTORY; i++) {
            expected.add(
                    "past thingspeak:2:" + i + "@" + start.plusSeconds(i * 60).getEpochSecond());
        }
        return expected;
    }

    private static Map<String, Integer> stored(TestDatabase database) throws SQLException {
        try (var connection = database.connect()) {
            return Counting.stored(connection);
        }
    }

    /// The path of the channel.
    private String add(ServerProcess server, String device, long channel, String more)
            throws Exception {
        call(server, "POST", "/api/v1/devices", "{\"device_id\":\"" + device + "\"}");
        var body =
                "{\"device_id\":\"%s\",\"channel_id\":%d,\"poll_interval_seconds\":1%s}"
                        .formatted(device, channel, more);
        return call(server, "POST", "/api/v1/thingspeak/channels", body)
                .headers()
                .firstValue("Location")
                .orElseThrow();
    }

    private String rows(ServerProcess server, String path) throws Exception {
        return call(server, "GET", path, "").body();
    }

    private HttpResponse<String> call(ServerProcess server, String method, String path, String body)
            throws IOException, InterruptedException {
        var answer =
                http.send(
                        HttpRequest.newBuilder(server.http().resolve(path))
                                .header(
                                        "Authorization",
                                        "Bearer "
                                                + Files.readString(directory.resolve("local-key"))
                                                        .strip())
                                .header("Content-Type", "application/json")
                                .method(
                                        method,
                                        body.isEmpty()
                                                ? HttpRequest.BodyPublishers.noBody()
                                                : HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
        return answer;
    }
}
