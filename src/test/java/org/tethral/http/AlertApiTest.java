package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.http.DeviceChannelTest.assertProblem;

import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tethral.json.Json;
import org.tethral.kernel.Value;

/// Rules and alerts over HTTP.
class AlertApiTest {

    private static final String HOT =
            """
            {"name": "hot", "scope": "device", "scope_id": "%s", "condition": "metric",
             "metric": "temperature", "operator": ">", "threshold": 90, "clear_threshold": 80}\
            """;

    private static ApiServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new ApiServer();
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    private static String rule(String device) {
        server.device(device);
        return server.post("/api/v1/alert-rules", HOT.formatted(device)).text("id");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    "scope": "device", "scope_id": "nobody"                  | there is nothing of that id
                    "scope": "device", "scope_id": "a/b"                     | scope_id
                    "scope": "profile", "scope_id": "x"                      | scope_id
                    "scope": "street", "scope_id": "x"                       | scope
                    "operator": "~"                                          | operator
                    "clear_threshold": 95                                    | good side
                    "condition": "silence"                                   | for_seconds above 0
                    "condition": "state", "state": "On Fire"                 | lower-case
                    "for_seconds": -1                                        | for_seconds
                    "for_seconds": 99999999999                               | for_seconds
                    "severity": "bad"                                        | severity
                    "name": " "                                              | name
                    """)
    void saysWhatIsWrongWithARule(String wrong, String reason) throws Exception {
        server.call("POST", "/api/v1/devices", "{\"device_id\": \"ruled\"}");
        var rule =
                Json.parseObject(HOT.formatted("ruled"))
                        .merged(Json.parseObject("{" + wrong + "}"));
        var answer = server.post("/api/v1/alert-rules", Json.write(rule));
        assertThat(answer.status()).as(answer.raw().body()).isEqualTo(400);
        assertThat(answer.raw().body()).contains(reason);
    }

    @Test
    void changesOnlyTheVersionThatWasSeen() {
        var path = "/api/v1/alert-rules/" + rule("versioned");
        var changed = server.call("PATCH", path, "{\"threshold\": 95}", "If-Match", "\"1\"");
        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.header("ETag")).hasValue("\"2\"");
        assertProblem(
                server.call("PATCH", path, "{\"threshold\": 96}", "If-Match", "\"1\"").raw(),
                412,
                "version-conflict",
                "version 2 is the newest");
        assertThat(server.call("DELETE", path, null).status()).isEqualTo(204);
        assertProblem(server.get(path).raw(), 404, "not-found", "alert rule");
    }

    @Test
    void keepsTheFirstWhoAcknowledgesAndTheFirstWhoResolves() {
        var alert = Alarm.of(server, UUID.fromString(rule("acknowledged")), "acknowledged");
        var path = "/api/v1/alerts/" + alert;
        server.post(path + "/acknowledge", "{\"note\": \"on my way\"}");
        server.post(path + "/acknowledge", "{\"note\": \"me too\"}");
        assertThat(server.get(path).text("acknowledgement")).isEqualTo("on my way");
        assertThat(server.get(path).text("acknowledged_by")).isEqualTo("api_key:test");
        server.post(path + "/resolve", "{\"reason\": \"mended\"}");
        server.post(path + "/resolve", "{\"reason\": \"gone\"}");
        assertThat(server.get(path).text("resolution")).isEqualTo("mended");
        assertThat(server.get("/api/v1/alerts?device_id=acknowledged&open=false").raw().body())
                .contains(alert.toString());
        assertThat(
                        server.get("/api/v1/alerts?device_id=acknowledged&acknowledged=false")
                                .raw()
                                .body())
                .doesNotContain(alert.toString());
        assertProblem(
                server.post("/api/v1/alerts/" + new UUID(1, 1) + "/acknowledge", "{}").raw(),
                404,
                "not-found",
                "alert");
        assertThat(server.get("/api/v1/events?type=alert.*&device_id=acknowledged").raw().body())
                .contains("alert.triggered", "alert.acknowledged", "alert.resolved");
    }

    @Test
    void showsWhatARuleWouldHaveToldAndRefusesTheFuture() {
        server.device("previewed");
        var body = HOT.formatted("previewed");
        var answer = server.post("/api/v1/alert-rules/preview?from=2026-01-01T00:00:00Z", body);
        assertThat(answer.status()).as(answer.raw().body()).isEqualTo(200);
        assertThat(answer.body().find("devices")).contains(Value.of(1L));
        assertThat(answer.body().find("complete")).contains(Value.Bool.TRUE);
        assertProblem(
                server.post(
                                "/api/v1/alert-rules/preview?from=2999-01-01T00:00:00Z&to=2999-01-02T00:00:00Z",
                                body)
                        .raw(),
                400,
                "invalid-request",
                "in the future");
    }
}
