package org.tethral.proof;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.mqtt.ClientStart;
import org.tethral.mqtt.TalkingClient;
import org.tethral.sql.TestDatabase;

/// Commands from REST to devices over MQTT and back, through the whole program.
@ParameterizedClass
@ValueSource(strings = {"SQLite", "PostgreSQL"})
final class MqttCommandsTest {

    @TempDir private static Path directory;

    private static TestDatabase database;
    private static ServerProcess server;
    private static Path home;
    private static HttpClient http;
    private static String key;
    private static int devices;

    @Parameter
    @SuppressWarnings("unused") // it names the run
    private String engine;

    @BeforeParameterizedClassInvocation
    static void start(String engine) throws IOException {
        database = engine.equals("SQLite") ? TestDatabase.sqlite() : TestDatabase.postgresql();
        home = Files.createDirectories(directory.resolve(engine));
        server =
                ServerProcess.start(
                        home,
                        database.commandLine(),
                        List.of(
                                "--http-port",
                                "0",
                                "--mqtt-port",
                                "0",
                                "--mqtt-websocket-port",
                                "0"));
        http = HttpClient.newHttpClient();
        key = Files.readString(home.resolve("local-key")).strip();
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        http.close();
        server.close();
        database.close();
    }

    private record Known(String id, String token) {
        ClientStart client(int version) {
            return TalkingClient.start(version, id).user(token, null);
        }

        String commands() {
            return "devices/" + id + "/commands/+";
        }
    }

    private static Known device() throws Exception {
        var id = "valve-" + ++devices;
        var token = "token-of-" + id;
        api("POST", "/devices", "{\"device_id\":\"%s\",\"token\":\"%s\"}".formatted(id, token));
        return new Known(id, token);
    }

    private static Document api(String method, String path, String body) {
        try {
            var request =
                    HttpRequest.newBuilder(server.http().resolve("/api/v1" + path))
                            .header("Authorization", "Bearer " + key)
                            .header("Content-Type", "application/json")
                            .method(method, HttpRequest.BodyPublishers.ofString(body))
                            .build();
            var answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
            return Json.parseObject(answer.body());
        } catch (IOException | InterruptedException | MalformedJson e) {
            throw new AssertionError(path, e);
        }
    }

    private static String issue(Known device, String name, String more) {
        return api(
                        "POST",
                        "/devices/" + device.id() + "/command",
                        "{\"command_name\":\"%s\"%s}".formatted(name, more))
                .text("command_id")
                .orElseThrow();
    }

    private static Document command(String id) {
        return api("GET", "/command-logs/" + id, "");
    }

    private static Document dispatch(String id) {
        return command(id).find("dispatches").orElseThrow() instanceof Value.Array(var items)
                        && items.getFirst() instanceof Document first
                ? first
                : Document.EMPTY;
    }

    private static Document until(String id, Predicate<Document> condition) {
        var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
        while (true) {
            var one = dispatch(id);
            if (condition.test(one)) {
                return one;
            }
            assertThat(System.nanoTime()).as(Json.write(one)).isLessThan(deadline);
            try {
                TimeUnit.MILLISECONDS.sleep(10);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static Predicate<Document> is(String status) {
        return one -> one.text("status").orElse("").equals(status);
    }

    private static void acknowledge(TalkingClient client, Known device, String id) {
        assertThat(
                        client.publish(
                                "devices/" + device.id() + "/commands/" + id + "/ack",
                                "{\"status\":\"success\",\"result\":{\"by\":\"" + id + "\"}}",
                                1))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void deliversWhatWaitedMostUrgentFirst(int version) throws Exception {
        var device = device();
        var low = issue(device, "low", ",\"priority\":\"low\"");
        var normal = issue(device, "normal", "");
        var urgent = issue(device, "urgent", ",\"priority\":\"critical\"");
        var later = issue(device, "later", "");
        assertThat(dispatch(low).text("status")).hasValue("pending");

        try (var client = device.client(version).at(server.mqttPort())) {
            client.subscribe(device.commands(), 1);
            var names = new ArrayList<String>();
            for (int i = 0; i < 4; i++) {
                var got = Json.parseObject(client.next().text());
                names.add(got.text("command_name").orElseThrow());
                acknowledge(client, device, got.text("command_id").orElseThrow());
            }
            assertThat(names).containsExactly("urgent", "normal", "later", "low");
            for (var id : List.of(low, normal, urgent, later)) {
                assertThat(until(id, is("ack_success")).find("response"))
                        .hasValue(Document.of("by", Value.of(id)));
            }
            assertThat(client.nothingMore()).isTrue();
        }
        try (var again = device.client(version).at(server.mqttPort())) {
            again.subscribe(device.commands(), 1);
            assertThat(again.nothingMore()).as("what was acknowledged is not sent again").isTrue();
        }
    }

    @Test
    void doesNotSendAgainWhatADeviceHasThatIsCutBeforeItsAnswer() throws Exception {
        var device = device();
        var start = device.client(5).resuming().expiry(60);
        String id;
        try (var client = start.at(server.mqttPort())) {
            client.subscribe(device.commands(), 1);
            id = issue(device, "open", "");
            client.next();
            until(id, is("delivered"));
        }
        try (var client = start.at(server.mqttPort())) {
            assertThat(client.sessionPresent()).isTrue();
            assertThat(client.nothingMore()).isTrue();
            assertThat(dispatch(id).text("status")).hasValue("delivered");
            acknowledge(client, device, id);
        }
        assertThat(until(id, is("ack_success")).find("attempts")).hasValue(Value.of(1));
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void sendsOnceMoreWhatADeviceDidNotAcknowledgeBeforeItWasCut(int version) throws Exception {
        var device = device();
        var start = device.client(version).resuming().silent();
        if (version == 5) {
            start.expiry(60);
        }
        String id;
        try (var client = start.at(server.mqttPort())) {
            client.subscribe(device.commands(), 1);
            id = issue(device, "open", "");
            client.next();
        }
        until(id, one -> one.text("status").orElse("").equals("pending"));
        try (var client = start.at(server.mqttPort())) {
            assertThat(client.next().topic()).endsWith(id);
            assertThat(client.nothingMore()).as("not from the session, too").isTrue();
            client.answerAll();
            acknowledge(client, device, id);
        }
        assertThat(until(id, is("ack_success")).find("attempts")).hasValue(Value.of(2));
    }

    @Test
    void followsADeviceToTheConnectionThatTookOver() throws Exception {
        var device = device();
        var start = device.client(4).silent();
        try (var before = start.at(server.mqttPort())) {
            before.subscribe(device.commands(), 1);
            var id = issue(device, "open", "");
            before.next();
            try (var after = device.client(4).at(server.mqttPort())) {
                after.subscribe(device.commands(), 1);
                assertThat(after.next().topic()).endsWith(id);
                acknowledge(after, device, id);
                assertThat(until(id, is("ack_success")).find("attempts")).hasValue(Value.of(2));
            }
        }
    }

    @Test
    void takesTheAnswerOverAnotherProtocol() throws Exception {
        var device = device();
        try (var client = device.client(4).at(server.mqttPort())) {
            client.subscribe("v1/devices/me/rpc/request/+", 1);
            var id = issue(device, "open", "");
            assertThat(client.next().text()).contains("\"method\":\"open\"");
            var socket =
                    http.newWebSocketBuilder()
                            .buildAsync(
                                    URI.create(
                                            server.http().toString().replace("http", "ws")
                                                    + "/ws/"
                                                    + device.id()
                                                    + "?token="
                                                    + device.token()),
                                    new java.net.http.WebSocket.Listener() {})
                            .join();
            socket.sendText(
                            "{\"message_type\":\"command_ack\",\"command_id\":\""
                                    + id
                                    + "\",\"status\":\"success\"}",
                            true)
                    .join();
            until(id, is("ack_success"));
            socket.abort();
        }
    }

    @Test
    void knowsTheNumberOfACallFromBeforeTheConnection() throws Exception {
        var device = device();
        String id;
        String topic;
        try (var client = device.client(4).at(server.mqttPort())) {
            client.subscribe("v1/devices/me/rpc/request/+", 1);
            id = issue(device, "open", "");
            topic = client.next().topic();
        }
        issue(device, "close", "");
        try (var client = device.client(4).at(server.mqttPort())) {
            client.publish(topic.replace("request", "response"), "{\"open\":true}", 1);
        }
        assertThat(until(id, is("ack_success")).find("response"))
                .hasValue(Document.of("open", Value.of(true)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mqttv311", "mqttv5"})
    void isCarriedByMosquittoClients(String version) throws Exception {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/mosquitto_sub")),
                "mosquitto_sub is not installed");
        var device = device();
        var id = issue(device, "open", ",\"payload\":{\"valve\":3}");
        var got = tool("mosquitto_sub", version, device, device.commands(), "-C", "1", "-v");
        assertThat(got)
                .startsWith("devices/" + device.id() + "/commands/" + id + " {\"command_id\":")
                .contains("\"payload\":{\"valve\":3}");
        until(id, is("delivered"));
        tool(
                "mosquitto_pub",
                version,
                device,
                "devices/" + device.id() + "/commands/" + id + "/ack",
                "-m",
                "{\"status\": \"success\", \"result\": {\"valve\": 3}}");
        until(id, is("ack_success"));
    }

    private static String tool(
            String name, String version, Known device, String topic, String... more)
            throws Exception {
        var command =
                new ArrayList<>(
                        List.of(
                                name,
                                "-h",
                                "127.0.0.1",
                                "-p",
                                Integer.toString(server.mqttPort()),
                                "-V",
                                version,
                                "-u",
                                device.token(),
                                "-q",
                                "1",
                                "-t",
                                topic));
        command.addAll(List.of(more));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var output =
                CompletableFuture.supplyAsync(() -> {
                    try {
                        return new String(process.getInputStream().readAllBytes(), UTF_8);
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                });
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        var text = output.get(30, TimeUnit.SECONDS);
        assertThat(process.exitValue()).as(text).isZero();
        return text;
    }

    @Test
    void isCarriedOverWebSockets() throws Exception {
        var device = device();
        var client =
                MqttClient.builder()
                        .useMqttVersion5()
                        .serverHost("127.0.0.1")
                        .serverPort(server.mqttWebSocketPort())
                        .webSocketConfig()
                        .serverPath("mqtt")
                        .applyWebSocketConfig()
                        .buildBlocking();
        client.connectWith().simpleAuth().username(device.token()).applySimpleAuth().send();
        try (var commands = client.publishes(MqttGlobalPublishFilter.ALL)) {
            client.subscribeWith().topicFilter(device.commands()).qos(MqttQos.AT_LEAST_ONCE).send();
            var id = issue(device, "open", "");
            var command = commands.receive(40, TimeUnit.SECONDS).orElseThrow();
            client.publishWith()
                    .topic(command.getTopic() + "/ack")
                    .qos(MqttQos.EXACTLY_ONCE)
                    .payload("{\"status\":\"error\",\"message\":\"stuck\"}".getBytes(UTF_8))
                    .send();
            assertThat(until(id, is("ack_error")).text("message")).hasValue("stuck");
        }
        client.disconnect();
    }
}
