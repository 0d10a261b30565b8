package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.http.DeviceChannelTest.assertProblem;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// Spaces and what belongs to them over HTTP.
class SpaceApiTest {

    private static int names;
    private static ApiServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new ApiServer();
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    private static String space() {
        var code = "S-" + ++names;
        return "/api/v1/spaces/"
                + server.post(
                                "/api/v1/spaces",
                                "{\"code\":\"%s\",\"community_id\":\"00000000-0000-4000-8000-000000000001\"}"
                                        .formatted(code))
                        .text("id");
    }

    private static String id(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    @Test
    void changesOnlyTheVersionThatWasSeen() {
        var path = space();
        assertThat(server.get(path).header("ETag")).hasValue("\"1\"");
        var changed = server.call("PATCH", path, "{\"name\":\"Lot 7\"}", "If-Match", "\"1\"");
        assertThat(changed.header("ETag")).hasValue("\"2\"");
        assertThat(changed.text("name")).isEqualTo("Lot 7");
        assertProblem(
                server.call(
                                "POST",
                                path + "/maintenance",
                                "{\"maintenance\":true}",
                                "If-Match",
                                "\"1\"")
                        .raw(),
                412,
                "version-conflict",
                "version 2 is the newest");
        assertThat(server.call("DELETE", path, null).status()).isEqualTo(204);
        assertThat(server.get(path).status()).isEqualTo(404);
    }

    @Test
    void saysWhoIsInTheWayAndWhatIsFree() {
        var path = space();
        var book =
                "{\"space_id\":\"%s\",\"starts_at\":\"2098-01-01T10:00:00Z\",\"ends_at\":\"2098-01-01T12:00:00Z\",\"request_id\":\"%s\"}";
        var first = book.formatted(id(path), path);
        var made = server.post("/api/v1/reservations", first);
        assertThat(made.status()).isEqualTo(201);
        var again = server.post("/api/v1/reservations", first);
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.text("id")).isEqualTo(made.text("id"));
        assertProblem(
                server.post("/api/v1/reservations", book.formatted(id(path), path + "other")).raw(),
                409,
                "overlap",
                "the space is taken from 2098-01-01T10:00:00.000000Z to"
                        + " 2098-01-01T12:00:00.000000Z");
        var day =
                server.get(
                        path + "/availability?from=2098-01-01T09:00:00Z&to=2098-01-01T13:00:00Z");
        assertThat(day.body().find("available")).contains(Value.of(false));
        assertThat(((Value.Array) day.body().find("free").orElseThrow()).items())
                .extracting(one -> ((Document) one).text("from").orElseThrow().substring(11, 16))
                .containsExactly("09:00", "12:00");
        var cancel = "/api/v1/reservations/" + made.text("id") + "/cancel";
        assertThat(server.call("POST", cancel, null).text("status")).isEqualTo("cancelled");
        assertThat(server.call("POST", cancel, null).status()).isEqualTo(409);
        assertThat(server.post("/api/v1/reservations", book.formatted(id(path), "next")).status())
                .isEqualTo(201);
    }

    @Test
    void showsWhatIsOverriddenAndByWhom() {
        var path = space();
        var taken = server.post(path + "/override", "{\"state\":\"occupied\",\"for_seconds\":60}");
        assertThat(taken.text("state")).isEqualTo("occupied");
        var trail = server.get("/api/v1/actuations?space_id=" + id(path)).items();
        assertThat(trail.getFirst().text("trigger_type")).contains("manual_override");
        assertThat(trail.getFirst().text("trigger_source")).contains("api_key:test");
        assertThat(server.call("DELETE", path + "/override", null).text("state"))
                .isEqualTo("unknown");
        assertThat(server.get("/api/v1/actuations?trigger=manual_override&failed=true").items())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    "dev_eui": "70B3D57ED000123"                                  | 16
                    "dev_eui": "70B3D57ED000123G"                                 | DevEUI
                    "display_type": "neon"                                        | display_type
                    "fport": 0                                                    | fport
                    "fport": 224                                                  | fport
                    "display_codes": {"free": "00"}                               | 5 bytes
                    "display_codes": {"free": "0000FF64ZZ"}                       | hex
                    "display_codes": {"gone": "0000FF6400"}                       | gone
                    """)
    void saysWhatIsWrongWithADisplay(String wrong, String reason) {
        server.call("POST", "/api/v1/devices", "{\"device_id\":\"light\"}");
        var type = wrong.contains("display_type") ? "" : "\"display_type\":\"kuando_busylight\",";
        var answer = server.call("PUT", "/api/v1/displays/light", "{" + type + wrong + "}");
        assertThat(answer.status()).as(answer.raw().body()).isEqualTo(400);
        assertThat(answer.raw().body()).contains(reason);
        assertThat(server.get("/api/v1/displays/light").status()).isEqualTo(404);
    }

    @Test
    void givesAKnownTypeItsCodesAndServesOneSpacePerSensor() {
        server.device("bay");
        server.device("lamp");
        assertThat(
                        server.call(
                                        "PUT",
                                        "/api/v1/sensors/bay",
                                        "{\"dev_eui\":\"70-b3-d5-7e-d0-00-12-34\"}")
                                .text("dev_eui"))
                .isEqualTo("70B3D57ED0001234");
        var lamp =
                server.call(
                        "PUT",
                        "/api/v1/displays/lamp",
                        "{\"display_type\":\"kuando_busylight\",\"display_codes\":{\"free\":\"00ff006400\"}}");
        assertThat(lamp.status()).isEqualTo(201);
        var codes = (Document) lamp.body().find("display_codes").orElseThrow();
        assertThat(codes.text("free")).contains("00FF006400");
        assertThat(codes.text("reserved")).contains("FF00FF6400");
        assertThat(lamp.body().find("fport")).contains(Value.of(15));
        var one = space();
        var assign = "{\"part\":\"sensor\",\"device_id\":\"bay\"}";
        assertThat(server.post(one + "/assign", assign).text("sensor_dev_eui"))
                .isEqualTo("70B3D57ED0001234");
        assertProblem(
                server.post(space() + "/assign", assign).raw(),
                409,
                "serves-another",
                "the sensor serves space " + id(one));
        assertThat(server.get("/api/v1/spaces?sensor_deveui=70b3d57ed0001234").items()).hasSize(1);
        assertThat(server.call("DELETE", "/api/v1/sensors/bay", null).status()).isEqualTo(204);
        assertThat(server.get(one).body().find("sensor_device_id")).contains(Value.Null.NULL);
    }

    @Test
    void takesASiteOutOfATable() {
        var answer =
                server.post(
                        "/api/v1/spaces/import",
                        "{\"csv\":\"space,location,sensor_eui\\nI-1,Hall/A,70B3D57ED0009999\\n,,\\nI-2,a/b/c/d/e,\"}");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().find("added")).contains(Value.of(1));
        assertThat(answer.raw().body()).contains("\"line\":4", "four parts at most");
        assertThat(server.get("/api/v1/locations?kind=building").items()).hasSize(1);
    }
}
