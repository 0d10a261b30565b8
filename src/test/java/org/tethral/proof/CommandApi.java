package org.tethral.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Value;

/// What a program does that issues commands over REST.
record CommandApi(HttpClient client, URI server, String key) {

    private HttpResponse<String> call(String path, String idempotencyKey, String body)
            throws IOException, InterruptedException {
        var request =
                HttpRequest.newBuilder(server.resolve(path))
                        .timeout(Duration.ofSeconds(10))
                        .header("Authorization", "Bearer " + key);
        if (!idempotencyKey.isEmpty()) {
            request.header("Idempotency-Key", idempotencyKey);
        }
        return client.send(
                (body.isEmpty() ? request : request.POST(HttpRequest.BodyPublishers.ofString(body)))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    void register(String device, String token) throws Exception {
        var body = "{\"device_id\":\"%s\",\"token\":\"%s\"}".formatted(device, token);
        assertThat(call("/api/v1/devices", "", body).statusCode()).isEqualTo(201);
    }

    /// Asks until it is answered; the key makes one command of all that.
    String issue(String device, int number, int ttl) throws InterruptedException {
        var body =
                """
                {"command_name": "do", "payload": %d, "ttl": %d, "timeout": 2, "max_attempts": 100}
                """
                        .formatted(number, ttl);
        while (true) {
            try {
                var answer = call("/api/v1/devices/" + device + "/command", "k" + number, body);
                if (answer.statusCode() == 202) {
                    return Json.parseObject(answer.body()).text("command_id").orElseThrow();
                }
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
            } catch (IOException e) {
                TimeUnit.MILLISECONDS.sleep(50); // it is being killed, or starts
            } catch (MalformedJson e) {
                throw new AssertionError(e);
            }
        }
    }

    /// What is sent may be pending again, and what is pending sent: both are looked at before and
    /// after.
    void awaitAllEnded() throws Exception {
        eventually(CommandKillTest.SETTLED_WITHIN, this::isNoneOpen);
    }

    private boolean isNoneOpen() throws Exception {
        for (var status : List.of("sent", "delivered", "pending", "sent", "delivered")) {
            if (isAny(status)) {
                return false;
            }
        }
        return true;
    }

    private boolean isAny(String status) throws Exception {
        var page = call("/api/v1/command-logs?limit=1&status=" + status, "", "").body();
        var found = (Value.Array) Json.parseObject(page).find("items").orElseThrow();
        return !found.items().isEmpty();
    }
}
