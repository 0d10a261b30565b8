package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.http.DeviceChannelTest.assertProblem;
import static org.tethral.kernel.Eventually.eventually;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

class DeviceApiTest {

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
    void registersADeviceAndShowsItsTokenOnce() {
        var added =
                server.post(
                        "/api/v1/devices",
                        "{\"device_id\":\"Pumpe 7/ä\",\"name\":\"x\"}".replace("/", "-"));
        assertThat(added.status()).as(added.raw().body()).isEqualTo(201);
        assertThat(added.text("token")).startsWith("tethral_dev_");
        assertThat(added.header("Location")).contains("/api/v1/devices/Pumpe%207-%C3%A4");
        var read = server.get(added.header("Location").orElseThrow());
        assertThat(read.text("device_id")).isEqualTo("Pumpe 7-ä");
        assertThat(read.body().find("token")).isEmpty();
        assertThat(server.report(added.text("token"), "{\"a\":1}").status()).isEqualTo(200);
    }

    @Test
    void keepsTheFirstOfTwoDevicesWithOneId() {
        server.device("twin");
        var second = server.post("/api/v1/devices", "{\"device_id\":\"twin\",\"name\":\"second\"}");
        assertProblem(second.raw(), 409, "device-id-taken", "twin");
        assertThat(server.get("/api/v1/devices/twin").text("name")).isEqualTo("twin");
    }

    @Test
    void namesEveryFaultyField() {
        var answer =
                server.post(
                        "/api/v1/devices",
                        "{\"device_id\":7,\"protocol\":\"smoke signals\",\"nmae\":\"x\",\"capabilities\":[1]}");
        assertProblem(answer.raw(), 400, "invalid-request", "");
        assertThat(errors(answer.body()))
                .extracting(error -> error.text("field").orElseThrow())
                .contains("device_id", "protocol", "nmae", "capabilities.0");
    }

    @Test
    void takesAnIdThatLooksLikeANumber() {
        assertThat(server.post("/api/v1/devices", "{\"device_id\":\"1.5\"}").status())
                .isEqualTo(201);
        assertThat(server.get("/api/v1/devices/1.5").text("device_id")).isEqualTo("1.5");
        assertThat(server.get("/api/v1/devices?q=1.5").items()).hasSize(1);
    }

    @Test
    void changesOnlyTheVersionThatWasRead() {
        server.device("lamp");
        assertProblem(
                server.call("PATCH", "/api/v1/devices/lamp", "{\"name\":\"A\"}").raw(),
                428,
                "version-missing",
                "\"1\"");
        var changed =
                server.call(
                        "PATCH",
                        "/api/v1/devices/lamp",
                        "{\"name\":\"A\",\"metadata\":{\"room\":\"1\"}}",
                        "If-Match",
                        "\"1\"");
        assertThat(changed.status()).as(changed.raw().body()).isEqualTo(200);
        assertThat(changed.header("ETag")).contains("\"2\"");
        var late =
                server.call(
                        "PATCH", "/api/v1/devices/lamp", "{\"name\":\"B\"}", "If-Match", "\"1\"");
        assertProblem(late.raw(), 412, "version-conflict", "version 2");
        var any =
                server.call(
                        "PATCH",
                        "/api/v1/devices/lamp",
                        "{\"metadata\":{\"floor\":\"3\"},\"model\":\"X\"}",
                        "If-Match",
                        "*",
                        "Content-Type",
                        "application/merge-patch+json");
        assertThat(any.body().find("metadata"))
                .contains(Document.of("room", Value.of("1")).with("floor", Value.of("3")));
        assertThat(any.text("name")).isEqualTo("A");
        assertThat(any.text("model")).isEqualTo("X");
    }

    @Test
    void listsInPartsWithoutGapOrDouble() {
        for (int i = 0; i < 25; i++) {
            server.post(
                    "/api/v1/devices",
                    "{\"device_id\":\"part-%02d\",\"device_type\":\"part\"}".formatted(i));
        }
        var ids = new java.util.ArrayList<String>();
        var path = "/api/v1/devices?device_type=part&limit=10";
        for (var next = path; next != null; ) {
            var page = server.get(next);
            page.items().forEach(item -> ids.add(item.text("device_id").orElseThrow()));
            next =
                    page.body()
                            .text("next_cursor")
                            .map(cursor -> path + "&cursor=" + cursor)
                            .orElse(null);
        }
        assertThat(ids).hasSize(25).isSorted().doesNotHaveDuplicates();
        assertProblem(
                server.get(path + "&cursor=nonsense").raw(), 400, "invalid-request", "cursor");
        assertProblem(server.get("/api/v1/devices?limit=0").raw(), 400, "invalid-request", "limit");
    }

    @Test
    void movesADeviceThroughItsLifeAndKeepsWhy() {
        server.device("old");
        var moved =
                server.post(
                        "/api/v1/devices/old/lifecycle",
                        "{\"lifecycle\":\"maintenance\",\"reason\":\"new seal\"}");
        assertThat(moved.text("lifecycle")).isEqualTo("maintenance");
        assertThat(server.get("/api/v1/devices/old/lifecycle").items())
                .anySatisfy(move -> {
                    assertThat(move.text("reason")).contains("new seal");
                    assertThat(move.text("actor")).contains("api_key:test");
                });
    }

    @Test
    void barsADisabledDeviceAtOnce() {
        var token = server.device("barred");
        assertThat(server.report(token, "{\"a\":1}").status()).isEqualTo(200);
        server.call("PATCH", "/api/v1/devices/barred", "{\"enabled\":false}", "If-Match", "*");
        assertThat(server.report(token, "{\"a\":2}").status()).isEqualTo(403);
    }

    @Test
    void removesADeviceOnlyWhenItIsSaidWhatBecomesOfItsHistory() {
        var token = server.device("gone");
        server.report(token, "{\"a\":1}");
        assertProblem(
                server.call("DELETE", "/api/v1/devices/gone", null).raw(),
                400,
                "invalid-request",
                "history");
        assertThat(server.call("DELETE", "/api/v1/devices/gone?history=keep", null).status())
                .isEqualTo(204);
        assertThat(server.get("/api/v1/devices/gone").status()).isEqualTo(404);
        assertThat(server.report(token, "{\"a\":2}").status()).isEqualTo(401);
        assertThat(server.call("DELETE", "/api/v1/devices/gone?history=keep", null).status())
                .isEqualTo(404);
    }

    @Test
    void registersFromTheInboxWhoWasTurnedAway() throws Exception {
        server.send(
                "POST",
                "/device/v1/report",
                "{\"a\":1}",
                java.util.Map.of(
                        "Authorization", "Bearer tethral_dev_nobody", "X-Device-Id", "stranger"));
        eventually(() -> server.get("/api/v1/inbox").raw().body().contains("\"stranger\""));
        var added = server.post("/api/v1/inbox/stranger/register", "{\"name\":\"No stranger\"}");
        assertThat(added.status()).as(added.raw().body()).isEqualTo(201);
        assertThat(server.report(added.text("token"), "{\"a\":1}").status()).isEqualTo(200);
        assertThat(server.call("DELETE", "/api/v1/inbox/stranger", null).status()).isEqualTo(404);
    }

    @Test
    void keepsProfilesThatDevicesHave() {
        var added =
                server.post(
                        "/api/v1/profiles",
                        "{\"name\":\"Thermometer\",\"heartbeat_interval_seconds\":10}");
        assertThat(added.status()).as(added.raw().body()).isEqualTo(201);
        var path = "/api/v1/profiles/" + added.text("id");
        server.post(
                "/api/v1/devices",
                "{\"device_id\":\"t1\",\"profile_id\":\"" + added.text("id") + "\"}");
        assertProblem(server.call("DELETE", path, null).raw(), 409, "profile-in-use", "1 devices");
        assertThat(server.call("PATCH", path, "{\"model\":\"T\"}").text("model")).isEqualTo("T");
        assertProblem(
                server.call("PATCH", path, "{\"offline_after_seconds\":5}").raw(),
                400,
                "invalid-request",
                "offline_after_seconds");
    }

    private static List<Document> errors(Document problem) {
        return ((Value.Array) problem.find("errors").orElseThrow())
                .items().stream().map(item -> (Document) item).toList();
    }
}
