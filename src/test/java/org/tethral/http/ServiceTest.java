package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.http.DeviceChannelTest.assertProblem;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ServiceTest {

    private static ApiServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new ApiServer();
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @Test
    void saysWhichComponentIsDownAndWhy() {
        assertThat(open("/health").text("status")).isEqualTo("up");
        assertThat(open("/health/ready").status()).isEqualTo(200);
        server.databaseProblem.set(Optional.of("disk is full"));
        try {
            var health = open("/health");
            assertThat(health.status()).isEqualTo(503);
            assertThat(health.raw().body())
                    .contains(
                            "{\"name\":\"database\",\"status\":\"down\",\"reason\":\"disk is full\"}")
                    .contains("{\"name\":\"ingest\",\"status\":\"up\"");
            assertThat(open("/health/ready").status()).isEqualTo(503);
            assertThat(open("/health/live").status()).isEqualTo(200);
        } finally {
            server.databaseProblem.set(Optional.empty());
        }
    }

    @Test
    void answersInProblemsWhereverNothingIs() {
        assertProblem(server.get("/nowhere").raw(), 404, "no-such-path", "/openapi.json");
        assertProblem(
                server.call("PUT", "/api/v1/devices", "{}").raw(),
                405,
                "method-not-allowed",
                "method");
    }

    @Test
    void answersAMalformedAddressInAProblem() throws Exception {
        for (var target :
                new String[] {
                    "/api/v1/devices?q=%zz", "/api/v1/devices/%zz", "/%", "/api/v1/live?%"
                }) {
            var answer =
                    server.raw(
                            "GET "
                                    + target
                                    + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-API-Key: "
                                    + server.key
                                    + "\r\n\r\n");
            assertThat(answer)
                    .as(target)
                    .startsWith("HTTP/1.1 4")
                    .contains("application/problem+json");
        }
    }

    @Test
    void takesJsonOnlyAndSaysSo() {
        assertProblem(
                server.call(
                                "POST",
                                "/api/v1/devices",
                                "device_id=x",
                                "Content-Type",
                                "application/x-www-form-urlencoded")
                        .raw(),
                415,
                "unsupported-media-type",
                "application/json");
        assertProblem(
                server.post("/api/v1/devices", "{\"device_id\":").raw(),
                400,
                "malformed-json",
                "JSON");
        assertProblem(server.post("/api/v1/devices", "[]").raw(), 400, "invalid-request", "body");
        assertProblem(server.post("/api/v1/devices", "").raw(), 400, "invalid-request", "body");
        assertProblem(
                server.post("/api/v1/devices", "{\"device_id\":\"" + "x".repeat(300_000) + "\"}")
                        .raw(),
                413,
                "too-long",
                "");
    }

    @Test
    void compressesLongAnswersWhenAsked() {
        for (int i = 0; i < 20; i++) {
            server.device("compressed-" + i);
        }
        var answer =
                server.call("GET", "/api/v1/devices?q=compressed", null, "Accept-Encoding", "gzip");
        assertThat(answer.header("Content-Encoding")).contains("gzip");
        assertThat(server.get("/api/v1/devices?q=compressed").header("Content-Encoding")).isEmpty();
    }

    @Test
    void servesTheContractAndAPageToTryIt() {
        assertThat(open("/openapi.json").raw().body())
                .startsWith("{")
                .contains("\"openapi\": \"3.1.0\"");
        assertThat(open("/docs").header("Location")).contains("/docs/");
        var page = open("/docs/");
        assertThat(page.raw().body()).contains("swagger-ui-bundle.js");
        assertThat(page.header("Content-Security-Policy"))
                .hasValueSatisfying(policy -> assertThat(policy).contains("script-src 'self';"));
        var script = open("/docs/swagger-ui-bundle.js");
        assertThat(script.status()).isEqualTo(200);
        assertThat(script.header("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/javascript"));
        var known = Map.of("If-None-Match", script.header("ETag").orElseThrow());
        assertThat(server.send("GET", "/docs/swagger-ui-bundle.js", null, known).status())
                .isEqualTo(304);
    }

    @Test
    void servesNoFileFromElsewhere() {
        for (var path :
                new String[] {
                    "/docs/../openapi.json",
                    "/docs/%2e%2e/openapi.json",
                    "/../openapi.json",
                    "/..%2fopenapi.json",
                    "/db/sqlite/V1__foundation.sql",
                    "/org/tethral/Main.class",
                    "/docs/..%5copenapi.json",
                    "//etc/passwd"
                }) {
            var answer = open(path);
            assertThat(answer.raw().body())
                    .as(path)
                    .doesNotContain("CREATE TABLE")
                    .doesNotContain("root:");
            assertThat(answer.status()).as(path).isIn(200, 400, 404);
        }
        assertThat(open("/db/sqlite/V1__foundation.sql").status()).isEqualTo(404);
    }

    private static ApiServer.Answer open(String path) {
        return server.send("GET", path, null, Map.of());
    }
}
