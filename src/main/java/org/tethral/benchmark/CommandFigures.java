package org.tethral.benchmark;

import static org.tethral.benchmark.Figure.Unit.MILLISECONDS;
import static org.tethral.benchmark.Figure.Unit.PER_SECOND;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.tethral.simulate.Plan;
import org.tethral.simulate.Simulation;
import org.tethral.sql.Database;
import org.tethral.sql.DatabaseUrl;

/// Commands, from the request that issues one until it is answered with what the device said:
/// issued, sent, acknowledged by the device and answered, each of these durable.
record CommandFigures(Options options, Workbench workbench, Steps steps, InstantSource clock) {

    private static final int DEVICES = 1_000;
    private static final int DEVICES_TINY = 20;
    private static final int ROUND_TRIPS = 5_000;
    private static final int ROUND_TRIPS_BEFORE = 2_000;
    private static final double RATE = 1_000;
    private static final long COMMANDS = 60_000;
    private static final long COMMANDS_BEFORE = 10_000;

    /// Requests that wait at a time; the server lets 128 do so.
    private static final int WAITING_MAX = 120;

    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);
    private static final long LATENCY_MAX_MICROS = TimeUnit.MINUTES.toMicros(1);
    private static final byte[] COMMAND =
            "{\"command_name\":\"set\",\"payload\":{\"valve\":3,\"open\":true}}"
                    .getBytes(StandardCharsets.UTF_8);

    List<Figure> measure() throws InterruptedException {
        var figures = new ArrayList<Figure>();
        var bench = workbench.fresh();
        var devices = options.tiny() ? DEVICES_TINY : DEVICES;
        try {
            try (var database = Database.open(DatabaseUrl.parse(bench.database()), clock)) {
                Fleet.register(database, devices, devices, clock);
            }
            try (var server = ServerProcess.start(bench)) {
                for (var wire : List.of(Plan.Wire.MQTT, Plan.Wire.WEBSOCKET)) {
                    figures.addAll(over(wire, server, devices));
                }
            }
        } finally {
            workbench.drop(bench);
        }
        return figures;
    }

    private List<Figure> over(Plan.Wire wire, ServerProcess server, int devices)
            throws InterruptedException {
        var name = wire == Plan.Wire.MQTT ? "MQTT" : "WebSocket";
        var figures = new ArrayList<Figure>();
        try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
                var _ = Simulation.hold(obedient(wire, server, devices))) {
            var caller = new Caller(client, server);
            steps.step("command round trips over " + name);
            var round = roundTrips(caller, devices);
            var what = "command round trip over " + name + ", REST `wait`, idle server";
            var beside = "%,d one after the other".formatted(round.getTotalCount());
            figures.add(Figure.atMost(what + ", p50", millis(round, 50), MILLISECONDS, 5, beside));
            figures.add(Figure.atMost(what + ", p99", millis(round, 99), MILLISECONDS, 25, beside));

            steps.step("%,.0f commands/s over %s".formatted(RATE, name));
            at(caller, devices, options.tiny() ? 50 : COMMANDS_BEFORE);
            var before = server.processorTime();
            var run = at(caller, devices, options.scaled(COMMANDS, 200));
            var processor = server.processorTime().minus(before);
            var load = "%,.0f commands/s to %,d devices over %s".formatted(RATE, devices, name);
            figures.add(
                    Figure.atLeast(
                            load + ", done",
                            run.perSecond(),
                            PER_SECOND,
                            RATE * 0.99,
                            String.format(
                                    Locale.ROOT,
                                    "%,d; %.0f µs of the server's processor time each",
                                    run.latency().getTotalCount(),
                                    processor.toNanos() / 1e3 / run.latency().getTotalCount())));
            figures.add(
                    Figure.atMost(
                            load + ", p99",
                            millis(run.latency(), 99),
                            MILLISECONDS,
                            100,
                            String.format(
                                    Locale.ROOT,
                                    "from when it was due to the answer; p50 %.2f ms, p99.9 %.2f ms",
                                    millis(run.latency(), 50),
                                    millis(run.latency(), 99.9))));
        }
        return figures;
    }

    private Plan obedient(Plan.Wire wire, ServerProcess server, int devices) {
        return new Plan(
                        wire,
                        wire == Plan.Wire.MQTT ? server.mqttAddress() : server.httpAddress(),
                        Fleet.identities(devices),
                        Plan.Load.of(0, Duration.ZERO).inFlight(1),
                        new Plan.Content("commands", false, 0, options.seed()))
                .obeying(Plan.Obedience.PERFECT);
    }

    private Histogram roundTrips(Caller caller, int devices) throws InterruptedException {
        var latency = new Histogram(LATENCY_MAX_MICROS, 3);
        var before = options.tiny() ? 10 : ROUND_TRIPS_BEFORE;
        var count = options.scaled(ROUND_TRIPS, 50);
        for (long i = -before; i < count; i++) {
            var begin = System.nanoTime();
            caller.call(Math.floorMod(i, devices));
            if (i >= 0) {
                latency.recordValue(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - begin));
                steps.reached("commands", i, count);
            }
        }
        return latency;
    }

    private record AtRate(Histogram latency, double perSecond) {}

    /// Whether the ones before are answered or not.
    private AtRate at(Caller caller, int devices, long count) throws InterruptedException {
        var latency = new ConcurrentHistogram(LATENCY_MAX_MICROS, 3);
        var room = new Semaphore(WAITING_MAX);
        var failures = new LongAdder();
        var last = new AtomicLong();
        var begin = System.nanoTime();
        for (long i = 0; i < count; i++) {
            var due = begin + (long) (i * 1e9 / RATE);
            var early = due - System.nanoTime();
            if (early > 0) {
                TimeUnit.NANOSECONDS.sleep(early);
            }
            room.acquire();
            var _ =
                    caller.later((int) (i % devices))
                            .whenComplete((answer, failure) -> {
                                var now = System.nanoTime();
                                latency.recordValue(
                                        Math.min(LATENCY_MAX_MICROS, (now - due) / 1_000));
                                if (failure != null || !Caller.done(answer)) {
                                    failures.increment();
                                }
                                last.accumulateAndGet(now, Math::max);
                                room.release();
                            });
            steps.reached("commands", i, count);
        }
        if (!room.tryAcquire(WAITING_MAX, ANSWER_WITHIN.toSeconds(), TimeUnit.SECONDS)
                || failures.sum() > 0) {
            throw new IllegalStateException(
                    failures.sum() + " of " + count + " commands were not done");
        }
        return new AtRate(latency, count * 1e9 / (last.get() - begin));
    }

    private static double millis(Histogram micros, double percent) {
        return micros.getValueAtPercentile(percent) / 1e3;
    }

    /// Issues commands, and waits for their ends.
    private record Caller(HttpClient client, ServerProcess server, String key) {

        Caller(HttpClient client, ServerProcess server) {
            this(client, server, server.apiKey());
        }

        private HttpRequest request(int device) {
            var path = "/api/v1/devices/" + Fleet.id(device) + "/command?wait=20s";
            return HttpRequest.newBuilder(server.http().resolve(path))
                    .timeout(ANSWER_WITHIN)
                    .header("Authorization", "Bearer " + key)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(COMMAND))
                    .build();
        }

        void call(int device) throws InterruptedException {
            try {
                var answer =
                        client.send(
                                request(device),
                                HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
                if (!done(answer)) {
                    throw new IllegalStateException(
                            "a command was not done: " + answer.statusCode() + answer.body());
                }
            } catch (IOException e) {
                throw new UncheckedIOException("send a command", e);
            }
        }

        java.util.concurrent.CompletableFuture<HttpResponse<String>> later(int device) {
            return client.sendAsync(
                    request(device), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        }

        static boolean done(HttpResponse<String> answer) {
            return answer.statusCode() == 200
                    && answer.body().contains("\"status\":\"ack_success\"");
        }
    }
}
