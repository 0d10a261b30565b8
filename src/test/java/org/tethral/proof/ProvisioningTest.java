package org.tethral.proof;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tethral.kernel.Eventually.eventually;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3SubAckException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.CoapClient;
import org.eclipse.californium.core.CoapResponse;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.config.SystemConfig;
import org.eclipse.californium.elements.config.UdpConfig;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.sql.TestDatabase;

/// Devices that nobody registered come in with the key and secret of a profile, over MQTT as
/// thingsboard.io/docs/reference/mqtt-api/provisioning describes it, and over HTTP.
final class ProvisioningTest {

    private static final String KEY = "factory";

    @TempDir private static Path home;

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static TestDatabase database;
    private static ServerProcess server;
    private static String administrator;
    private static String secret;

    @BeforeAll
    static void start() throws Exception {
        database = TestDatabase.sqlite();
        server = ServerProcess.start(home, database.commandLine());
        administrator = Files.readString(home.resolve("local-key"), UTF_8).strip();
        secret =
                post(
                                "/api/v1/profiles",
                                "{\"name\":\"Factory\",\"model\":\"M1\",\"provisioning_key\":\"factory\"}",
                                administrator)
                        .text("provisioning_secret")
                        .orElseThrow();
    }

    @AfterAll
    static void stop() {
        server.close();
        database.close();
    }

    @Test
    void aThingsBoardDeviceGetsItsTokenOverMqttAndReportsWithIt() throws Exception {
        var answer = provision("{" + credentials("tb-1") + "}");

        assertThat(answer.text("status")).hasValue("SUCCESS");
        assertThat(answer.text("credentialsType")).hasValue("ACCESS_TOKEN");
        report(answer.text("credentialsValue").orElseThrow());
        assertThat(get("/api/v1/devices/tb-1").text("model")).hasValue("M1");
    }

    @Test
    void aThingsBoardDeviceBringsItsOwnUserNameAndPassword() throws Exception {
        var answer =
                provision(
                        "{"
                                + credentials("tb-2")
                                + ",\"credentialsType\":\"MQTT_BASIC\",\"username\":\"two\","
                                + "\"password\":\"own-password\",\"clientId\":\"c2\"}");

        assertThat(answer.text("credentialsType")).hasValue("MQTT_BASIC");
        assertThat(answer.find("credentialsValue"))
                .hasValue(
                        Document.of("userName", Value.of("two"))
                                .with("password", Value.of("own-password"))
                                .with("clientId", Value.of("c2")));
        var client = client("two", "own-password");
        client.connect();
        client.disconnect();
    }

    @Test
    void whoDoesNotKnowTheSecretIsTurnedAwayAndSeenInTheInbox() throws Exception {
        var answer =
                provision(
                        "{\"deviceName\":\"stranger\",\"provisionDeviceKey\":\"factory\","
                                + "\"provisionDeviceSecret\":\"guessed-it\"}");

        assertThat(answer.text("status")).hasValue("NOT_FOUND");
        assertThat(answer.text("errorMsg").orElseThrow()).contains("provisioning key");
        eventually(() -> get("/api/v1/inbox").toString().contains("stranger"));
    }

    @Test
    void aConnectionThatProvisionsCanDoNothingElse() {
        var client = client("provision", null);
        client.connect();
        assertThatThrownBy(() -> client.subscribeWith().topicFilter("devices/#").send())
                .isInstanceOf(Mqtt3SubAckException.class);
        assertThatThrownBy(() ->
                        client.publishWith()
                                .topic("devices/x/report")
                                .qos(MqttQos.AT_LEAST_ONCE)
                                .payload("{\"a\":1}".getBytes(UTF_8))
                                .send())
                .isInstanceOf(RuntimeException.class);
    }

    @Test
    void aDeviceMayAskAgainUntilItHasLoggedIn() throws Exception {
        var first = register("again", 201).text("token").orElseThrow();
        var second = register("again", 201).text("token").orElseThrow();

        assertThat(second).isNotEqualTo(first);
        assertThat(reported(first)).isEqualTo(401);
        assertThat(reported(second)).isEqualTo(200);
        assertThat(register("again", 409).text("type"))
                .hasValue("urn:tethral:problem:device-exists");
    }

    @Test
    void aDeviceThatShowsWhatItHasIsToldYesAgain() throws Exception {
        var own = "\",\"type\":\"token\",\"token\":\"burnt-in-at-the-factory\"}";
        assertThat(post("/device/v1/register", ours("burnt") + own, null).text("token"))
                .hasValue("burnt-in-at-the-factory");
        assertThat(reported("burnt-in-at-the-factory")).isEqualTo(200);

        var repeated = post("/device/v1/register", ours("burnt") + own, null);

        assertThat(repeated.text("token")).hasValue("burnt-in-at-the-factory");
        assertThat(post("/device/v1/register", ours("thief") + own, null).text("type"))
                .hasValue("urn:tethral:problem:credential-taken");
    }

    @Test
    void aDeviceOfAnotherProfileIsLeftAlone() throws Exception {
        post("/api/v1/devices", "{\"device_id\":\"registered\"}", administrator);

        assertThat(register("registered", 409).text("detail").orElseThrow())
                .contains("device registered is registered");
    }

    @Test
    void aClaimIsKeptAsAnEventWithoutItsSecret() throws Exception {
        var token = register("claimed", 201).text("token").orElseThrow();
        var client = client(token, null);
        client.connect();
        client.publishWith()
                .topic("v1/devices/me/claim")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload("{\"secretKey\":\"on-the-box\",\"durationMs\":60000}".getBytes(UTF_8))
                .send();
        client.disconnect();
        assertThat(send("POST", "/api/v1/" + token + "/claim", "", null).statusCode())
                .isEqualTo(200);

        var events = get("/api/v1/events?type=device.claim_requested&device_id=claimed");

        assertThat(((Value.Array) events.find("items").orElseThrow()).items()).hasSize(2);
        assertThat(events.toString()).contains("$argon2id$").doesNotContain("on-the-box");
    }

    @Test
    void allThatWorksOverCoap() throws Exception {
        var registered = coap("/device/v1/register", ours("by-coap") + "\"}");
        assertThat(registered.getCode()).isEqualTo(ResponseCode.CREATED);
        var token = parsed(registered.getResponseText()).text("token").orElseThrow();
        assertThat(reported(token)).isEqualTo(200);
        assertThat(coap("/device/v1/register", ours("by-coap") + "\"}").getCode())
                .isEqualTo(ResponseCode.CONFLICT);
        var wrong = coap("/device/v1/register", ours("by-coap") + "not\"}");
        assertThat(wrong.getCode()).isEqualTo(ResponseCode.FORBIDDEN);
        assertThat(wrong.getResponseText()).contains("provisioning key");
        assertThat(coap("/device/v1/register", "{\"type\":\"magic\"}").getCode())
                .isEqualTo(ResponseCode.BAD_REQUEST);

        var provisioned = coap("/api/v1/provision", "{" + credentials("tb-coap") + "}");
        assertThat(provisioned.getCode()).isEqualTo(ResponseCode.CONTENT);
        assertThat(parsed(provisioned.getResponseText()).text("status")).hasValue("SUCCESS");
        var claimed = coap("/api/v1/" + token + "/claim", "{\"secretKey\":\"on-the-box\"}");
        assertThat(claimed.getCode()).isEqualTo(ResponseCode.CREATED);
        assertThat(coap("/api/v1/" + token + "/claim", "").getCode())
                .isEqualTo(ResponseCode.CREATED);
        var events = get("/api/v1/events?type=device.claim_requested&device_id=by-coap");
        assertThat(((Value.Array) events.find("items").orElseThrow()).items()).hasSize(2);
        assertThat(events.toString()).contains("$argon2id$").doesNotContain("on-the-box");
    }

    private static CoapResponse coap(String path, String body) throws Exception {
        var endpoint =
                new CoapEndpoint.Builder()
                        .setConfiguration(
                                new Configuration(
                                        CoapConfig.DEFINITIONS,
                                        UdpConfig.DEFINITIONS,
                                        SystemConfig.DEFINITIONS))
                        .build();
        try {
            var client = new CoapClient("coap://127.0.0.1:" + server.coapPort() + path);
            client.setEndpoint(endpoint);
            client.setTimeout(10_000L);
            return client.post(body, MediaTypeRegistry.APPLICATION_JSON);
        } finally {
            endpoint.destroy();
        }
    }

    private static String credentials(String name) {
        return "\"deviceName\":\"%s\",\"provisionDeviceKey\":\"%s\",\"provisionDeviceSecret\":\"%s\""
                .formatted(name, KEY, secret);
    }

    private static String ours(String name) {
        return "{\"device_id\":\"%s\",\"provisioning_key\":\"%s\",\"provisioning_secret\":\"%s"
                .formatted(name, KEY, secret);
    }

    private static Document register(String name, int status) throws Exception {
        var answer = send("POST", "/device/v1/register", ours(name) + "\"}", null);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return parsed(answer.body());
    }

    private static Mqtt3BlockingClient client(String userName, @Nullable String password) {
        var login = Mqtt3Client.builder().serverHost("127.0.0.1").serverPort(server.mqttPort());
        var auth = login.simpleAuth().username(userName);
        return password == null
                ? auth.applySimpleAuth().buildBlocking()
                : auth.password(password.getBytes(UTF_8)).applySimpleAuth().buildBlocking();
    }

    private static Document provision(String request) throws Exception {
        var client = client("provision", null);
        client.connect();
        try (var answers = client.publishes(MqttGlobalPublishFilter.ALL)) {
            client.subscribeWith()
                    .topicFilter("/provision/response")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .send();
            client.publishWith()
                    .topic("/provision/request")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(request.getBytes(UTF_8))
                    .send();
            var answer = answers.receive(30, TimeUnit.SECONDS).orElseThrow();
            return parsed(new String(answer.getPayloadAsBytes(), UTF_8));
        } finally {
            client.disconnect();
        }
    }

    private static void report(String token) {
        var client = client(token, null);
        client.connect();
        client.publishWith()
                .topic("v1/devices/me/telemetry")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload("{\"temperature\":20}".getBytes(UTF_8))
                .send();
        client.disconnect();
    }

    private static int reported(String token) throws Exception {
        return send("POST", "/device/v1/report", "{\"a\":1}", token).statusCode();
    }

    private static Document get(String path) throws Exception {
        return parsed(send("GET", path, null, administrator).body());
    }

    private static Document post(String path, String body, @Nullable String key) throws Exception {
        return parsed(send("POST", path, body, key).body());
    }

    private static HttpResponse<String> send(
            String method, String path, @Nullable String body, @Nullable String key)
            throws Exception {
        var request =
                HttpRequest.newBuilder(URI.create(server.http() + path))
                        .method(
                                method,
                                Optional.ofNullable(body)
                                        .map(HttpRequest.BodyPublishers::ofString)
                                        .orElse(HttpRequest.BodyPublishers.noBody()));
        if (key != null) {
            request.header("Authorization", "Bearer " + key);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static Document parsed(String json) throws MalformedJson {
        return Json.parseObject(json);
    }
}
