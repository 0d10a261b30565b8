package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tethral.kernel.Document;

class ChannelApiTest {

    private static final String CHANNELS = "/api/v1/thingspeak/channels";
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static ApiServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new ApiServer();
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    private static void fill(long number, int count) {
        var channel = server.sources.upstream.channel(number, "read-key");
        for (int i = 1; i <= count; i++) {
            channel.add(START.plusSeconds(i * 20L), "field1", "" + i);
        }
    }

    private static ApiServer.Answer add(String device, long number, String more) {
        return server.post(
                CHANNELS,
                "{\"device_id\":\"%s\",\"channel_id\":%d,\"api_key\":\"read-key\"%s}"
                        .formatted(device, number, more));
    }

    private static Document await(String path, Predicate<Document> wanted) throws Exception {
        for (int i = 0; i < 1_000; i++) {
            var now = server.get(path).body();
            if (wanted.test(now)) {
                return now;
            }
            TimeUnit.MILLISECONDS.sleep(10);
        }
        throw new AssertionError(server.get(path).raw().body());
    }

    private static Predicate<Document> shows(String text) {
        return document -> org.tethral.json.Json.write(document).contains(text);
    }

    @Test
    void readsAChannelAndItsHistoryAndNeverShowsItsKey() throws Exception {
        server.device("station");
        fill(9, 30);
        var added = add("station", 9, ",\"field_map\":{\"field1\":\"t\"}");
        assertThat(added.status()).isEqualTo(201);
        assertThat(added.raw().body()).contains("\"has_api_key\":true").doesNotContain("read-key");
        var path = added.header("Location").orElseThrow();
        assertThat(path).isEqualTo(CHANNELS + "/" + added.text("id"));
        await(path, shows("\"last_entry_id\":30"));
        assertThat(server.get(path + "?").raw().body()).doesNotContain("read-key");
        assertThat(server.get("/api/v1/devices/station/snapshots?limit=100").items()).hasSize(1);
        var begun = server.post(path + "/backfill", "{\"from_entry\":11}");
        assertThat(begun.status()).isEqualTo(202);
        await(path, shows("\"backfill\":null"));
        assertThat(server.get("/api/v1/devices/station/snapshots?limit=100").items()).hasSize(20);
        assertThat(server.get("/api/v1/audit-logs?action=channel.backfill").items()).hasSize(1);
        assertThat(server.get("/api/v1/audit-logs").raw().body()).doesNotContain("read-key");
        var state = server.get("/api/v1/devices/station/state");
        assertThat(state.raw().body()).contains("\"t\":30");
    }

    @Test
    void saysWhatIsWrongWithAChannel() {
        server.device("asked");
        assertThat(add("nobody", 5, "").status()).isEqualTo(404);
        assertThat(
                        server.post(CHANNELS, "{\"device_id\":\"asked\",\"channel_id\":\"x\"}")
                                .raw()
                                .body())
                .contains("a channel of ThingSpeak is a number");
        assertThat(add("asked", 5, ",\"field_map\":{\"temp\":\"t\"}").raw().body())
                .contains("field1 to field8");
        assertThat(add("asked", 5, ",\"source\":\"carrier-pigeon\"").raw().body())
                .contains("no source 'carrier-pigeon': thingspeak");
        assertThat(add("asked", 5, ",\"enabled\":false").status()).isEqualTo(201);
        assertThat(add("asked", 5, "").status()).isEqualTo(409);
        var missing = CHANNELS + "/00000000-0000-4000-8000-00000000abcd";
        assertThat(server.get(missing).status()).isEqualTo(404);
        assertThat(server.call("DELETE", missing, null).status()).isEqualTo(404);
    }

    @Test
    void changesAChannelOnTheVersionThatWasSeen() throws Exception {
        server.device("changed");
        fill(12, 3);
        var added = add("changed", 12, ",\"enabled\":false");
        var path = CHANNELS + "/" + added.text("id");
        assertThat(server.post(path + "/poll", "{}").status()).isEqualTo(409);
        assertThat(server.call("PATCH", path, "{\"enabled\":true}").status()).isEqualTo(428);
        assertThat(server.call("PATCH", path, "{\"enabled\":true}", "If-Match", "\"7\"").status())
                .isEqualTo(412);
        var changed =
                server.call(
                        "PATCH",
                        path,
                        "{\"enabled\":true,\"poll_interval_seconds\":600}",
                        "If-Match",
                        added.header("ETag").orElseThrow());
        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.text("state")).isNotEqualTo("paused");
        await(path, shows("\"last_entry_id\":3"));
        // ten minutes are long: somebody wants to see it now
        server.sources.upstream.channel(12).add(START.plusSeconds(900), "field1", "4");
        assertThat(server.post(path + "/poll", "{}").status()).isEqualTo(202);
        await(path, shows("\"last_entry_id\":4"));
        assertThat(server.call("DELETE", path, null).status()).isEqualTo(204);
        assertThat(server.get(path).status()).isEqualTo(404);
    }

    @Test
    void showsWhyAChannelCannotBeRead() throws Exception {
        server.device("refused");
        fill(15, 1);
        var added =
                server.post(
                        CHANNELS,
                        "{\"device_id\":\"refused\",\"channel_id\":\"15\",\"api_key\":\"wrong\"}");
        var shown = await(CHANNELS + "/" + added.text("id"), shows("\"state\":\"failing\""));
        assertThat(shown.text("last_error").orElseThrow()).contains("400").doesNotContain("wrong");
        assertThat(server.get(CHANNELS + "?device_id=refused").items()).hasSize(1);
        assertThat(server.get(CHANNELS + "?enabled=false&device_id=refused").items()).isEmpty();
        assertThat(server.get(CHANNELS + "?limit=1").items()).hasSize(1);
    }

    @Test
    void keepsKeysSealed() {
        server.device("sealed");
        var added = add("sealed", 21, ",\"enabled\":false");
        var kept =
                server.sources
                        .sources
                        .channels()
                        .find(java.util.UUID.fromString(added.text("id")))
                        .orElseThrow()
                        .channel();
        assertThat(kept.key()).startsWith("v1.").doesNotContain("read-key");
        assertThat(server.sources.sources.keys().open(kept).orElseThrow().reveal())
                .isEqualTo("read-key");
    }
}
