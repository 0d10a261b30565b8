package org.tethral.benchmark;

import static org.tethral.benchmark.Figure.Unit.PERCENT;
import static org.tethral.benchmark.Figure.Unit.PER_SECOND;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.HdrHistogram.Histogram;
import org.tethral.simulate.Plan;
import org.tethral.simulate.Simulation;
import org.tethral.simulate.Watcher;
import org.tethral.sql.Database;
import org.tethral.sql.DatabaseUrl;

/// Reads over HTTP while reports go in, on a store that has grown; and what growth costs.
record QueryFigures(Options options, Workbench workbench, Steps steps, InstantSource clock) {

    private static final long SNAPSHOTS = 10_000_000;
    private static final int DEVICES = 1_000;
    private static final int MANY_DEVICES = 100_000;
    private static final int FEW_DEVICES = 100;
    private static final long GROWTH_REPORTS = 300_000;
    private static final int GROWTH_REPORTS_PER_DEVICE = 20;
    private static final int REPORTING = 50;
    private static final double INGEST_RATE = 5_000;

    /// At every scale: fewer would measure a program that has not run for long enough to be
    /// compiled.
    private static final int READS = 2_000;

    private static final int READS_BEFORE = 2_000;
    private static final Duration SETTLE = Duration.ofSeconds(20);
    private static final Duration HISTORY = Duration.ofDays(30);

    List<Figure> measure() throws InterruptedException {
        var figures = new ArrayList<Figure>();
        var snapshots = options.scaled(SNAPSHOTS, 5_000);
        var bench = workbench.fresh();
        try {
            var filled = fill(bench, snapshots);
            try (var server = ServerProcess.start(bench)) {
                figures.addAll(reads(server, snapshots));
            }
            figures.add(
                    Figure.shown(
                            "filling with %,d snapshots of 30 days".formatted(snapshots),
                            filled,
                            PER_SECOND,
                            "through the pipeline, roll-ups included"));
            figures.add(snapshotGrowth(bench, snapshots));
        } finally {
            workbench.drop(bench);
        }
        figures.add(deviceGrowth());
        return figures;
    }

    private double fill(Workbench.Bench bench, long snapshots) throws InterruptedException {
        steps.step("fill with %,d snapshots".formatted(snapshots));
        try (var database = Database.open(DatabaseUrl.parse(bench.database()), clock)) {
            Fleet.register(database, DEVICES, REPORTING, clock);
            var work = new Work(Fleet.connecting(DEVICES), options.seed());
            return Pipeline.run(
                    database,
                    work,
                    snapshots,
                    HISTORY,
                    clock,
                    done -> steps.reached("snapshots", done, snapshots));
        }
    }

    private List<Figure> reads(ServerProcess server, long snapshots) throws InterruptedException {
        var plan =
                new Plan(
                        Plan.Wire.MQTT,
                        server.mqttAddress(),
                        Fleet.identities(REPORTING),
                        new Plan.Load(INGEST_RATE, 20, 1, 0, Duration.ofMinutes(10)),
                        new Plan.Content(
                                "q", false, Plan.Content.STATE_SHARE_USUAL, options.seed()));
        var ingest = Simulation.start(plan, Watcher.NONE);
        List<Figure> figures;
        try {
            Thread.sleep(options.tiny() ? Duration.ofSeconds(1) : SETTLE);
            figures =
                    reads(
                            server,
                            "%,d snapshots, %,.0f reports/s going in"
                                    .formatted(snapshots, INGEST_RATE));
        } catch (IllegalStateException | UncheckedIOException e) {
            ingest.end();
            ingest.report();
            throw e;
        }
        ingest.end();
        var report = ingest.report();
        if (report.refused() + report.reconnects() > 0) {
            throw new IllegalStateException(
                    "the load beside the reads was not taken as it should: " + report);
        }
        return figures;
    }

    private List<Figure> reads(ServerProcess server, String beside) throws InterruptedException {
        try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            var reader = new Reader(client, server, new SplittableRandom(options.seed()));
            var now = clock.instant();
            var series =
                    "/series?metric=temperature&points=1000&from=%s&to=%s"
                            .formatted(now.minus(HISTORY), now);
            return List.of(
                    read(reader, "latest state", 2, "/state", beside),
                    read(reader, "newest 100 snapshots", 5, "/snapshots?limit=100", beside),
                    read(reader, "30 days of one metric to 1,000 points", 30, series, beside));
        }
    }

    private Figure read(Reader reader, String name, double mostMillis, String path, String beside)
            throws InterruptedException {
        steps.step("read the " + name);
        reader.read(options.reads(READS_BEFORE), path);
        var latency = reader.read(options.reads(READS), path);
        return Figure.reads(name, latency, mostMillis, beside);
    }

    /// One client that reads devices by chance, one after the other.
    private record Reader(HttpClient client, ServerProcess server, SplittableRandom random) {

        /// In microseconds.
        Histogram read(int count, String path) throws InterruptedException {
            var key = server.apiKey();
            var latency = new Histogram(3);
            for (int i = 0; i < count; i++) {
                var device = Fleet.id(random.nextInt(DEVICES));
                var request =
                        HttpRequest.newBuilder(
                                        server.http().resolve("/api/v1/devices/" + device + path))
                                .header("Authorization", "Bearer " + key)
                                .build();
                var begin = System.nanoTime();
                var status = status(request);
                latency.recordValue((System.nanoTime() - begin) / 1_000);
                if (status != 200) {
                    throw new IllegalStateException(
                            request.uri() + " is answered with status " + status);
                }
            }
            return latency;
        }

        private int status(HttpRequest request) throws InterruptedException {
            try {
                return client.send(request, HttpResponse.BodyHandlers.ofByteArray()).statusCode();
            } catch (IOException e) {
                throw new UncheckedIOException("read " + request.uri(), e);
            }
        }
    }

    /// The pipeline on the grown store against the pipeline on an empty one, of the same devices.
    private Figure snapshotGrowth(Workbench.Bench grown, long snapshots)
            throws InterruptedException {
        var onEmpty = pipelineOn(DEVICES, "the pipeline on an empty store");
        steps.step("the pipeline on %,d snapshots".formatted(snapshots));
        double onGrown;
        try (var database = Database.open(DatabaseUrl.parse(grown.database()), clock)) {
            onGrown = pipeline(database, DEVICES);
        }
        return Figure.atLeast(
                "ingest with %,d snapshots, of that on an empty store".formatted(snapshots),
                onGrown * 100 / onEmpty,
                PERCENT,
                80,
                String.format(
                        Locale.ROOT,
                        "pipeline without wires: %,.0f/s against %,.0f/s",
                        onGrown,
                        onEmpty));
    }

    private Figure deviceGrowth() throws InterruptedException {
        var many = (int) options.scaled(MANY_DEVICES, 500);
        var withFew =
                pipelineOn(FEW_DEVICES, "the pipeline with %d devices".formatted(FEW_DEVICES));
        var withMany = pipelineOn(many, "the pipeline with %,d devices".formatted(many));
        return Figure.atLeast(
                "ingest with %,d devices, of that with %d".formatted(many, FEW_DEVICES),
                withMany * 100 / withFew,
                PERCENT,
                80,
                String.format(
                        Locale.ROOT,
                        "pipeline without wires, each device in turn: %,.0f/s against %,.0f/s",
                        withMany,
                        withFew));
    }

    private double pipelineOn(int devices, String step) throws InterruptedException {
        steps.step(step);
        var bench = workbench.fresh();
        try (var database = Database.open(DatabaseUrl.parse(bench.database()), clock)) {
            Fleet.register(database, devices, 0, clock);
            return pipeline(database, devices);
        } finally {
            workbench.drop(bench);
        }
    }

    private double pipeline(Database database, int devices) throws InterruptedException {
        var reports =
                options.tiny()
                        ? 2_000
                        : Math.max(GROWTH_REPORTS, (long) GROWTH_REPORTS_PER_DEVICE * devices);
        var work = new Work(Fleet.connecting(devices), options.seed());
        Pipeline.run(
                database, work, Math.max(devices, reports / 10), Duration.ZERO, clock, _ -> {});
        return Pipeline.run(
                database,
                work,
                reports,
                Duration.ZERO,
                clock,
                done -> steps.reached("reports", done, reports));
    }
}
