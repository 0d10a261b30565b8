package org.tethral;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.CoapClient;
import org.eclipse.californium.core.CoapHandler;
import org.eclipse.californium.core.CoapResponse;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.config.SystemConfig;
import org.eclipse.californium.elements.config.UdpConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// A device that gets a command by one protocol and answers it by another one is the same device.
class ChangingProtocolTest {

    private static final String TOKEN = "token-of-the-valve";
    private static final String SUCCESS = "{\"status\":\"success\",\"result\":{\"by\":\"%s\"}}";

    @TempDir private static Path directory;
    private static Prompt.Command server;
    private static HttpClient http;
    private static CoapEndpoint endpoint;
    private static URI uri;
    private static String key;
    private static int coapPort;

    @BeforeAll
    static void start() throws Exception {
        var home = directory.resolve("home").toString();
        var prompt = new Prompt();
        prompt.environment.put("TETHRAL_HOME", home);
        prompt.environment.put("TETHRAL_HTTP_PORT", "0");
        prompt.environment.put("TETHRAL_MQTT_PORT", "0");
        prompt.environment.put("TETHRAL_MQTT_WEBSOCKET_PORT", "off");
        prompt.environment.put("TETHRAL_COAP_PORT", "0");
        prompt.environment.put("TETHRAL_COAPS_PORT", "off");
        server = prompt.start(1, "serve");
        var running = Home.running(Path.of(home)).orElseThrow();
        uri = running.http();
        coapPort = running.coapPort();
        http = HttpClient.newHttpClient();
        endpoint =
                new CoapEndpoint.Builder()
                        .setConfiguration(
                                new Configuration(
                                        CoapConfig.DEFINITIONS,
                                        UdpConfig.DEFINITIONS,
                                        SystemConfig.DEFINITIONS))
                        .build();
        key = prompt.run("api-key", "add", "--role", "superadmin").lastLine();
        var added =
                call(
                        "POST",
                        "/api/v1/devices",
                        key,
                        "{\"device_id\":\"valve\",\"token\":\"" + TOKEN + "\"}");
        assertThat(added.statusCode()).isEqualTo(201);
    }

    @AfterAll
    static void stop() throws Exception {
        http.close();
        endpoint.destroy();
        assertThat(server.stop()).isZero();
    }

    private static HttpResponse<String> call(String method, String path, String bearer, String body)
            throws Exception {
        var request =
                HttpRequest.newBuilder(uri.resolve(path))
                        .header("Authorization", "Bearer " + bearer)
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    /// Issues a command and returns, when the device has answered, what it said.
    private static CompletableFuture<Document> commanded() {
        return CompletableFuture.supplyAsync(() -> {
            try {
                var answer =
                        call(
                                "POST",
                                "/api/v1/devices/valve/command?wait=30s",
                                key,
                                "{\"command_name\":\"open\"}");
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                return Json.parseObject(answer.body());
            } catch (Exception e) {
                throw new IllegalStateException("issue a command", e);
            }
        });
    }

    private static void assertAnswered(CompletableFuture<Document> commanded, String by)
            throws Exception {
        var command = commanded.get(40, TimeUnit.SECONDS);
        assertThat(command.text("status")).hasValue("ack_success");
        var dispatches = ((Value.Array) command.find("dispatches").orElseThrow()).items();
        assertThat(((Document) dispatches.getFirst()).find("response"))
                .hasValue(Document.of("by", Value.of(by)));
    }

    private static String idIn(String commands) throws MalformedJson {
        var all = ((Value.Array) Json.parseObject(commands).find("commands").orElseThrow()).items();
        return ((Document) all.getFirst()).text("command_id").orElseThrow();
    }

    private static CoapClient coap(String path) {
        var client =
                new CoapClient(
                        "coap://127.0.0.1:%d/device/v1/%s?token=%s"
                                .formatted(coapPort, path, TOKEN));
        client.setEndpoint(endpoint);
        client.setTimeout(30_000L);
        return client;
    }

    private static void answerOverCoap(String id) throws Exception {
        var client = coap("commands/" + id + "/ack");
        var answer = client.post(SUCCESS.formatted("coap"), MediaTypeRegistry.APPLICATION_JSON);
        assertThat(answer.isSuccess()).as(answer.getResponseText()).isTrue();
    }

    private static WebSocket webSocket(BlockingQueue<String> received) {
        var listener =
                new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(
                            WebSocket socket, CharSequence text, boolean last) {
                        received.add(text.toString());
                        socket.request(1);
                        return CompletableFuture.completedStage(null);
                    }
                };
        var socket =
                http.newWebSocketBuilder()
                        .header("Authorization", "Bearer " + TOKEN)
                        .buildAsync(
                                URI.create("ws://127.0.0.1:" + uri.getPort() + "/ws/valve"),
                                listener)
                        .join();
        socket.sendText("{\"message_type\":\"register\",\"device_type\":\"ESP32\"}", true).join();
        return socket;
    }

    @Test
    void answersOverCoapWhatItGotOverHttp() throws Exception {
        var commanded = commanded();
        var got = call("GET", "/device/v1/commands?wait=30s", TOKEN, "");
        answerOverCoap(idIn(got.body()));
        assertAnswered(commanded, "coap");
    }

    @Test
    void answersOverHttpWhatItGotOverWebSocket() throws Exception {
        var received = new LinkedBlockingQueue<String>();
        var socket = webSocket(received);
        var commanded = commanded();
        var got = Json.parseObject(received.poll(30, TimeUnit.SECONDS));
        assertThat(got.text("message_type")).hasValue("command");
        var id = got.text("command_id").orElseThrow();
        var path = "/device/v1/commands/" + id + "/ack";
        assertThat(call("POST", path, TOKEN, SUCCESS.formatted("http")).statusCode())
                .isEqualTo(204);
        assertAnswered(commanded, "http");
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    }

    @Test
    void answersOverWebSocketWhatItObservedOverCoap() throws Exception {
        var received = new LinkedBlockingQueue<String>();
        var client = coap("commands");
        var observed = client.observeAndWait(new Noting(received));
        assertThat(observed.getCurrent().getResponseText()).isEqualTo("{\"commands\":[]}");
        assertThat(received.poll(30, TimeUnit.SECONDS)).isEqualTo("{\"commands\":[]}");
        var commanded = commanded();
        var id = idIn(received.poll(30, TimeUnit.SECONDS));
        observed.proactiveCancel();
        var socket = webSocket(new LinkedBlockingQueue<>());
        socket.sendText(
                        "{\"message_type\":\"command_ack\",\"command_id\":\""
                                + id
                                + "\",\"status\":\"success\",\"payload\":{\"by\":\"websocket\"}}",
                        true)
                .join();
        assertAnswered(commanded, "websocket");
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    }

    private record Noting(BlockingQueue<String> received) implements CoapHandler {
        @Override
        public void onLoad(CoapResponse response) {
            received.add(response.getResponseText());
        }

        @Override
        public void onError() {
            received.add("no answer");
        }
    }
}
