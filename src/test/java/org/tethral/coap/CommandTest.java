package org.tethral.coap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.coap.Client.CBOR;
import static org.tethral.coap.Client.JSON;
import static org.tethral.kernel.Eventually.eventually;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.command.CommandId;
import org.tethral.command.Dispatch;
import org.tethral.command.Dispatches;
import org.tethral.command.Stage;
import org.tethral.device.DeviceId;
import org.tethral.json.Cbor;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// Commands as devices get and answer them over CoAP.
class CommandTest {

    private static final CommandId ID =
            new CommandId(UUID.fromString("01900000-0000-7000-8000-0000000000c1"));
    private static final CommandId NEXT =
            new CommandId(UUID.fromString("01900000-0000-7000-8000-0000000000c2"));
    private static final DeviceId VALVE = new DeviceId("valve");

    private TestCoap platform;
    private Client device;

    @BeforeEach
    void start() {
        platform = TestCoap.started();
        platform.device("valve");
        device = new Client();
    }

    @AfterEach
    void stop() {
        device.close();
        platform.close();
    }

    private String own(String path) {
        return platform.uri("/device/v1/" + path + "token=token-of-valve");
    }

    private static String told(CommandId id, String payload) {
        return "{\"commands\":[{\"command_id\":\"%s\",\"command_name\":\"open\",\"payload\":%s,%s}]}"
                .formatted(id, payload, "\"expires_at\":\"2126-01-31T12:00:00Z\"");
    }

    private CompletableFuture<Client.Reply> ask(String query) {
        return device.sendLater(Request.newGet(), own("commands?" + query), null, -1);
    }

    private void send(CommandId id, Value payload, boolean oneWay) {
        eventually(() -> platform.reached.reaches(VALVE));
        platform.reached.send(VALVE, id, "open", payload, oneWay);
    }

    private Stage stage(CommandId id, String owner) {
        return platform.journal
                .dispatch(new Dispatch.Key(id, new DeviceId(owner)))
                .orElseThrow()
                .stage();
    }

    @Test
    void givesAWaitingDeviceItsCommandAndSaysThatItHasIt() throws Exception {
        var request = Request.newGet();
        var answer = device.sendLater(request, own("commands?wait=20s&"), null, -1);
        // what takes longer is acknowledged without an answer, so that it is not repeated
        eventually(request::isAcknowledged);
        assertThat(platform.reached.told).isEmpty();
        send(ID, Document.of("valve", Value.of(3)), false);

        assertThat(answer.get(30, TimeUnit.SECONDS).text()).isEqualTo(told(ID, "{\"valve\":3}"));
        eventually(() -> platform.reached.told.contains("delivered"));
        eventually(() -> !platform.reached.reaches(VALVE));
    }

    @Test
    void givesItInTheAcknowledgementWhereItIsQuick() throws Exception {
        var answer = ask("wait=20s&");
        send(ID, Value.Null.NULL, false);
        var reply = answer.get(30, TimeUnit.SECONDS);
        assertThat(reply.text()).isEqualTo(told(ID, "null"));
        eventually(() -> platform.reached.told.contains("delivered"));
        eventually(() -> !platform.reached.reaches(VALVE));
    }

    @Test
    void answersWithNothingWhenNothingCame() throws Exception {
        assertThat(ask("wait=30ms&").get(30, TimeUnit.SECONDS).text())
                .isEqualTo("{\"commands\":[]}");
        eventually(() -> !platform.reached.reaches(VALVE));
    }

    @Test
    void givesAnObserverEachCommandAndSaysThatItHasIt() throws Exception {
        var observed = device.observe(own("commands?"));
        assertThat(observed.next().getResponseText()).isEqualTo("{\"commands\":[]}");
        send(ID, Value.of(1), false);
        var first = observed.next();
        assertThat(first.getResponseText()).isEqualTo(told(ID, "1"));
        assertThat(first.advanced().getType()).isEqualTo(CoAP.Type.CON);
        eventually(() -> platform.reached.told.size() == 1);
        send(NEXT, Value.of(2), true);
        assertThat(observed.next().getResponseText()).isEqualTo(told(NEXT, "2"));
        eventually(() -> platform.reached.told.size() == 2);
        assertThat(platform.reached.told).containsOnly("delivered");

        observed.relation().proactiveCancel();
        eventually(() -> !platform.reached.reaches(VALVE));
    }

    @Test
    void isReachedNoMoreWhenItsObservationHasEnded() throws Exception {
        var observed = device.observe(own("commands?"));
        observed.next();
        eventually(() -> platform.reached.reaches(VALVE));
        var way = platform.reached.way(VALVE).orElseThrow();
        platform.evictions.evict(VALVE, "removed");
        assertThat(observed.next().getCode()).isEqualTo(ResponseCode.UNAUTHORIZED);
        eventually(() -> !platform.reached.reaches(VALVE));

        platform.reached.reachable(VALVE, way);
        platform.reached.send(VALVE, ID, "open", Value.of(1), false);
        eventually(() -> platform.reached.told.contains("failed: it is not observed any more"));
    }

    @Test
    void endsTheWaitOfADeviceThatMayNotConnectAnyMore() throws Exception {
        var answer = ask("wait=60s&");
        eventually(() -> platform.reached.reaches(VALVE));
        platform.evictions.evict(VALVE, "removed");
        assertThat(answer.get(30, TimeUnit.SECONDS).code()).isEqualTo(ResponseCode.UNAUTHORIZED);
        eventually(() -> !platform.reached.reaches(VALVE));
    }

    @Test
    void givesUpAnObservationThatIsUnheardForADay() throws Exception {
        var observed = device.observe(own("commands?"));
        observed.next();
        eventually(() -> platform.reached.reaches(VALVE));
        var now = System.nanoTime();
        platform.edge.sweep(now + Observations.UNHEARD_MAX.minusMinutes(1).toNanos());
        assertThat(platform.reached.reaches(VALVE)).isTrue();
        platform.edge.sweep(now + Observations.UNHEARD_MAX.plusMinutes(1).toNanos());
        eventually(() -> !platform.reached.reaches(VALVE));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void carriesAPayloadInBlocks(boolean observing) throws Exception {
        var text = Value.of("x".repeat(40_000));
        String got;
        if (observing) {
            var observed = device.observe(own("commands?"));
            observed.next();
            send(ID, text, false);
            got = observed.next().getResponseText();
        } else {
            var answer = ask("wait=20s&");
            send(ID, text, false);
            got = answer.get(30, TimeUnit.SECONDS).text();
        }
        assertThat(got).isEqualTo(told(ID, Json.write(text)));
        eventually(() -> platform.reached.told.contains("delivered"));
    }

    @Test
    void storesTheAnswerOfTheDevice() throws Exception {
        platform.journal.add(Dispatches.sent(ID, VALVE));
        var reply =
                device.post(
                        own("commands/" + ID + "/ack?"),
                        "{\"status\":\"error\",\"result\":{\"at\":3},\"message\":\"stuck\"}");
        assertThat(reply.code()).isEqualTo(ResponseCode.CHANGED);
        assertThat(stage(ID, "valve"))
                .isInstanceOfSatisfying(
                        Stage.Acknowledged.class,
                        stage -> {
                            assertThat(stage.reply().success()).isFalse();
                            assertThat(stage.reply().result())
                                    .isEqualTo(Document.of("at", Value.of(3)));
                            assertThat(stage.reply().message()).isEqualTo("stuck");
                        });
    }

    @Test
    void speaksCborBothWays() throws Exception {
        var request = Request.newGet();
        request.getOptions().setAccept(CBOR);
        var answer = device.sendLater(request, own("commands?wait=20s&"), null, -1);
        send(ID, Value.of(7), false);
        assertThat(Cbor.parse(answer.get(30, TimeUnit.SECONDS).response().getPayload()))
                .isEqualTo(Json.parseObject(told(ID, "7")));

        platform.journal.add(Dispatches.sent(ID, VALVE));
        var body = Cbor.bytes(Document.of("status", Value.of("success")));
        assertThat(device.post(own("commands/" + ID + "/ack?"), body, CBOR).code())
                .isEqualTo(ResponseCode.CHANGED);
        assertThat(stage(ID, "valve")).isInstanceOf(Stage.Acknowledged.class);
    }

    @Test
    void refusesTheAnswerToACommandOfAnotherDevice() throws Exception {
        platform.device("other");
        platform.journal.add(Dispatches.sent(ID, new DeviceId("other")));
        var reply = device.post(own("commands/" + ID + "/ack?"), "{\"status\":\"success\"}");
        assertThat(reply.code()).isEqualTo(ResponseCode.NOT_FOUND);
        assertThat(reply.text()).isEqualTo("no command of this id was sent to this device");
        assertThat(stage(ID, "other")).isInstanceOf(Stage.Sent.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            textBlock =
                    """
                    not json                         | 4.00 | JSON
                    "done"                           | 4.00 | an answer is
                    {"status":"ok"}                  | 4.00 | 'status' is "success" or "error"
                    {"status":"success","message":7} | 4.00 | 'message' is a text
                    """)
    void saysWhatIsWrongWithAnAnswer(String body, String code, String reason) throws Exception {
        var reply = device.post(own("commands/" + ID + "/ack?"), body);
        assertThat(reply.code().toString()).isEqualTo(code);
        assertThat(reply.text()).contains(reason);
    }

    @Test
    void saysWhatIsWrongWithARequest() throws Exception {
        for (var wait : new String[] {"61s", "2m", "soon", "-1s", ""}) {
            var reply = device.get(own("commands?wait=" + wait + "&"));
            assertThat(reply.code()).as(wait).isEqualTo(ResponseCode.BAD_REQUEST);
            assertThat(reply.text()).isEqualTo("wait is a time such as 30s, and at most 60s");
        }
        assertThat(device.post(own("commands?"), "{}").code())
                .isEqualTo(ResponseCode.METHOD_NOT_ALLOWED);
        assertThat(device.post(own("commands/no-uuid/ack?"), "{\"status\":\"success\"}").code())
                .isEqualTo(ResponseCode.BAD_REQUEST);
        assertThat(device.get(own("commands/" + ID + "/ack?")).code())
                .isEqualTo(ResponseCode.METHOD_NOT_ALLOWED);
        assertThat(device.get(own("commands/" + ID + "?")).code())
                .isEqualTo(ResponseCode.NOT_FOUND);
        assertThat(device.get(platform.uri("/device/v1/commands?token=wrong")).code())
                .isEqualTo(ResponseCode.UNAUTHORIZED);
        var long_ = "{\"status\":\"success\",\"result\":\"" + "x".repeat(262_144) + "\"}";
        assertThat(device.post(own("commands/" + ID + "/ack?"), long_).code())
                .isEqualTo(ResponseCode.REQUEST_ENTITY_TOO_LARGE);
    }

    @Test
    void asksAThingsBoardDeviceAndTakesItsAnswer() throws Exception {
        var path = "/api/v1/token-of-valve/rpc";
        platform.journal.add(Dispatches.sent(ID, VALVE));
        var observed = device.observe(platform.uri(path));
        assertThat(observed.next().getPayload()).isNullOrEmpty();
        send(ID, Document.of("pin", Value.of(4)), false);
        assertThat(observed.next().getResponseText())
                .isEqualTo(
                        "{\"id\":%d,\"method\":\"open\",\"params\":{\"pin\":4}}"
                                .formatted(ID.number()));
        var answer = device.post(platform.uri(path + "/" + ID.number()), "{\"done\":1}");
        assertThat(answer.code()).isEqualTo(ResponseCode.CREATED);
        assertThat(stage(ID, "valve"))
                .isInstanceOfSatisfying(
                        Stage.Acknowledged.class,
                        stage ->
                                assertThat(stage.reply().result())
                                        .isEqualTo(Document.of("done", Value.of(1))));
        assertThat(device.post(platform.uri(path + "/7"), "{}").code())
                .isEqualTo(ResponseCode.NOT_FOUND);
    }

    @Test
    void knowsTheNumberOfWhatWasSentBeforeARestart() throws Exception {
        platform.journal.add(Dispatches.sent(ID, VALVE));
        var path = "/api/v1/token-of-valve/rpc/" + ID.number();
        assertThat(device.post(platform.uri(path), "{}").code()).isEqualTo(ResponseCode.CREATED);
        assertThat(stage(ID, "valve")).isInstanceOf(Stage.Acknowledged.class);
    }

    @Test
    void keepsWhatAThingsBoardDeviceAsksAsAnEvent() throws Exception {
        var uri = platform.uri("/api/v1/token-of-valve/rpc");
        var reply = device.post(uri, "{\"method\":\"getTerm\",\"params\":{\"n\":1}}");
        assertThat(reply.code()).isEqualTo(ResponseCode.CONTENT);
        assertThat(reply.text()).matches("\\{\"sequence\":\\d+}");
        assertThat(device.post(uri, "{\"params\":1}").code()).isEqualTo(ResponseCode.BAD_REQUEST);
        assertThat(device.post(uri, "{\"method\":\"getTime\"}").text())
                .matches("\\{\"time\":\"[^\"]+Z\",\"ts\":\\d+}");
    }

    @Test
    void stopsWithoutWaitingForDevicesThatWait() throws Exception {
        var answer = ask("wait=60s&");
        eventually(() -> platform.reached.reaches(VALVE));
        var begin = System.nanoTime();
        platform.edge.close();
        assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .isLessThan(Duration.ofMillis(1_500));
        assertThat(answer.get(30, TimeUnit.SECONDS).code())
                .isEqualTo(ResponseCode.SERVICE_UNAVAILABLE);
        assertThat(platform.reached.reaches(VALVE)).isFalse();
    }

    @Test
    void sendsAnAnswerAgainThatGotLost() throws Exception {
        platform.journal.add(Dispatches.sent(ID, VALVE));
        var body = "{\"status\":\"success\"}".getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 2; i++) {
            var reply = device.send(Request.newPost(), own("commands/" + ID + "/ack?"), body, JSON);
            assertThat(reply.code()).isEqualTo(ResponseCode.CHANGED);
        }
        assertThat(stage(ID, "valve")).isInstanceOf(Stage.Acknowledged.class);
    }
}
