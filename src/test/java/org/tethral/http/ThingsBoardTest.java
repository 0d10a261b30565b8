package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

class ThingsBoardTest {

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
    void takesTelemetryAndAttributesAsThingsBoardDoes() {
        var token = server.device("tb");
        var stored =
                send(
                        "POST",
                        "/api/v1/" + token + "/telemetry",
                        "{\"ts\":1751371200000,\"values\":{\"temperature\":22.4}}");
        assertThat(stored.status()).isEqualTo(200);
        assertThat(stored.raw().body()).isEmpty();
        assertThat(
                        send("POST", "/api/v1/" + token + "/attributes", "{\"firmware\":\"1.2\"}")
                                .status())
                .isEqualTo(200);
        server.call("PATCH", "/api/v1/devices/tb/desired", "{\"interval\":5,\"mode\":\"a\"}");
        var read =
                send(
                        "GET",
                        "/api/v1/"
                                + token
                                + "/attributes?clientKeys=firmware&sharedKeys=interval,none",
                        null);
        assertThat(read.body().find("client")).contains(Document.of("firmware", Value.of("1.2")));
        assertThat(read.body().find("shared")).contains(Document.of("interval", Value.of(5)));
    }

    @Test
    void tellsAWaitingDeviceOfAChange() throws Exception {
        var token = server.device("waiting");
        var answer =
                CompletableFuture.supplyAsync(() ->
                        send(
                                "GET",
                                "/api/v1/" + token + "/attributes/updates?timeout=20000",
                                null));
        var version = new AtomicInteger();
        eventually(() -> { // it may not wait yet
            server.call(
                    "PATCH",
                    "/api/v1/devices/waiting/desired",
                    "{\"a\":" + version.incrementAndGet() + "}");
            return answer.isDone();
        });
        assertThat(answer.get(30, TimeUnit.SECONDS).body().find("a")).isPresent();
        assertThat(
                        send("GET", "/api/v1/" + token + "/attributes/updates?timeout=20", null)
                                .status())
                .isEqualTo(408);
    }

    @Test
    void neverTakesANameOfTheApiForAToken() {
        server.post("/api/v1/devices", "{\"device_id\":\"named\",\"token\":\"profiles\"}");
        assertThat(send("POST", "/api/v1/profiles/telemetry", "{\"a\":1}").status()).isIn(404, 405);
        assertThat(server.get("/api/v1/devices/telemetry").status()).isEqualTo(404);
        assertThat(send("POST", "/api/v1/wrongtoken/telemetry", "{\"a\":1}").status())
                .isEqualTo(401);
    }

    private static ApiServer.Answer send(
            String method, String path, @org.jspecify.annotations.Nullable String body) {
        return server.send(method, path, body, Map.of());
    }
}
