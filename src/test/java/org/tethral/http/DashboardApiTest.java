package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.tethral.account.CommunityId;
import org.tethral.json.Json;
import org.tethral.kernel.Document;

/// A fleet at a glance, over HTTP.
class DashboardApiTest {

    private static final String HOT =
            """
            {"name": "hot", "scope": "device", "scope_id": "oven", "condition": "metric", "severity": "critical",
             "metric": "temperature", "operator": ">", "threshold": 90, "clear_threshold": 80}\
            """;

    @Test
    void tellsHowTheFleetIs() throws Exception {
        try (var server = new ApiServer()) {
            var token = server.device("oven");
            server.device("quiet");
            server.report(token, "{\"temperature\": 91}");
            var rule = server.post("/api/v1/alert-rules", HOT).text("id");
            var alert = Alarm.of(server, java.util.UUID.fromString(rule), "oven");
            var stats = server.get("/api/v1/dashboard/stats");
            assertThat(Json.write(without(stats.body(), "as_of")))
                    .isEqualTo(
                            "{\"total\":2,\"online\":1,\"offline\":0,\"active_alerts\":1,\"critical_alerts\":1,"
                                    + "\"average_health\":100.0,\"messages_last_hour\":1}");
            var alerts = server.get("/api/v1/dashboard/alerts?limit=1");
            assertThat(alerts.items()).hasSize(1);
            assertThat(alerts.items().getFirst().text("id")).contains(alert.toString());
            assertThat(alerts.items().getFirst().text("device_name")).contains("oven");
            assertThat(server.get("/api/v1/dashboard/stats?community_id=" + CommunityId.DEFAULT))
                    .satisfies(own ->
                            assertThat(own.body().find("total"))
                                    .isEqualTo(stats.body().find("total")));
            assertThat(
                            server.get(
                                            "/api/v1/dashboard/stats?community_id=00000000-0000-4000-8000-000000000009")
                                    .raw()
                                    .body())
                    .contains("\"total\":0", "\"average_health\":null");
        }
    }

    @Test
    void saysWhereAnAnswerComesFrom() throws Exception {
        try (var server = new ApiServer()) {
            server.fleetClock.set(InstantSource.fixed(Instant.now()));
            for (var path : new String[] {"/api/v1/dashboard/stats", "/api/v1/dashboard/alerts"}) {
                assertThat(server.get(path).header("X-Cache")).contains("MISS");
                var again = server.get(path);
                assertThat(again.header("X-Cache")).contains("HIT");
                assertThat(again.header("Cache-Control")).contains("private, max-age=2");
                assertThat(
                                server.call("GET", path, null, "Cache-Control", "no-cache")
                                        .header("X-Cache"))
                        .contains("MISS");
                assertThat(server.get(path + "?community_id=x").status()).isEqualTo(400);
            }
            assertThat(server.get("/api/v1/dashboard/alerts?limit=101").status()).isEqualTo(400);
        }
    }

    @Test
    void servesAStaleAnswerAndSaysSoWhereTheDatabaseIsAway() throws Exception {
        try (var server = new ApiServer()) {
            var known = server.get("/api/v1/dashboard/stats");
            server.fleetAway.set(true);
            var stale =
                    server.call(
                            "GET", "/api/v1/dashboard/stats", null, "Cache-Control", "no-cache");
            assertThat(stale.status()).isEqualTo(200);
            assertThat(stale.header("X-Cache")).contains("STALE");
            assertThat(stale.header("Cache-Control")).contains("no-cache");
            assertThat(stale.text("as_of")).isEqualTo(known.text("as_of"));
            assertThat(server.get("/api/v1/dashboard/alerts").status()).isEqualTo(503);
        }
    }

    private static Document without(Document document, String name) {
        var rest = new java.util.LinkedHashMap<>(document.values());
        rest.remove(name);
        return new Document(rest);
    }
}
