package org.tethral.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.tethral.Config;
import org.tethral.Home;
import org.tethral.Tethral;
import org.tethral.cli.Given;

/// The whole program on free ports, and what operators and devices do with it.
final class Server implements AutoCloseable {

    private final HttpClient http = HttpClient.newHttpClient();
    private final Tethral tethral;
    private final String key;

    Server(Path home, int httpPort) {
        this(home, httpPort, Map.of());
    }

    /// @param database as on a command line
    Server(Path home, int httpPort, String database) {
        this(home, httpPort, Map.of("database", database));
    }

    /// @param more settings beside those that all have
    Server(Path home, int httpPort, Map<String, String> more) {
        var flags = new HashMap<>(more);
        flags.putAll(
                Map.of(
                        "home",
                        home.toString(),
                        "http-port",
                        Integer.toString(httpPort),
                        "mqtt-port",
                        "0",
                        "mqtt-websocket-port",
                        "off",
                        "private-targets",
                        "true",
                        "coap-port",
                        "0",
                        "coaps-port",
                        "off"));
        tethral =
                Tethral.start(
                        Config.resolve(new Given(flags, null, Map.of())),
                        InstantSource.system(),
                        new SecureRandom());
        key = Home.running(home).orElseThrow().key().reveal();
    }

    URI http() {
        return tethral.http();
    }

    int mqttPort() {
        return tethral.mqttPort().orElseThrow();
    }

    /// Good for one use.
    String signInLink() {
        return tethral.signInLink().orElseThrow().toString();
    }

    void add(String id, String name) throws IOException, InterruptedException {
        send(
                "POST",
                "/api/v1/devices",
                """
                {"device_id": "%s", "name": "%s", "device_type": "ESP32", "token": "token-of-%s"}\
                """
                        .formatted(id, name, id));
    }

    /// A device that nobody registered, with a message that waits for it to be.
    void knockOnLorawan(String devEui) throws IOException, InterruptedException {
        send(
                "POST",
                "/integrations/tts",
                """
                {"end_device_ids": {"device_id": "d", "application_ids": {"application_id": "a"},
                  "dev_eui": "%s", "dev_addr": "00BCB929"},
                 "received_at": "2026-02-12T15:15:46Z",
                 "uplink_message": {"f_cnt": 1, "frm_payload": "A2cBEA==", "received_at": "2026-02-12T15:15:45Z"}}\
                """
                        .formatted(devEui));
    }

    void desire(String id, String patch) throws IOException, InterruptedException {
        send("PATCH", "/api/v1/devices/" + id + "/desired", patch);
    }

    String key() {
        return key;
    }

    String get(String path) throws IOException, InterruptedException {
        return send("GET", path, "");
    }

    /// Gives the body of the answer.
    String send(String method, String path, String body) throws IOException, InterruptedException {
        var patch = method.equals("PATCH");
        var type = patch ? "application/merge-patch+json" : "application/json";
        var request =
                HttpRequest.newBuilder(http().resolve(path))
                        .header("Authorization", "Bearer " + key)
                        .header("Content-Type", type)
                        .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (patch) {
            request.header("If-Match", "*");
        }
        var answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
        return answer.body();
    }

    Device connect(String id) {
        var address = "ws://127.0.0.1:" + http().getPort() + "/ws/" + id;
        return new Device(
                http.newWebSocketBuilder()
                        .header("Authorization", "Bearer token-of-" + id)
                        .buildAsync(URI.create(address), new WebSocket.Listener() {})
                        .orTimeout(30, TimeUnit.SECONDS)
                        .join());
    }

    /// A device that is connected by WebSocket.
    record Device(WebSocket socket) implements AutoCloseable {

        void report(String values) {
            send("{\"message_type\":\"status\",\"payload\":" + values + "}");
        }

        void state(String state) {
            send("{\"message_type\":\"state\",\"state\":\"" + state + "\"}");
        }

        private void send(String text) {
            socket.sendText(text, true).orTimeout(30, TimeUnit.SECONDS).join();
        }

        @Override
        public void close() {
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "").orTimeout(30, TimeUnit.SECONDS).join();
        }
    }

    @Override
    public void close() {
        tethral.close();
        http.close();
    }
}
