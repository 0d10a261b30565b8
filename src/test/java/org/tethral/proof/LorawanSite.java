package org.tethral.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.tethral.device.DevEui;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.lorawan.ChirpStackNetwork;

/// Parking lots by their numbers, each with a sensor and a light on a ChirpStack, as somebody sets
/// them up over REST.
final class LorawanSite implements AutoCloseable {

    private static final String CODEC =
            "function decodeUplink(input) { return { data: { occupied: input.bytes[0] === 1 } }; }";

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ServerProcess server;
    private final String key;

    /// @param home of the server
    LorawanSite(Path home, ServerProcess server) throws Exception {
        this.server = server;
        this.key = Files.readString(home.resolve("local-key")).strip();
    }

    static DevEui sensor(int number) {
        return new DevEui("50000000%08X".formatted(number));
    }

    static DevEui display(int number) {
        return new DevEui("D0000000%08X".formatted(number));
    }

    void furnish(int number) throws Exception {
        for (var kind : new String[] {"lot", "light"}) {
            made(
                    "POST",
                    "/api/v1/devices",
                    "{\"device_id\":\"%s-%d\",\"protocol\":\"lorawan\"}".formatted(kind, number));
        }
        made(
                "PUT",
                "/api/v1/sensors/lot-" + number,
                "{\"dev_eui\":\"%s\",\"payload_decoder\":\"%s\"}".formatted(sensor(number), CODEC));
        made(
                "PUT",
                "/api/v1/displays/light-" + number,
                "{\"dev_eui\":\"%s\",\"display_type\":\"kuando_busylight\",\"confirmed_downlinks\":true,\"application\":\"%s\"}"
                        .formatted(display(number), ChirpStackNetwork.APPLICATION));
        made(
                "POST",
                "/api/v1/spaces",
                "{\"code\":\"P-%1$d\",\"sensor_device_id\":\"lot-%1$d\",\"display_device_id\":\"light-%1$d\"}"
                        .formatted(number));
    }

    /// Ids of the spaces by their numbers.
    Map<Integer, String> spaces() throws Exception {
        var ids = new HashMap<Integer, String>();
        var list = Json.parseObject(read("/api/v1/spaces?limit=1000"));
        var items = (Value.Array) list.find("items").orElseThrow();
        for (var item : items.items()) {
            var space = (Document) item;
            ids.put(
                    Integer.parseInt(space.text("code").orElseThrow().substring(2)),
                    space.text("id").orElseThrow());
        }
        return ids;
    }

    HttpResponse<String> call(String method, String path, String body) throws Exception {
        return client.send(
                HttpRequest.newBuilder(server.http().resolve(path))
                        .timeout(Duration.ofSeconds(10))
                        .header("Authorization", "Bearer " + key)
                        .method(
                                method,
                                body.isEmpty()
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    String read(String path) throws Exception {
        var answer = call("GET", path, "");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    void made(String method, String path, String body) throws Exception {
        var answer = call(method, path, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    }

    @Override
    public void close() {
        client.close();
    }
}
