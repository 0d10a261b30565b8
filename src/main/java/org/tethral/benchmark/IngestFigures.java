package org.tethral.benchmark;

import static org.tethral.benchmark.Figure.Unit.MEGABYTES;
import static org.tethral.benchmark.Figure.Unit.MILLISECONDS;
import static org.tethral.benchmark.Figure.Unit.PERCENT;
import static org.tethral.benchmark.Figure.Unit.PER_SECOND;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.tethral.simulate.Plan;
import org.tethral.simulate.Plan.Wire;
import org.tethral.simulate.Report;
import org.tethral.simulate.Simulation;
import org.tethral.simulate.Watcher;
import org.tethral.sql.Database;
import org.tethral.sql.DatabaseUrl;

/// What goes in through the wires.
record IngestFigures(Options options, Workbench workbench, Steps steps, InstantSource clock) {

    private static final int DEVICES = 50;
    private static final int IN_FLIGHT = 20;
    private static final int CONNECTIONS = 64;
    private static final long SUSTAINED = 1_000_000;
    private static final long CEILING = 300_000;
    private static final long OVER_HTTP = 200_000;
    private static final double QUIET_RATE = 1_000;
    private static final Duration QUIET_FOR = Duration.ofSeconds(20);
    private static final Duration LONGEST = Duration.ofMinutes(15);

    List<Figure> measure() throws InterruptedException {
        var figures = new ArrayList<Figure>();
        steps.step("the store's ceiling for as many reports as are in flight");
        var ceiling =
                StoreCeiling.measure(
                        workbench,
                        DEVICES,
                        options.scaled(CEILING, 2_000),
                        DEVICES * IN_FLIGHT,
                        clock,
                        options.seed());
        figures.add(
                Figure.shown(
                        "store alone, %,d reports a commit, %d devices"
                                .formatted(DEVICES * IN_FLIGHT, DEVICES),
                        ceiling,
                        PER_SECOND,
                        "the yardstick of the next line"));
        var bench = workbench.fresh();
        try (var database = Database.open(DatabaseUrl.parse(bench.database()), clock)) {
            Fleet.register(database, DEVICES, DEVICES, clock);
        }
        try (var server = ServerProcess.start(bench)) {
            simulate(server, Wire.MQTT, load(options.scaled(100_000, 1_000)), "warming up");
            figures.addAll(sustained(server, ceiling));
            figures.addAll(quiet(server));
            figures.add(http(server));
        } finally {
            workbench.drop(bench);
        }
        return figures;
    }

    private List<Figure> sustained(ServerProcess server, double ceiling)
            throws InterruptedException {
        var reports = options.scaled(SUSTAINED, 2_000);
        var before = server.processorTime();
        var ours = processorTime();
        var report =
                simulate(server, Wire.MQTT, load(reports), "MQTT as fast as it is acknowledged");
        var serverMicros = micros(server.processorTime().minus(before), report);
        var generatorMicros = micros(processorTime().minus(ours), report);
        var beside =
                String.format(
                        Locale.ROOT,
                        "%d devices, %d in flight each; p50 %.1f ms, p99 %.1f ms; slowest ten seconds %,.0f/s;"
                                + " processor time a report: server %.1f µs, generator %.1f µs",
                        DEVICES,
                        IN_FLIGHT,
                        millis(report.latency().p50()),
                        millis(report.latency().p99()),
                        slowestTenSeconds(report),
                        serverMicros,
                        generatorMicros);
        var figures = new ArrayList<Figure>();
        figures.add(
                Figure.atLeast(
                        "MQTT QoS 1 reports acknowledged, %,d".formatted(reports),
                        report.rate(),
                        PER_SECOND,
                        options.onSqlite() ? 40_000 : 50_000,
                        beside));
        figures.add(
                Figure.atLeast(
                        "… of the store's ceiling",
                        report.rate() * 100 / ceiling,
                        PERCENT,
                        75,
                        "the store alone has both cores"));
        server.residentBytesMost()
                .ifPresent(bytes ->
                        figures.add(
                                Figure.atMost(
                                        "memory at full ingest, the most",
                                        bytes / 1e6,
                                        MEGABYTES,
                                        512,
                                        "resident, with -Xmx256m")));
        return figures;
    }

    private List<Figure> quiet(ServerProcess server) throws InterruptedException {
        var length = options.tiny() ? Duration.ofSeconds(1) : QUIET_FOR;
        var load = new Plan.Load(QUIET_RATE, IN_FLIGHT, CONNECTIONS, 0, length);
        var report = simulate(server, Wire.MQTT, load, "MQTT at 1,000 reports a second");
        return List.of(
                Figure.atMost(
                        "acknowledgement at 1,000/s, p50",
                        millis(report.latency().p50()),
                        MILLISECONDS,
                        3,
                        ""),
                Figure.atMost(
                        "acknowledgement at 1,000/s, p99",
                        millis(report.latency().p99()),
                        MILLISECONDS,
                        25,
                        ""));
    }

    private Figure http(ServerProcess server) throws InterruptedException {
        var reports = options.scaled(OVER_HTTP, 1_000);
        simulate(server, Wire.HTTP, load(Math.min(reports, 30_000)), "warming up HTTP");
        var before = server.processorTime();
        var report =
                simulate(server, Wire.HTTP, load(reports), "HTTP as fast as it is acknowledged");
        return Figure.atLeast(
                "HTTP reports, keep-alive, %d connections".formatted(CONNECTIONS),
                report.rate(),
                PER_SECOND,
                12_000,
                String.format(
                        Locale.ROOT,
                        "p50 %.1f ms, p99 %.1f ms; processor time a report: server %.1f µs",
                        millis(report.latency().p50()),
                        millis(report.latency().p99()),
                        micros(server.processorTime().minus(before), report)));
    }

    private static Plan.Load load(long reports) {
        return new Plan.Load(0, IN_FLIGHT, CONNECTIONS, reports, LONGEST);
    }

    private Report simulate(ServerProcess server, Wire wire, Plan.Load load, String step)
            throws InterruptedException {
        steps.step(step);
        InetSocketAddress address = wire == Wire.MQTT ? server.mqttAddress() : server.httpAddress();
        var content =
                new Plan.Content(
                        "b" + load.messages(),
                        false,
                        Plan.Content.STATE_SHARE_USUAL,
                        options.seed());
        var plan = new Plan(wire, address, Fleet.identities(DEVICES), load, content);
        var report =
                Simulation.run(
                        plan,
                        new Watcher() {
                            @Override
                            public void progress(long acknowledged) {
                                steps.reached("acknowledged", acknowledged, load.messages());
                            }
                        });
        if (report.refused() + report.unacknowledged() + report.reconnects() > 0) {
            throw new IllegalStateException("the load was not taken as it should: " + report);
        }
        return report;
    }

    private static double slowestTenSeconds(Report report) {
        var whole = report.perSecond();
        var window = Math.clamp(whole.size() - 1L, 1, 10);
        var slowest = Double.MAX_VALUE;
        for (int from = 0; from + window <= Math.max(window, whole.size() - 1); from++) {
            var sum =
                    whole.subList(from, Math.min(whole.size(), from + window)).stream()
                            .mapToLong(Long::longValue)
                            .sum();
            slowest = Math.min(slowest, (double) sum / window);
        }
        return slowest;
    }

    private static double micros(Duration processorTime, Report report) {
        return processorTime.toNanos() / 1e3 / Math.max(1, report.acknowledged());
    }

    private static double millis(Duration duration) {
        return duration.toNanos() / 1e6;
    }

    private static Duration processorTime() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }
}
