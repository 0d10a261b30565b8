package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tethral.account.Role;
import org.tethral.account.Scope;
import org.tethral.device.DevEui;
import org.tethral.device.DeviceId;
import org.tethral.device.Inbox;
import org.tethral.device.Protocol;
import org.tethral.space.DisplayType;
import org.tethral.sql.SpaceTurns;
import org.tethral.sql.SqlInbox;
import org.tethral.sql.SqlServingDevices;

class NetworkApiTest {

    private static ApiServer server;
    private static SqlServingDevices serving;

    @BeforeAll
    static void start() throws Exception {
        server = new ApiServer();
        serving = new SqlServingDevices(new SpaceTurns(server.database, new Random(1)));
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    private static void knock(String devEui) {
        var now = Instant.parse("2026-01-01T00:00:00Z");
        new SqlInbox(server.database, "test")
                .knocked(
                        new Inbox.Entry(
                                devEui, Protocol.LORAWAN, "tts", "unknown DevEUI", 1, now, now));
    }

    @Test
    void registersADevEuiAsASensor() {
        knock("00000000000000A1");
        var added =
                server.post(
                        "/api/v1/inbox/00000000000000A1/register",
                        "{\"device_id\":\"bay-1\",\"lorawan\":{\"payload_decoder\":\"cayenne-lpp\"}}");
        assertThat(added.status()).isEqualTo(201);
        assertThat(added.body().find("lorawan")).isEmpty();
        var sensor = serving.find(new DevEui("00000000000000A1")).orElseThrow();
        assertThat(sensor.device()).isEqualTo(new DeviceId("bay-1"));
        assertThat(sensor.payloadDecoder()).isEqualTo("cayenne-lpp");
        assertThat(sensor.network()).isEqualTo("tts");
        assertThat(server.get("/api/v1/inbox").raw().body()).doesNotContain("00000000000000A1");
    }

    @Test
    void registersADevEuiAsADisplay() {
        knock("00000000000000A2");
        server.post(
                "/api/v1/inbox/00000000000000A2/register",
                "{\"lorawan\":{\"kind\":\"display\",\"display_type\":\"kuando_busylight\"}}");
        var display = serving.display(new DeviceId("00000000000000A2")).orElseThrow().about();
        assertThat(display.displayType()).isEqualTo(DisplayType.KUANDO_BUSYLIGHT);
        assertThat(display.fport()).isEqualTo(15);
    }

    @Test
    void registersNothingThatItDoesNotUnderstand() {
        knock("00000000000000A3");
        for (var body :
                new String[] {
                    "{\"lorawan\":{\"kind\":\"gateway\"}}",
                    "{\"lorawan\":{\"display_type\":\"neon\"}}",
                    "{\"device_id\":\"a/b\"}"
                }) {
            var refused = server.post("/api/v1/inbox/00000000000000A3/register", body);
            assertThat(refused.status()).as(body).isEqualTo(400);
        }
        assertThat(serving.find(new DevEui("00000000000000A3"))).isEmpty();
        assertThat(server.get("/api/v1/devices/00000000000000A3").status()).isEqualTo(404);
    }

    @Test
    void letsInWhoMayTellEventsAndNobodyElse() {
        var path = "/integrations/chirpstack?event=up";
        assertThat(server.send("POST", path, "{}", Map.of()).status()).isEqualTo(401);
        var reader = Tenant.key(server, Role.OPERATOR, null, Scope.READ);
        assertThat(server.send("POST", path, "{}", authorization(reader)).status()).isEqualTo(403);
        var teller = Tenant.key(server, Role.OPERATOR, null, Scope.EVENTS_WRITE);
        assertThat(server.send("POST", path, "{}", authorization(teller)).status()).isEqualTo(204);
    }

    private static Map<String, String> authorization(String key) {
        return Map.of("Authorization", "Bearer " + key);
    }
}
