package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.http.DeviceChannelTest.assertProblem;
import static org.tethral.kernel.Eventually.eventually;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

class StateApiTest {

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
    void showsWhatADeviceReportedAndWhatIsWantedOfIt() {
        var token = server.device("valve");
        server.report(token, "{\"open\":10,\"mode\":\"auto\"}");
        var wanted =
                server.call(
                        "PATCH",
                        "/api/v1/devices/valve/desired",
                        "{\"open\":50,\"mode\":\"auto\"}");
        assertThat(wanted.status()).as(wanted.raw().body()).isEqualTo(200);
        assertThat(wanted.body().find("delta")).contains(Document.of("open", Value.of(50)));
        var state = server.get("/api/v1/devices/valve/state");
        assertThat(state.body().find("reported"))
                .contains(Document.of("open", Value.of(10)).with("mode", Value.of("auto")));
        assertThat(state.header("ETag")).contains("\"1\"");
        var late =
                server.call(
                        "PATCH",
                        "/api/v1/devices/valve/desired",
                        "{\"open\":60}",
                        "If-Match",
                        "\"0\"");
        assertProblem(late.raw(), 412, "version-conflict", "version 1");
    }

    @Test
    void listsDevicesWithTheirStatesWhenAsked() {
        var token = server.device("listed");
        server.report(token, "{\"level\":7}");
        var plain = server.get("/api/v1/devices?q=listed").items().getFirst();
        var whole = server.get("/api/v1/devices?q=listed&include=state").items().getFirst();
        assertThat(plain.find("state")).isEmpty();
        assertThat(whole.text("device_id")).hasValue("listed");
        assertThat(whole.find("state"))
                .containsInstanceOf(Document.class)
                .hasValueSatisfying(state ->
                        assertThat(((Document) state).find("reported"))
                                .contains(Document.of("level", Value.of(7))));
        assertProblem(
                server.get("/api/v1/devices?include=all").raw(), 400, "invalid-request", "include");
    }

    @Test
    void tellsTheDeviceWhatIsWantedAndOnlyWhenThatChanged() {
        var token = server.device("heater");
        server.call("PATCH", "/api/v1/devices/heater/desired", "{\"target\":21}");
        var first = desired(token, Map.of());
        assertThat(first.body().find("desired")).contains(Document.of("target", Value.of(21)));
        var etag = first.header("ETag").orElseThrow();
        assertThat(desired(token, Map.of("If-None-Match", etag)).status()).isEqualTo(304);
        server.report(token, "{\"target\":21}");
        var reported = desired(token, Map.of("If-None-Match", etag));
        assertThat(reported.status()).isEqualTo(200);
        assertThat(reported.body().find("delta")).contains(Document.EMPTY);
    }

    @Test
    void countsAPollAsASignOfLife() throws Exception {
        var token = server.device("poller");
        desired(token, Map.of());
        eventually(() -> server.get("/api/v1/devices/poller").text("status").equals("online"));
    }

    @Test
    void keepsAHistoryOfStates() {
        var token = server.device("machine");
        var authorization = Map.of("Authorization", "Bearer " + token);
        server.send(
                "POST",
                "/device/v1/state",
                "{\"state\":\"busy\",\"reason\":\"order 7\"}",
                authorization);
        server.send("POST", "/device/v1/state", "idle", authorization);
        var history = server.get("/api/v1/state-history/machine?limit=100").items();
        assertThat(history.getFirst().text("to_state")).contains("idle");
        assertThat(history.get(1).text("reason")).contains("order 7");
        assertThat(server.get("/api/v1/devices/states?state=idle").items())
                .extracting(item -> item.text("device_id").orElseThrow())
                .contains("machine");
        assertThat(server.get("/api/v1/devices/states/statistics").body().find("by_state"))
                .isPresent();
        var durations = server.get("/api/v1/devices/machine/states/durations");
        assertThat(durations.status()).as(durations.raw().body()).isEqualTo(200);
    }

    @Test
    void tellsOnlyTheChangesWithinATime() {
        var token = server.device("bounded");
        var authorization = Map.of("Authorization", "Bearer " + token);
        for (var word : List.of("one", "two", "three", "four")) {
            server.send("POST", "/device/v1/state", word, authorization);
        }
        var path = "/api/v1/state-history/bounded";
        var all = server.get(path).items();
        var three = all.get(1).text("timestamp").orElseThrow();
        var two = all.get(2).text("timestamp").orElseThrow();
        assertThat(words(path + "?from=" + two + "&to=" + three)).containsExactly("two");
        assertThat(words(path + "?from=" + two)).containsExactly("four", "three", "two");
        var part = server.get(path + "?limit=1&from=" + two).body();
        var cursor = "&cursor=" + part.text("next_cursor").orElseThrow();
        assertThat(words(path + "?from=" + two + cursor)).containsExactly("three", "two");
        assertThat(words(path + "?to=" + two)).startsWith("one").doesNotContain("two");
        assertThat(server.get(path + "?from=" + three + "&to=" + two).status()).isEqualTo(400);
    }

    private static List<String> words(String path) {
        return server.get(path).items().stream()
                .map(change -> change.text("to_state").orElseThrow())
                .toList();
    }

    @Test
    void changesTheConfiguration() {
        server.device("configured");
        var changed =
                server.call(
                        "PATCH", "/api/v1/devices/configured/configuration", "{\"interval\":30}");
        assertThat(changed.body().find("configuration"))
                .contains(Document.of("interval", Value.of(30)));
        assertThat(server.call("PATCH", "/api/v1/devices/nobody/configuration", "{}").status())
                .isEqualTo(404);
    }

    private static ApiServer.Answer desired(String token, Map<String, String> headers) {
        var all = new java.util.HashMap<>(headers);
        all.put("Authorization", "Bearer " + token);
        return server.send("GET", "/device/v1/desired", null, all);
    }
}
