package org.tethral.http;

import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import org.tethral.device.DeviceId;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
import org.tethral.json.Json;
import org.tethral.kernel.Page;
import org.tethral.kernel.Value;
import org.tethral.state.Aggregate;
import org.tethral.state.HistoryStore;
import org.tethral.state.Interval;
import org.tethral.state.Series;
import org.tethral.state.StateStore;

/// What devices reported: snapshots, and the numbers in them.
final class HistoryRoutes {

    static final int AGGREGATES_MAX = 10_000;
    private static final Duration INTERVAL_DEFAULT = Duration.ofDays(1);
    private static final int POINTS_DEFAULT = 1_000;
    private static final Pattern STEP = Pattern.compile("([1-9][0-9]{0,8})([smhd])");
    private static final String NDJSON = "application/x-ndjson";

    private static final Map<String, ToDoubleFunction<Aggregate>> FUNCTIONS = functions();

    private final HistoryStore history;
    private final StateStore states;
    private final Ingest ingest;
    private final InstantSource clock;

    HistoryRoutes(HttpEdge.Parts parts) {
        this.history = parts.stores().history();
        this.states = parts.stores().states();
        this.ingest = parts.ingest();
        this.clock = parts.clock();
    }

    private static Map<String, ToDoubleFunction<Aggregate>> functions() {
        var functions = new LinkedHashMap<String, ToDoubleFunction<Aggregate>>();
        functions.put("avg", Aggregate::average);
        functions.put("min", Aggregate::min);
        functions.put("max", Aggregate::max);
        functions.put("sum", Aggregate::sum);
        functions.put("count", Aggregate::count);
        functions.put("first", Aggregate::first);
        functions.put("last", Aggregate::last);
        return functions;
    }

    void on(Operations.Target operations) {
        operations.on("listSnapshots", this::snapshots);
        operations.on("listMetrics", this::metrics);
        operations.on("aggregates", this::aggregates);
        operations.on("series", this::series);
    }

    private Reply snapshots(ApiRequest request) {
        var device = request.deviceId();
        var newestFirst = !request.query("order").orElse("desc").equals("asc");
        if (request.header("Accept").filter(type -> type.contains(NDJSON)).isPresent()) {
            var interval = request.interval(Inbound.TIMESTAMP_MIN, Inbound.TIMESTAMP_MAX);
            return new Reply.Streamed(
                    NDJSON, output -> stream(device, interval, newestFirst, output));
        }
        var whole = request.query("from").isEmpty() && request.query("to").isEmpty();
        var page =
                whole && newestFirst
                        ? history.newest(device, request.page())
                        : history.range(
                                device,
                                request.interval(Inbound.TIMESTAMP_MIN, Inbound.TIMESTAMP_MAX),
                                newestFirst,
                                request.page());
        return Reply.ok(Fields.page(page, StateJson::snapshot));
    }

    /// Part by part, so that a slow receiver holds no cursor open in the database.
    private void stream(DeviceId device, Interval interval, boolean newestFirst, Output output)
            throws InterruptedException {
        var request = Page.Request.first(Page.Request.LIMIT_MAX);
        while (true) {
            var page = history.range(device, interval, newestFirst, request);
            var lines = Buffer.buffer();
            for (var snapshot : page.items()) {
                lines.appendBytes(Json.bytes(StateJson.snapshot(snapshot))).appendByte((byte) '\n');
            }
            if (lines.length() > 0) {
                output.write(lines);
            }
            if (page.nextCursor() == null) {
                return;
            }
            request = new Page.Request(Page.Request.LIMIT_MAX, page.nextCursor());
        }
    }

    private Reply metrics(ApiRequest request) {
        var device = request.deviceId();
        ingest.settleRollups(device); // a name is known by its roll-ups
        return Reply.ok(Fields.whole(states.metrics(device), Value::of));
    }

    private Reply aggregates(ApiRequest request) {
        var device = request.deviceId();
        var metric = request.query("metric").orElseThrow();
        var interval = interval(request);
        var step = request.query("interval", HistoryRoutes::step);
        if (step == null) {
            throw new Refusal(Problem.invalid("interval", "is missing: 1m, 15m, 1h, 1d"));
        }
        if (interval.length().dividedBy(step) > AGGREGATES_MAX) {
            throw new Refusal(
                    Problem.invalid(
                            "interval",
                            "gives more than " + AGGREGATES_MAX + " steps between from and to"));
        }
        var functions =
                functions(request.query("functions").orElse(String.join(",", FUNCTIONS.keySet())));
        var aggregates = history.aggregates(device, metric, interval, step);
        return Reply.ok(
                new Fields()
                        .word("device_id", device)
                        .text("metric", metric)
                        .time("from", interval.from())
                        .time("to", interval.to())
                        .number("interval_seconds", step.toSeconds())
                        .list("items", aggregates, aggregate -> aggregate(aggregate, functions))
                        .document());
    }

    private static Value aggregate(Aggregate aggregate, List<String> functions) {
        var fields = new Fields().time("start", aggregate.start());
        for (var name : functions) {
            if (name.equals("count")) {
                fields.number(name, aggregate.count());
            } else {
                fields.number(
                        name,
                        FUNCTIONS.getOrDefault(name, Aggregate::average).applyAsDouble(aggregate));
            }
        }
        return fields.document();
    }

    private static List<String> functions(String given) {
        var names = List.of(given.split(",", -1));
        for (var name : names) {
            if (!FUNCTIONS.containsKey(name)) {
                throw new Refusal(
                        Problem.invalid(
                                "functions",
                                "there is no '"
                                        + name
                                        + "', only "
                                        + String.join(",", FUNCTIONS.keySet())));
            }
        }
        return names;
    }

    private Reply series(ApiRequest request) {
        var device = request.deviceId();
        var metric = request.query("metric").orElseThrow();
        var interval = interval(request);
        var points = request.query("points", Integer::parseInt);
        var series =
                Series.read(
                        history,
                        device,
                        metric,
                        interval,
                        points == null ? POINTS_DEFAULT : points);
        return Reply.ok(
                new Fields()
                        .word("device_id", device)
                        .text("metric", metric)
                        .time("from", interval.from())
                        .time("to", interval.to())
                        .text("source", series.fromRollups() ? "rollups" : "readings")
                        .list(
                                "points",
                                series.points(),
                                point ->
                                        new Fields()
                                                .time("at", point.at())
                                                .number("value", point.value())
                                                .document())
                        .document());
    }

    private Interval interval(ApiRequest request) {
        Instant now = clock.instant();
        return request.interval(now.minus(INTERVAL_DEFAULT), now);
    }

    private static Duration step(String text) {
        var matcher = STEP.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("is a number and s, m, h or d: 15m");
        }
        var count = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
        };
    }
}
