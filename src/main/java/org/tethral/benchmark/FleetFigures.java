package org.tethral.benchmark;

import static org.tethral.benchmark.Figure.Unit.MILLISECONDS;
import static org.tethral.benchmark.Figure.Unit.PERCENT;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.alert.AlertStore;
import org.tethral.device.DeviceFilter;
import org.tethral.device.DeviceId;
import org.tethral.device.Status;
import org.tethral.event.EventLog;
import org.tethral.kernel.Page;
import org.tethral.sql.Database;
import org.tethral.sql.DatabaseUrl;
import org.tethral.sql.SqlAlertStore;
import org.tethral.sql.SqlDeviceStore;
import org.tethral.sql.SqlEventLog;
import org.tethral.sql.SqlFleetStore;

/// A large fleet at a glance over HTTP, questions with and without the indexes that are made for
/// them, and what these indexes cost.
record FleetFigures(Options options, Workbench workbench, Steps steps, InstantSource clock) {

    private static final int DEVICES = 100_000;
    private static final long ALERTS = 1_000_000;
    private static final int REPORTING_DEVICES = 10_000;
    private static final long REPORTS = 400_000;

    /// At every scale: fewer would measure a program that has not run for long enough to be
    /// compiled.
    private static final int READS = 2_000;

    private static final int READS_BEFORE = 4_000;
    private static final int ASKED = 21;
    private static final int ASKED_WITHOUT = 5;
    private static final Page.Request PAGE = Page.Request.first(100);

    List<Figure> measure() throws InterruptedException {
        var figures = new ArrayList<Figure>();
        var bench = workbench.fresh();
        var devices = (int) options.scaled(DEVICES, 500);
        var alerts = options.scaled(ALERTS, 5_000);
        try {
            fill(bench, devices, alerts);
            try (var server = ServerProcess.start(bench)) {
                figures.addAll(
                        overHttp(
                                server,
                                "%,d devices, %,d alerts, 1 in %d open"
                                        .formatted(devices, alerts, Crowd.ALERTS_PER_OPEN)));
            }
            figures.addAll(questions(bench));
        } catch (SQLException e) {
            throw new IllegalStateException("fill a fleet: " + e.getMessage(), e);
        } finally {
            workbench.drop(bench);
        }
        figures.add(indexCost());
        return figures;
    }

    private void fill(Workbench.Bench bench, int devices, long alerts) throws SQLException {
        steps.step("register %,d devices".formatted(devices));
        try (var database = Database.open(DatabaseUrl.parse(bench.database()), clock)) {
            Fleet.register(database, devices, 0, clock);
        }
        steps.step("tell of %,d alerts".formatted(alerts));
        try (var connection = Workbench.connect(bench)) {
            var crowd = new Crowd(connection, options.onSqlite());
            crowd.describe(clock.instant());
            crowd.alerts(alerts, devices, clock.instant());
            crowd.analyze();
        }
    }

    // --- over HTTP

    private List<Figure> overHttp(ServerProcess server, String beside) throws InterruptedException {
        try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            var stats = "/api/v1/dashboard/stats";
            var alerts = "/api/v1/dashboard/alerts?limit=20";
            var own = "&community_id=" + Crowd.COMMUNITY;
            return List.of(
                    read(client, server, "fleet statistics, not cached", stats, true, 12, beside),
                    read(
                            client,
                            server,
                            "… of one community, not cached",
                            stats + "?" + own.substring(1),
                            true,
                            12,
                            beside),
                    read(client, server, "… cached", stats, false, 1, beside),
                    read(client, server, "active alerts, not cached", alerts, true, 3, beside),
                    read(
                            client,
                            server,
                            "… of one community, not cached",
                            alerts + own,
                            true,
                            3,
                            beside));
        }
    }

    private Figure read(
            HttpClient client,
            ServerProcess server,
            String name,
            String path,
            boolean anew,
            double mostMillis,
            String beside)
            throws InterruptedException {
        steps.step("read " + name);
        var builder =
                HttpRequest.newBuilder(server.http().resolve(path))
                        .header("Authorization", "Bearer " + server.apiKey());
        if (anew) {
            builder.header("Cache-Control", "no-cache");
        }
        var request = builder.build();
        read(client, request, options.reads(READS_BEFORE), anew);
        var latency = read(client, request, options.reads(READS), anew);
        return Figure.reads(name, latency, mostMillis, beside);
    }

    /// One after the other; in microseconds.
    private static Histogram read(HttpClient client, HttpRequest request, int count, boolean anew)
            throws InterruptedException {
        var latency = new Histogram(3);
        for (int i = 0; i < count; i++) {
            var begin = System.nanoTime();
            HttpResponse<byte[]> answer;
            try {
                answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
            } catch (IOException e) {
                throw new UncheckedIOException("read " + request.uri(), e);
            }
            latency.recordValue((System.nanoTime() - begin) / 1_000);
            var source = answer.headers().firstValue("X-Cache").orElse("");
            if (answer.statusCode() != 200 || anew && !source.equals("MISS")) {
                throw new IllegalStateException(
                        request.uri() + ": status " + answer.statusCode() + ", " + source);
            }
        }
        return latency;
    }

    // --- with and without indexes

    private List<Figure> questions(Workbench.Bench bench) throws SQLException {
        steps.step("ask with and without indexes");
        Map<String, Double> with;
        try (var database = Database.open(DatabaseUrl.parse(bench.database()), clock)) {
            with = asked(database, ASKED);
        }
        try (var connection = Workbench.connect(bench)) {
            var crowd = new Crowd(connection, options.onSqlite());
            crowd.drop(crowd.secondary());
        }
        var figures = new ArrayList<Figure>();
        try (var database = Database.open(DatabaseUrl.parse(bench.database()), clock)) {
            var without = asked(database, ASKED_WITHOUT);
            with.forEach((name, millis) ->
                    figures.add(
                            Figure.shown(
                                    name,
                                    millis,
                                    MILLISECONDS,
                                    String.format(
                                            Locale.ROOT,
                                            "median; without the index %.2f ms",
                                            without.getOrDefault(name, 0.0)))));
        }
        return figures;
    }

    private static Map<String, Double> asked(Database database, int times) {
        var medians = new LinkedHashMap<String, Double>();
        questions(database).forEach((name, question) -> medians.put(name, median(question, times)));
        return medians;
    }

    private static Map<String, Runnable> questions(Database database) {
        var devices = new SqlDeviceStore(database);
        var alerts = new SqlAlertStore(database);
        var events = new SqlEventLog(database);
        var fleet = new SqlFleetStore(database);
        var small = CommunityId.parse(Crowd.COMMUNITY);
        var questions = new LinkedHashMap<String, Runnable>();
        questions.put(
                "100 offline devices of a community",
                () -> devices.list(filter(small, Status.OFFLINE, null, null, null), PAGE));
        questions.put(
                "100 devices of a type",
                () -> devices.list(filter(null, null, "pump", null, null), PAGE));
        questions.put(
                "100 devices with a capability",
                () -> devices.list(filter(null, null, null, "heat", null), PAGE));
        questions.put(
                "devices by a part of the name",
                () -> devices.list(filter(null, null, null, null, "vice 7777"), PAGE));
        questions.put(
                "newest 100 open alerts of a community",
                () ->
                        alerts.list(
                                new AlertStore.Filter(
                                        true, null, null, null, null, small, null, null),
                                PAGE));
        questions.put(
                "newest 100 alerts of a device",
                () -> alerts.list(AlertStore.Filter.of(new DeviceId("bench-77")), PAGE));
        questions.put(
                "newest 100 events of a device",
                () ->
                        events.list(
                                new EventLog.Filter(
                                        null,
                                        null,
                                        null,
                                        new DeviceId("bench-77"),
                                        null,
                                        null,
                                        null),
                                PAGE));
        questions.put("fleet counts as they are kept", () -> fleet.maintained(null));
        questions.put("fleet counted anew", () -> fleet.counted(null));
        questions.put("… of one community", () -> fleet.counted(small));
        return questions;
    }

    private static DeviceFilter filter(
            @Nullable CommunityId community,
            @Nullable Status status,
            @Nullable String type,
            @Nullable String capability,
            @Nullable String search) {
        return new DeviceFilter(
                community,
                status,
                null,
                null,
                null,
                null,
                type,
                capability,
                null,
                null,
                null,
                search);
    }

    private static double median(Runnable question, int times) {
        var latency = new Histogram(3);
        question.run();
        for (int i = 0; i < times; i++) {
            var begin = System.nanoTime();
            question.run();
            latency.recordValue((System.nanoTime() - begin) / 1_000);
        }
        return latency.getValueAtPercentile(50) / 1e3;
    }

    // --- what indexes cost

    /// The same reports into two databases in turn, one without secondary indexes.
    private Figure indexCost() throws InterruptedException {
        var devices = (int) options.scaled(REPORTING_DEVICES, 500);
        var with = new ArrayList<Double>();
        var without = new ArrayList<Double>();
        for (int i = 0; i < options.times(3); i++) {
            with.add(pipeline(devices, true));
            without.add(pipeline(devices, false));
        }
        with.sort(null);
        without.sort(null);
        var fast = without.get(without.size() / 2);
        var slow = with.get(with.size() / 2);
        return Figure.atMost(
                "what all secondary indexes cost ingest",
                Math.max(0, 100 - slow * 100 / fast),
                PERCENT,
                15,
                String.format(
                        Locale.ROOT,
                        "pipeline without wires, %,d devices, 5 %% with a state change and an event: %,.0f/s against %,.0f/s",
                        devices,
                        slow,
                        fast));
    }

    private double pipeline(int devices, boolean indexes) throws InterruptedException {
        steps.step("the pipeline with" + (indexes ? "" : "out") + " secondary indexes");
        var bench = workbench.fresh();
        try {
            try (var database = Database.open(DatabaseUrl.parse(bench.database()), clock)) {
                Fleet.register(database, devices, 0, clock);
            }
            if (!indexes) {
                try (var connection = Workbench.connect(bench)) {
                    var crowd = new Crowd(connection, options.onSqlite());
                    crowd.drop(crowd.secondary());
                } catch (SQLException e) {
                    throw new IllegalStateException("drop indexes: " + e.getMessage(), e);
                }
            }
            var reports = options.tiny() ? 2_000 : options.scaled(REPORTS, 100_000);
            var work = new Work(Fleet.connecting(devices), options.seed());
            try (var database = Database.open(DatabaseUrl.parse(bench.database()), clock)) {
                Pipeline.run(database, work, devices, Duration.ZERO, clock, _ -> {});
                return Pipeline.run(
                        database,
                        work,
                        reports,
                        Duration.ZERO,
                        clock,
                        done -> steps.reached("reports", done, reports));
            }
        } finally {
            workbench.drop(bench);
        }
    }
}
