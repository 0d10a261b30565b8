package org.tethral.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tethral.simulate.Plan;
import org.tethral.simulate.Simulation;

/// The database goes away under load and comes back: meanwhile nobody is told that a message is
/// stored, health says why, and afterwards all goes on by itself.
final class OutageTest {

    private static final Duration LOAD = Duration.ofSeconds(16);
    private static final Duration AWAY = Duration.ofSeconds(4);

    @TempDir private Path directory;
    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void answersNothingWhileTheDatabaseIsAwayAndGoesOnWhenItReturns() throws Exception {
        var postgres = postgres(0);
        var port = postgres.getPort();
        var url = "postgresql://postgres@127.0.0.1:" + port + "/postgres";
        var content = new Plan.Content("outage", true, 0.05, 1);
        var watcher = new Counting.Acknowledged(content);
        try (var server = ServerProcess.start(directory, url, "--open-registration", "true");
                var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            var run = pool.submit(load(server, content, watcher));
            eventually(() -> watcher.count() > 200);
            assertThat(ready(server)).isEqualTo(200);

            postgres.close();
            eventually(() -> ready(server) == 503);
            assertThat(health(server).body()).contains("database");
            var before = watcher.count();
            TimeUnit.MILLISECONDS.sleep(AWAY.toMillis());
            assertThat(watcher.count()).as("acknowledged without a database").isEqualTo(before);

            postgres = postgres(port);
            eventually(() -> ready(server) == 200);
            eventually(() -> watcher.count() > before);
            var report = run.get(2, TimeUnit.MINUTES);
            assertThat(report.refused()).isZero();
            assertThat(report.unacknowledged()).isZero();
            assertThat(server.stop()).isZero();
            try (var connection = postgres.getPostgresDatabase().getConnection()) {
                var stored = Counting.stored(connection);
                assertThat(Counting.missing(watcher.reports(), stored)).isEmpty();
                assertThat(Counting.doubled(stored)).isEmpty();
            }
        } finally {
            postgres.close();
        }
    }

    private EmbeddedPostgres postgres(int port) throws IOException {
        return EmbeddedPostgres.builder()
                .setDataDirectory(directory.resolve("postgres"))
                .setCleanDataDirectory(false)
                .setPort(port)
                .start();
    }

    private static Callable<org.tethral.simulate.Report> load(
            ServerProcess server, Plan.Content content, Counting.Acknowledged watcher) {
        var plan =
                new Plan(
                        Plan.Wire.MQTT,
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), server.mqttPort()),
                        Plan.Identity.numbered("outage", 10, "proof"),
                        new Plan.Load(500, 20, 10, 0, LOAD),
                        content);
        return () -> Simulation.run(plan, watcher);
    }

    private int ready(ServerProcess server) throws IOException, InterruptedException {
        return get(server, "/health/ready").statusCode();
    }

    private HttpResponse<String> health(ServerProcess server)
            throws IOException, InterruptedException {
        return get(server, "/health");
    }

    private HttpResponse<String> get(ServerProcess server, String path)
            throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create(server.http() + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
