package org.tethral.coap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tethral.coap.Client.CBOR;
import static org.tethral.coap.Client.JSON;
import static org.tethral.kernel.Eventually.eventually;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tethral.device.ConnectionLog;
import org.tethral.device.Protocol;
import org.tethral.ingest.Fact;
import org.tethral.ingest.Inbound;
import org.tethral.json.Cbor;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

class CoapEdgeTest {

    private static TestCoap platform;
    private static Client device;
    private static String token;

    @BeforeAll
    static void start() {
        platform = TestCoap.started();
        token = platform.device("pump-7");
        device = new Client();
    }

    @AfterEach
    void release() {
        platform.journal.release();
        platform.away(false);
    }

    @AfterAll
    static void stop() {
        device.close();
        platform.close();
    }

    private static String own(String path) {
        return platform.uri("/device/v1/" + path + "?token=" + token);
    }

    @Test
    void answersAReportAfterTheCommitAndNotBefore() throws Exception {
        platform.journal.hold();
        var request = Request.newPost();
        var answer =
                device.sendLater(
                        request,
                        own("report"),
                        "{\"temperature\":21.5}".getBytes(StandardCharsets.UTF_8),
                        JSON);

        // what takes longer is acknowledged without an answer, so that it is not repeated
        eventually(request::isAcknowledged);
        assertThat(answer).isNotDone();
        platform.journal.release();

        var reply = answer.get(30, TimeUnit.SECONDS);
        assertThat(reply.code()).isEqualTo(ResponseCode.CHANGED);
        assertThat(reply.response().advanced().getType()).isEqualTo(CoAP.Type.CON);
        assertThat(reply.text()).isEmpty();
        assertThat(platform.reported("pump-7").find("temperature")).contains(Value.of(21.5));
    }

    @Test
    void answersInTheAcknowledgementWhereTheCommitIsQuick() throws Exception {
        eventually(() -> { // a machine that stands still for a moment is not quick
            var reply = device.post(own("report"), "{\"quick\":1}");
            assertThat(reply.code()).isEqualTo(ResponseCode.CHANGED);
            return reply.response().advanced().getType() == CoAP.Type.ACK;
        });
    }

    @Test
    void takesCborAndAnswersInItWhereThatIsWanted() throws Exception {
        var request = Request.newPost();
        request.getOptions().setAccept(CBOR);
        var body = Cbor.bytes(Document.of("level", Value.of(3)).with("ok", Value.of(true)));
        var reply = device.send(request, own("report"), body, CBOR);

        assertThat(reply.code()).isEqualTo(ResponseCode.CHANGED);
        assertThat(platform.reported("pump-7").find("level")).contains(Value.of(3));
        var sequence = platform.journal.facts(Fact.Reported.class).getLast().snapshot().sequence();
        assertThat(Cbor.parse(reply.response().getPayload()))
                .isEqualTo(Document.of("sequences", new Value.Array(List.of(Value.of(sequence)))));
    }

    @Test
    void takesStatesAndEventsOneByOneOrManyAtOnce() throws Exception {
        assertThat(device.post(own("state"), "idle").code()).isEqualTo(ResponseCode.CHANGED);
        assertThat(device.post(own("state"), "[{\"state\":\"busy\"},\"still\"]").code())
                .isEqualTo(ResponseCode.CHANGED);
        assertThat(device.post(own("state"), Cbor.bytes(Value.of("cbor")), CBOR).code())
                .isEqualTo(ResponseCode.CHANGED);
        assertThat(platform.journal.facts(Fact.StateMoved.class))
                .extracting(fact -> fact.change().to().value())
                .containsSubsequence("idle", "busy", "still", "cbor");

        var request = Request.newPost();
        request.getOptions().setAccept(JSON);
        var reply =
                device.send(
                        request,
                        own("event"),
                        "[{\"type\":\"door.opened\"},{\"type\":\"door.closed\"}]"
                                .getBytes(StandardCharsets.UTF_8),
                        JSON);
        assertThat(Json.parseObject(reply.text()).find("sequences"))
                .hasValueSatisfying(
                        numbers -> assertThat(((Value.Array) numbers).items()).hasSize(2));
    }

    @Test
    void isSilentAsTheCoapDeviceThatItIs() throws Exception {
        var silent = platform.device("silent");
        device.post(platform.uri("/device/v1/report?token=" + silent), "{\"a\":1}");
        platform.ingest
                .submit(
                        new Inbound.Silent(
                                platform.connecting("silent"), Instant.now().plusSeconds(3_600)))
                .get(30, TimeUnit.SECONDS);
        assertThat(platform.journal.facts(Fact.Linked.class))
                .filteredOn(fact -> fact.device().value().equals("silent"))
                .singleElement()
                .satisfies(fact -> {
                    assertThat(fact.entry().kind()).isEqualTo(ConnectionLog.Kind.TIMEOUT);
                    assertThat(fact.entry().protocol()).isEqualTo(Protocol.COAP);
                });
    }

    @Test
    void storesARepeatedMessageOnce() throws Exception {
        var before = platform.journal.reports();
        var body = "{\"message_id\":\"m1\",\"values\":{\"a\":1}}";
        device.post(own("report"), body);
        device.post(own("report"), body);
        assertThat(platform.journal.reports()).isEqualTo(before + 1);
    }

    @Test
    void answersARepeatedDatagramWithoutStoringItAgain() throws Exception {
        var before = platform.journal.reports();
        var answers = new ArrayList<String>();
        try (var wire = new Wire(platform.edge.port())) {
            var datagram = Wire.post(77, token, "{\"b\":1}");
            for (int i = 0; i < 3; i++) {
                wire.send(datagram);
                answers.add(wire.receive());
            }
        }
        assertThat(answers).containsOnly("ACK 2.04 77");
        assertThat(platform.journal.reports()).isEqualTo(before + 1);
    }

    @Test
    void saysWhatIsWrongWithAMessage() throws Exception {
        assertRefused(device.post(own("report"), "{\"a\":"), ResponseCode.BAD_REQUEST, "JSON");
        assertRefused(device.post(own("report"), ""), ResponseCode.BAD_REQUEST, "empty");
        assertRefused(device.post(own("event"), "{}"), ResponseCode.BAD_REQUEST, "'type'");
        assertRefused(
                device.post(own("report"), new byte[] {(byte) 0xA1, 0x61}, CBOR),
                ResponseCode.BAD_REQUEST,
                "malformed CBOR");
        assertRefused(
                device.post(own("report"), new byte[] {1}, 42),
                ResponseCode.UNSUPPORTED_CONTENT_FORMAT,
                "CBOR (60)");
        assertRefused(
                device.post(platform.uri("/device/v2/report"), "{}"),
                ResponseCode.NOT_FOUND,
                "/.well-known/core");
        assertRefused(device.get(own("report")), ResponseCode.METHOD_NOT_ALLOWED, "POST");
        var xml = Request.newGet();
        xml.getOptions().setAccept(41);
        assertRefused(
                device.send(xml, own("desired"), null, -1), ResponseCode.NOT_ACCEPTABLE, "JSON");
    }

    private static void assertRefused(Client.Reply reply, ResponseCode code, String reason) {
        assertThat(reply.code()).as(reply.text()).isEqualTo(code);
        assertThat(reply.text()).contains(reason);
    }

    @Test
    void letsNobodyInWithoutACredentialOrWithAnotherDevices() throws Exception {
        platform.device("barred", "token-barred", false);
        assertRefused(
                device.post(platform.uri("/device/v1/report"), "{\"a\":1}"),
                ResponseCode.UNAUTHORIZED,
                "?token=");
        assertRefused(
                device.post(platform.uri("/device/v1/report?token=guessed"), "{\"a\":1}"),
                ResponseCode.UNAUTHORIZED,
                "check the token");
        assertRefused(
                device.post(platform.uri("/device/v1/report?token=token-barred"), "{\"a\":1}"),
                ResponseCode.FORBIDDEN,
                "disabled");
        assertRefused(
                device.post(own("report") + "&device=another", "{\"a\":1}"),
                ResponseCode.FORBIDDEN,
                "another device's");
        eventually(() ->
                platform.inbox.stream().anyMatch(entry -> entry.identity().equals("another")));
    }

    @Test
    void forgetsATokenThatEnded() throws Exception {
        var short_ = platform.device("short-lived");
        var uri = platform.uri("/device/v1/report?token=" + short_);
        assertThat(device.post(uri, "{\"a\":1}").code()).isEqualTo(ResponseCode.CHANGED);
        platform.end(
                org.tethral.device.Credential.Type.TOKEN,
                new org.tethral.kernel.Secret(short_).sha256());
        assertThat(device.post(uri, "{\"a\":1}").code()).isEqualTo(ResponseCode.UNAUTHORIZED);
    }

    @Test
    void asksToComeAgainWhenTheDatabaseIsAway() throws Exception {
        platform.device("late");
        platform.away(true);
        var reply = device.post(platform.uri("/device/v1/report?token=token-of-late"), "{\"a\":1}");
        assertRefused(reply, ResponseCode.SERVICE_UNAVAILABLE, "database");
        assertThat(reply.response().getOptions().getMaxAge()).isEqualTo(5);
    }

    @Test
    void takesABodyInBlocksUpToTheLimit() throws Exception {
        var values = Document.EMPTY;
        for (int i = 0; i < 5_000; i++) {
            values = values.with("value_" + i, Value.of("some text " + i));
        }
        var body = Json.bytes(values);
        assertThat(body.length).isGreaterThan(100_000);

        assertThat(device.post(own("report"), body, JSON).code()).isEqualTo(ResponseCode.CHANGED);
        assertThat(platform.reported("pump-7").find("value_4999"))
                .contains(Value.of("some text 4999"));

        var reply = device.post(own("report"), new byte[256 * 1024 + 1], JSON);
        assertThat(reply.code()).isEqualTo(ResponseCode.REQUEST_ENTITY_TOO_LARGE);
        assertThat(reply.response().getOptions().getSize1()).isEqualTo(256 * 1024);
    }

    @Test
    void makesNoRoomForABodyInBlocksOfAStranger() throws Exception {
        var reply =
                device.post(platform.uri("/device/v1/report?token=guessed"), new byte[4_000], JSON);
        assertThat(reply.code()).isEqualTo(ResponseCode.UNAUTHORIZED);
    }

    @Test
    void saysWhatThereIs() throws Exception {
        assertThat(device.get(platform.uri("/.well-known/core")).text())
                .contains("</device/v1/report>", "</device/v1/desired>;ct=\"50 60\";obs");
    }

    @Test
    void tellsADeviceThatWaitedTooLongThatItMayYetBeStored() throws Exception {
        try (var impatient = new TestCoap(UnaryOperator.identity(), false, Duration.ofMillis(600));
                var client = new Client()) {
            impatient.device("waiter");
            impatient.journal.hold();
            var reply =
                    client.post(
                            impatient.uri("/device/v1/report?token=token-of-waiter"), "{\"a\":1}");
            assertRefused(reply, ResponseCode.SERVICE_UNAVAILABLE, "same message_id");
        }
    }

    @Test
    void asksToComeAgainWhenTheQueueIsFull() throws Exception {
        try (var full = TestCoap.started();
                var client = new Client()) {
            full.device("flood");
            full.journal.hold();
            var uri = full.uri("/device/v1/report?token=token-of-flood");
            var device = full.login.token(new org.tethral.kernel.Secret("token-of-flood"));
            var report =
                    new org.tethral.ingest.Inbound.Heartbeat(
                            ((org.tethral.device.DeviceLogin.Accepted) device).device(),
                            java.time.Instant.now());
            full.ingest.offer(report, 0, _ -> {});
            eventually(() -> full.ingest.health().waiting() == 0); // it is in the commit
            for (var bytes : new int[] {100_000, 100}) {
                while (full.ingest.offer(report, bytes, _ -> {})) {
                    // until it is full
                }
            }
            var reply = client.post(uri, "{\"a\":1}");
            assertRefused(reply, ResponseCode.SERVICE_UNAVAILABLE, "queue is full");
            assertThat(reply.response().getOptions().getMaxAge()).isEqualTo(1);
        }
    }

    @Test
    void letsADeviceRegisterItselfWhereThatIsOpen() throws Exception {
        try (var open = new TestCoap(UnaryOperator.identity(), true, Answers.WAIT_MAX);
                var client = new Client()) {
            var uri = open.uri("/device/v1/report?token=brought-along&device=new-one");
            assertThat(client.post(uri, "{\"a\":1}").code()).isEqualTo(ResponseCode.CHANGED);
            assertThat(open.reported("new-one").find("a")).contains(Value.of(1));
        }
    }

    @Test
    void saysWhichPortIsTaken() {
        assertThatThrownBy(() ->
                        TestCoap.started(settings ->
                                new CoapEdge.Settings(
                                        settings.bind(),
                                        platform.edge.port(),
                                        -1,
                                        null,
                                        settings.messageBytesMax())))
                .hasMessageContaining("CoAP")
                .hasMessageContaining(String.valueOf(platform.edge.port()));
    }

    @Test
    void answersWhatItTookBeforeItCloses() throws Exception {
        var closing = TestCoap.started();
        try (var client = new Client()) {
            closing.device("last");
            closing.journal.hold();
            var request = Request.newPost();
            var answer =
                    client.sendLater(
                            request,
                            closing.uri("/device/v1/report?token=token-of-last"),
                            "{\"a\":1}".getBytes(StandardCharsets.UTF_8),
                            JSON);
            eventually(request::isAcknowledged);
            closing.close();
            assertThat(answer.get(30, TimeUnit.SECONDS).code()).isEqualTo(ResponseCode.CHANGED);
        }
    }
}
