package org.tethral.benchmark;

import static org.tethral.benchmark.Figure.Unit.KILOBYTES;
import static org.tethral.benchmark.Figure.Unit.MEGABYTES;
import static org.tethral.benchmark.Figure.Unit.SECONDS;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.tethral.simulate.Plan;
import org.tethral.simulate.Simulation;
import org.tethral.sql.Database;
import org.tethral.sql.DatabaseUrl;

/// How soon a server is ready, and what it holds when nothing happens.
record StartFigures(Options options, Workbench workbench, Steps steps, InstantSource clock) {

    private static final int STARTS = 5;
    private static final int MANY_DEVICES = 100_000;
    private static final int IDLE_CONNECTIONS = 10_000;
    private static final Duration SETTLE = Duration.ofSeconds(5);

    List<Figure> measure() throws InterruptedException {
        var figures = new ArrayList<Figure>();
        steps.step("start with an empty database");
        figures.add(started("start to ready, empty database", 1.5, emptyStarts()));
        var many = (int) options.scaled(MANY_DEVICES, 500);
        var idle = (int) options.scaled(IDLE_CONNECTIONS, 100);
        var bench = workbench.fresh();
        try {
            steps.step("register %,d devices".formatted(many));
            try (var database = Database.open(DatabaseUrl.parse(bench.database()), clock)) {
                Fleet.register(database, many, Math.min(many, idle), clock);
            }
            steps.step("start with %,d devices".formatted(many));
            figures.add(started("start to ready, %,d devices".formatted(many), 2.5, starts(bench)));
            figures.addAll(memory(bench, Math.min(many, idle)));
        } finally {
            workbench.drop(bench);
        }
        return figures;
    }

    private record Start(double seconds, double processorSeconds) {
        static Start of(Workbench.Bench bench) {
            try (var server = ServerProcess.start(bench)) {
                return new Start(
                        server.startedIn().toNanos() / 1e9, server.processorTime().toNanos() / 1e9);
            }
        }
    }

    private static Figure started(String name, double most, List<Start> starts) {
        var median =
                starts.stream()
                        .sorted(Comparator.comparingDouble(Start::seconds))
                        .toList()
                        .get(starts.size() / 2);
        return Figure.atMost(
                name,
                median.seconds(),
                SECONDS,
                most,
                String.format(
                        Locale.ROOT,
                        "java included, median of %d; %.2f s of processor time",
                        starts.size(),
                        median.processorSeconds()));
    }

    private List<Start> emptyStarts() {
        var starts = new ArrayList<Start>();
        for (int i = 0; i < options.times(STARTS); i++) {
            var bench = workbench.fresh();
            starts.add(Start.of(bench));
            workbench.drop(bench);
        }
        return starts;
    }

    private List<Start> starts(Workbench.Bench bench) {
        var starts = new ArrayList<Start>();
        for (int i = 0; i < options.times(STARTS); i++) {
            starts.add(Start.of(bench));
        }
        return starts;
    }

    /// The first devices bring classes and buffers that the others share, so they are not counted.
    private List<Figure> memory(Workbench.Bench bench, int connections)
            throws InterruptedException {
        var figures = new ArrayList<Figure>();
        try (var server = ServerProcess.start(bench)) {
            steps.step("memory of an idle server");
            settle();
            var idle = server.residentBytes();
            if (idle.isEmpty()) {
                return figures; // this system does not tell
            }
            figures.add(
                    Figure.atMost(
                            "memory, idle", idle.getAsLong() / 1e6, MEGABYTES, 150, "resident"));
            steps.step("memory with %,d idle MQTT devices".formatted(connections));
            var identities = Fleet.identities(connections);
            var first = connections / 10;
            try (var _ = Simulation.hold(idle(server, identities.subList(0, first)))) {
                settle();
                var before = server.residentBytes().orElseThrow();
                try (var _ =
                        Simulation.hold(idle(server, identities.subList(first, connections)))) {
                    settle();
                    var after = server.residentBytes().orElseThrow();
                    figures.add(
                            Figure.atMost(
                                    "memory, each of %,d connected idle MQTT devices"
                                            .formatted(connections),
                                    (after - before) / 1e3 / (connections - first),
                                    KILOBYTES,
                                    12,
                                    String.format(
                                            Locale.ROOT,
                                            "%.0f MB resident with all, %.0f MB with the first %,d",
                                            after / 1e6,
                                            before / 1e6,
                                            first)));
                }
            }
        }
        return figures;
    }

    private Plan idle(ServerProcess server, List<Plan.Identity> identities) {
        return new Plan(
                Plan.Wire.MQTT,
                server.mqttAddress(),
                identities,
                Plan.Load.of(0, Duration.ZERO).inFlight(1),
                new Plan.Content("idle", false, 0, options.seed()));
    }

    private void settle() throws InterruptedException {
        Thread.sleep(options.tiny() ? Duration.ZERO : SETTLE);
    }
}
