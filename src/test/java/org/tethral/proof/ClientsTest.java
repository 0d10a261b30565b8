package org.tethral.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.sql.TestDatabase;

/// Clients that people already have, used as their manuals say, against the whole program: what
/// they report is in SQL and over REST.
@ParameterizedClass
@ValueSource(strings = {"SQLite", "PostgreSQL"})
final class ClientsTest {

    @TempDir private static Path home;

    private static TestDatabase database;
    private static ServerProcess server;
    private static int devices;

    @Parameter private String engine;

    @BeforeParameterizedClassInvocation
    static void start(String engine) throws IOException {
        database = engine.equals("SQLite") ? TestDatabase.sqlite() : TestDatabase.postgresql();
        server =
                ServerProcess.start(
                        Files.createDirectories(home.resolve(engine)),
                        database.commandLine(),
                        List.of(
                                "--http-port",
                                "0",
                                "--mqtt-port",
                                "0",
                                "--mqtt-websocket-port",
                                "0"));
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        server.close();
        database.close();
    }

    private record Known(String id, String token) {}

    /// As an operator adds it.
    private Known device() throws Exception {
        var id = "client-" + ++devices;
        var output =
                run(
                        ServerProcess.command(
                                "device", "add", id, "--home", home.resolve(engine).toString()));
        return new Known(id, output.lines().toList().getLast());
    }

    @Test
    void mosquittoPub() throws Exception {
        assumeTrue(found("mosquitto_pub"), "mosquitto_pub is not installed");
        for (var version : List.of("mqttv311", "mqttv5")) {
            var device = device();
            run(
                    "mosquitto_pub",
                    "-h",
                    "127.0.0.1",
                    "-p",
                    Integer.toString(server.mqttPort()),
                    "-V",
                    version,
                    "-q",
                    "1",
                    "-u",
                    device.token(),
                    "-t",
                    "devices/" + device.id() + "/report",
                    "-m",
                    "{\"value\": 1.5}");
            assertReported(device, "1.5");
        }
    }

    @Test
    void mqttJsOverTcpAndWebSocket() throws Exception {
        assumeTrue(found("npm") && found("node"), "node and npm are not installed");
        var folder = NodePackages.installed();
        var addresses =
                List.of(
                        "mqtt://127.0.0.1:" + server.mqttPort(),
                        "ws://127.0.0.1:" + server.mqttWebSocketPort() + "/mqtt");
        for (var address : addresses) {
            for (var version : List.of("4", "5")) {
                var device = device();
                var output =
                        run(
                                "node",
                                folder.resolve("report.cjs").toString(),
                                address,
                                device.token(),
                                device.id(),
                                version,
                                "2.5");
                assertThat(output).contains("acknowledged");
                assertReported(device, "2.5");
            }
        }
    }

    @Test
    void curl() throws Exception {
        assumeTrue(found("curl"), "curl is not installed");
        var device = device();

        var answer =
                run(
                        "curl",
                        "-sS",
                        "--fail-with-body",
                        "-H",
                        "Authorization: Bearer " + device.token(),
                        server.http() + "/device/v1/report",
                        "-d",
                        "{\"value\": 3.5}");

        assertThat(answer).contains("sequences");
        assertReported(device, "3.5");
    }

    @Test
    void webSocketAsAnEsp32() throws Exception {
        var device = device();
        var answers = new ArrayList<String>();
        var acknowledged = new CompletableFuture<String>();
        var socket =
                HttpClient.newHttpClient()
                        .newWebSocketBuilder()
                        .buildAsync(
                                URI.create(
                                        server.http().toString().replaceFirst("^http", "ws")
                                                + "/ws/"
                                                + device.id()
                                                + "?token="
                                                + device.token()),
                                new WebSocket.Listener() {
                                    @Override
                                    public CompletionStage<?> onText(
                                            WebSocket web, CharSequence text, boolean last) {
                                        answers.add(text.toString());
                                        if (text.toString().contains("\"ack\"")) {
                                            acknowledged.complete(text.toString());
                                        }
                                        web.request(1);
                                        return CompletableFuture.completedFuture(null);
                                    }
                                })
                        .get(30, TimeUnit.SECONDS);
        socket.sendText("{\"message_type\":\"register\",\"device_type\":\"ESP32\"}", true)
                .get(30, TimeUnit.SECONDS);
        socket.sendText(
                        "{\"message_type\":\"status\",\"payload\":{\"value\":4.5},\"message_id\":\"m-1\"}",
                        true)
                .get(30, TimeUnit.SECONDS);

        assertThat(acknowledged.get(30, TimeUnit.SECONDS)).as("%s", answers).contains("m-1");
        assertReported(device, "4.5");
        socket.abort();
    }

    /// Topics and payloads of the ThingsBoard device API, with only host and token changed.
    @Test
    void thingsBoardDevice() throws Exception {
        assumeTrue(
                found("mosquitto_pub") && found("curl"), "mosquitto_pub or curl is not installed");
        var telemetry = device();
        mosquitto(telemetry, "v1/devices/me/telemetry", "{\"value\": 5.5}");
        assertReported(telemetry, "5.5");

        var stamped = device();
        mosquitto(
                stamped,
                "v1/devices/me/telemetry",
                "[{\"ts\":1451649600512,\"values\":{\"value\":6.5}}]");
        assertReported(stamped, "6.5");

        var attributes = device();
        mosquitto(attributes, "v1/devices/me/attributes", "{\"value\": 7.5}");
        assertReported(attributes, "7.5");

        var http = device();
        run(
                "curl",
                "-sS",
                "--fail-with-body",
                server.http() + "/api/v1/" + http.token() + "/telemetry",
                "-H",
                "Content-Type: application/json",
                "-d",
                "{\"value\": 8.5}");
        assertReported(http, "8.5");
    }

    private void mosquitto(Known device, String topic, String message) throws Exception {
        run(
                "mosquitto_pub",
                "-h",
                "127.0.0.1",
                "-p",
                Integer.toString(server.mqttPort()),
                "-q",
                "1",
                "-u",
                device.token(),
                "-t",
                topic,
                "-m",
                message);
    }

    /// In a table, and over REST.
    private void assertReported(Known device, String value) throws Exception {
        var request =
                HttpRequest.newBuilder(
                                URI.create(
                                        server.http()
                                                + "/api/v1/devices/"
                                                + device.id()
                                                + "/state"))
                        .header(
                                "Authorization",
                                "Bearer "
                                        + Files.readString(
                                                        home.resolve(engine).resolve("local-key"))
                                                .strip())
                        .build();
        var answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("\"value\":" + value);
        try (var connection = database.connect();
                var select =
                        connection.prepareStatement(
                                "SELECT state_data FROM device_state_snapshots WHERE device_id = ?")) {
            select.setString(1, device.id());
            try (var rows = select.executeQuery()) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getString(1).replace(" ", ""))
                        .isEqualTo("{\"value\":" + value + "}");
                assertThat(rows.next()).isFalse();
            }
        }
    }

    private static boolean found(String program) {
        return List.of(System.getenv("PATH").split(":")).stream()
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }

    private static String run(String... command) throws IOException, InterruptedException {
        return run(List.of(command));
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("%s: %s", command, output).isZero();
        return output;
    }
}
