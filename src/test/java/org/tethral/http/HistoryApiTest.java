package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.http.DeviceChannelTest.assertProblem;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

class HistoryApiTest {

    private static final Instant START = Instant.parse("2026-05-01T00:00:00Z");
    private static final int REPORTS = 3_000;

    private static ApiServer server;

    /// One report a minute from START, its number as the value.
    @BeforeAll
    static void start() throws Exception {
        server = new ApiServer();
        var token = server.device("meter");
        for (int from = 0; from < REPORTS; from += 1_000) {
            var items =
                    IntStream.range(from, from + 1_000)
                            .mapToObj(i ->
                                    "{\"timestamp\":%d,\"values\":{\"n\":%d,\"air\":{\"t\":1.5}}}"
                                            .formatted(
                                                    START.plusSeconds(60L * i).toEpochMilli(), i))
                            .collect(Collectors.joining(",", "[", "]"));
            assertThat(server.report(token, items).status()).isEqualTo(200);
        }
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @Test
    void givesTheNewestFirstAndTheRestByCursor() {
        var first = server.get("/api/v1/devices/meter/snapshots?limit=2");
        assertThat(numbers(first.items())).containsExactly(2_999L, 2_998L);
        var next =
                server.get(
                        "/api/v1/devices/meter/snapshots?limit=2&cursor="
                                + first.text("next_cursor"));
        assertThat(numbers(next.items())).containsExactly(2_997L, 2_996L);
    }

    @Test
    void givesARangeInTheOrderOfTime() {
        var path =
                "/api/v1/devices/meter/snapshots?order=asc&from=2026-05-01T00:10:00Z&to=2026-05-01T00:13:00Z";
        assertThat(numbers(server.get(path).items())).containsExactly(10L, 11L, 12L);
        assertProblem(
                server.get(
                                "/api/v1/devices/meter/snapshots?from=2026-05-02T00:00:00Z&to=2026-05-01T00:00:00Z")
                        .raw(),
                400,
                "invalid-request",
                "'from'");
        assertProblem(
                server.get("/api/v1/devices/meter/snapshots?from=yesterday").raw(),
                400,
                "invalid-request",
                "from");
    }

    @Test
    void takesATimeWithAnOffset() {
        var path =
                "/api/v1/devices/meter/snapshots?order=asc&from=2026-05-01T02:10:00%2B02:00&to=2026-05-01T02:11:00%2B02:00";
        assertThat(numbers(server.get(path).items())).containsExactly(10L);
    }

    @Test
    void streamsAllLineByLine() throws Exception {
        var answer =
                server.call(
                        "GET",
                        "/api/v1/devices/meter/snapshots?order=asc",
                        null,
                        "Accept",
                        "application/x-ndjson");
        var lines = new ArrayList<Document>();
        for (var line : answer.raw().body().lines().toList()) {
            lines.add(Json.parseObject(line));
        }
        assertThat(numbers(lines)).hasSize(REPORTS).isSorted();
    }

    @Test
    void sumsUpPerInterval() {
        var path =
                "/api/v1/devices/meter/aggregates?metric=n&interval=1h&from=2026-05-01T00:00:00Z&to=2026-05-01T03:00:00Z";
        var hours = server.get(path).items();
        assertThat(hours).hasSize(3);
        assertThat(hours.get(1).find("avg")).contains(Value.of(89.5));
        assertThat(hours.get(1).find("first")).contains(Value.of(60.0));
        assertThat(hours.get(1).find("count")).contains(Value.of(60L));
        var some = server.get(path + "&functions=max,last").items().getFirst();
        assertThat(some.values().keySet()).containsExactly("start", "max", "last");
        assertProblem(
                server.get(path + "&functions=median").raw(), 400, "invalid-request", "median");
        assertProblem(
                server.get(
                                "/api/v1/devices/meter/aggregates?metric=n&interval=1s&from=2020-01-01T00:00:00Z")
                        .raw(),
                400,
                "invalid-request",
                "interval");
    }

    @Test
    void thinsOutASeriesForAChart() {
        var path =
                "/api/v1/devices/meter/series?metric=n&from=2026-05-01T00:00:00Z&to=2026-05-04T00:00:00Z";
        var series = server.get(path + "&points=100");
        assertThat(series.text("source")).isEqualTo("readings");
        var points = ((Value.Array) series.body().find("points").orElseThrow()).items();
        assertThat(points).hasSize(100);
        assertThat(((Document) points.getLast()).find("value")).contains(Value.of(2_999.0));
    }

    @Test
    void namesTheMetrics() {
        assertThat(server.get("/api/v1/devices/meter/metrics").raw().body())
                .contains("\"air.t\"")
                .contains("\"n\"");
    }

    private static List<Long> numbers(List<Document> snapshots) {
        return snapshots.stream()
                .map(item -> (Document) item.find("values").orElseThrow())
                .map(values -> ((Value.Numeric) values.find("n").orElseThrow()).value().longValue())
                .toList();
    }
}
