package org.tethral.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.ConnectionLog.Kind;
import org.tethral.ingest.Fact;
import org.tethral.ingest.Inbound;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// What a device meets at `/ws/{device_id}`, over real sockets.
class WebSocketEdgeTest {

    private Rig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new Rig();
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    @Test
    void acknowledgesAReportWhenItIsCommittedAndNotBefore() throws Exception {
        rig.register("pump-7");
        try (var pump = rig.connect("pump-7")) {
            until(() -> rig.connectionLog("pump-7").size() == 1);
            rig.journal.hold();
            pump.send(status("m-1", "{\"temperature\":21.5}"));

            assertThat(pump.nextWithin(Duration.ofMillis(300))).isNull();
            assertThat(rig.journal.reports()).isZero();

            rig.journal.release();
            assertThat(pump.next()).isEqualTo(json("{\"message_type\":\"ack\",\"message_id\":\"m-1\"}"));
            assertThat(rig.journal.reports()).isEqualTo(1);
        }
    }

    @Test
    void keepsWhatADeviceReportsWithItsOwnTime() throws Exception {
        rig.register("pump-7");
        try (var pump = rig.connect("pump-7")) {
            pump.send(
                    "{\"message_type\":\"status\",\"message_id\":\"a\",\"timestamp\":\"2026-03-01T12:00:00+01:00\","
                            + "\"payload\":{\"pressure\":2.5,\"valve\":{\"open\":true}}}");
            pump.next();
        }
        assertThat(rig.journal.facts(Fact.Reported.class))
                .singleElement()
                .satisfies(
                        fact -> {
                            assertThat(fact.snapshot().timestamp()).isEqualTo(Instant.parse("2026-03-01T11:00:00Z"));
                            assertThat(fact.snapshot().values())
                                    .isEqualTo(json("{\"pressure\":2.5,\"valve\":{\"open\":true}}"));
                        });
    }

    @Test
    void storesARepeatedMessageOnceAndAcknowledgesItAgain() throws Exception {
        rig.register("pump-7");
        try (var pump = rig.connect("pump-7")) {
            for (int i = 0; i < 3; i++) {
                pump.send(status("same", "{\"n\":" + i + "}"));
                pump.send("{\"message_type\":\"event\",\"message_id\":\"door\",\"type\":\"door.opened\"}");
            }
            assertThat(pump.next(6)).allSatisfy(ack -> assertThat(ack.text("message_type")).hasValue("ack"));
        }
        assertThat(rig.journal.reports()).isEqualTo(1);
        assertThat(rig.journal.facts(Fact.Happened.class))
                .filteredOn(fact -> fact.logged().event().type().value().equals("door.opened"))
                .hasSize(1);
    }

    @Test
    void acknowledgesNothingThatHasNoMessageId() throws Exception {
        rig.register("pump-7");
        try (var pump = rig.connect("pump-7")) {
            pump.send("{\"message_type\":\"status\",\"payload\":{\"temperature\":20}}");
            pump.send("{\"message_type\":\"heartbeat\"}");
            pump.send("{\"message_type\":\"state\",\"state\":\"idle\",\"reason\":\"tank full\"}");
            pump.send("{\"message_type\":\"heartbeat\",\"message_id\":7}");

            // a number stays a number, so that the device's program can compare it
            assertThat(pump.next()).isEqualTo(json("{\"message_type\":\"ack\",\"message_id\":7}"));
        }
        assertThat(rig.journal.reports()).isEqualTo(1);
        assertThat(rig.journal.facts(Fact.StateMoved.class).getLast().change())
                .satisfies(
                        change -> {
                            assertThat(change.to().value()).isEqualTo("idle");
                            assertThat(change.reason()).isEqualTo("tank full");
                            assertThat(change.actor()).hasToString("device:pump-7");
                        });
    }

    @Test
    void answersEachUnusableMessageWithAReasonAndStays() throws Exception {
        rig.register("pump-7");
        var unusable =
                List.of(
                        "{",
                        "[]",
                        "\"status\"",
                        "{\"message_type\":\"telemetry\"}",
                        "{\"payload\":{\"a\":1}}",
                        "{\"message_type\":\"status\",\"message_id\":\"x\"}",
                        "{\"message_type\":\"status\",\"payload\":[1,2]}",
                        "{\"message_type\":\"status\",\"payload\":{\"a\":1},\"timestamp\":\"yesterday\"}",
                        "{\"message_type\":\"state\",\"state\":\"NOT A STATE\"}",
                        "{\"message_type\":\"event\",\"type\":\"\"}",
                        "{\"message_type\":\"command_ack\",\"command_id\":\"c-1\",\"status\":\"success\"}",
                        "{\"message_type\":\"status\",\"payload\":{\"a\":\"" + "x".repeat(Rig.MESSAGE_BYTES_MAX) + "\"}}");
        try (var pump = rig.connect("pump-7")) {
            for (var message : unusable) {
                pump.send(message);
                var error = pump.next();
                assertThat(error.text("message_type")).as(message).hasValue("error");
                assertThat(error.text("reason").orElse("")).as(message).isNotBlank();
            }
            pump.sendBinary(new byte[] {1, 2, 3});
            assertThat(pump.next().text("reason").orElse("")).contains("text frame");

            pump.send(status("still-here", "{\"a\":1}"));
            assertThat(pump.next()).isEqualTo(json("{\"message_type\":\"ack\",\"message_id\":\"still-here\"}"));
        }
        assertThat(rig.journal.reports()).isEqualTo(1);
        assertThat(rig.meters.get("tethral.websocket.unusable").counter().count()).isEqualTo(unusable.size() + 1);
    }

    @Test
    void namesTheMessageThatItRefuses() throws Exception {
        rig.register("pump-7");
        try (var pump = rig.connect("pump-7")) {
            pump.send("{\"message_type\":\"status\",\"message_id\":\"x-9\",\"payload\":{}}");
            assertThat(pump.next().text("message_id")).hasValue("x-9");
        }
    }

    @Test
    void failsAPoisonousMessageAlone() throws Exception {
        rig.register("pump-7");
        rig.journal.refuse(
                fact -> fact instanceof Fact.Reported(var snapshot, _) && snapshot.values().find("poison").isPresent());
        try (var pump = rig.connect("pump-7")) {
            pump.send(status("a", "{\"n\":1}"));
            pump.send(status("b", "{\"poison\":1}"));
            pump.send(status("c", "{\"n\":2}"));

            var answers = pump.next(3);
            assertThat(answers).extracting(answer -> answer.text("message_id").orElse("")).containsExactly("a", "b", "c");
            assertThat(answers)
                    .extracting(answer -> answer.text("message_type").orElse(""))
                    .containsExactly("ack", "error", "ack");
        }
    }

    @Test
    void refusesHandshakesThatProveNothingAndLogsThem() {
        rig.register("pump-7");
        rig.register("pump-8");

        assertThat(Client.refusal(rig.address("pump-7"), null)).isEqualTo(401);
        assertThat(Client.refusal(rig.address("pump-7"), "wrong")).isEqualTo(401);
        assertThat(Client.refusal(rig.address("pump-7"), "token-of-pump-8")).isEqualTo(403);
        assertThat(Client.refusal(rig.address("nobody"), "wrong")).isEqualTo(401);
        assertThat(Client.refusal(rig.address("a%2Fb"), "wrong")).isEqualTo(400);
        assertThat(Client.refusal(rig.address(""), "wrong")).isEqualTo(404);

        until(() -> rig.knocks.entries.size() == 6);
        assertThat(rig.knocks.entries.get(2))
                .satisfies(
                        entry -> {
                            assertThat(entry.identity()).isEqualTo("pump-7");
                            assertThat(entry.remoteAddress()).isEqualTo("127.0.0.1");
                            assertThat(entry.reason()).contains("another device");
                        });
        assertThat(rig.edge.connections()).isZero();
    }

    @Test
    void tellsADeviceToComeBackWhenItsTokenCannotBeChecked() {
        rig.register("pump-7");
        rig.shelf.away = true;

        assertThat(Client.refusal(rig.address("pump-7"), "token-of-pump-7")).isEqualTo(503);

        rig.shelf.away = false;
        rig.connect("pump-7").close();
    }

    @Test
    void takesTheTokenFromTheAddressOfThoseWhoCannotSendHeaders() throws Exception {
        rig.register("Grüner Keller 7");
        var address =
                URI.create("ws://127.0.0.1:" + rig.port() + "/ws/Gr%C3%BCner%20Keller%207?token=token-of-Gr%C3%BCner+Keller%207");
        try (var device = Client.connect(address, null)) {
            device.send(status("1", "{\"a\":1}"));
            assertThat(device.next().text("message_type")).hasValue("ack");
        }
    }

    @Test
    void logsAClosedConnectionAsDisconnectedWithItsLength() {
        rig.register("pump-7");
        try (var pump = rig.connect("pump-7")) {
            until(() -> rig.edge.connections() == 1);
            pump.hangUp();

            assertThat(pump.end().code()).isEqualTo(1000);
            until(() -> rig.connectionLog("pump-7").size() == 2);
        }
        var log = rig.connectionLog("pump-7");
        assertThat(log).extracting(entry -> entry.kind()).containsExactly(Kind.CONNECTED, Kind.DISCONNECTED);
        assertThat(log.getFirst().node()).isEqualTo("node-a");
        assertThat(log.getLast().reason()).isEqualTo("closed by the device (1000)");
        assertThat(log.getLast().session()).isNotNull();
        until(() -> rig.edge.connections() == 0);
    }

    @Test
    void logsALostConnectionAsDisconnected() {
        rig.register("pump-7");
        rig.connect("pump-7").close();

        until(() -> rig.connectionLog("pump-7").size() == 2);
        assertThat(rig.connectionLog("pump-7").getLast().kind()).isEqualTo(Kind.DISCONNECTED);
    }

    @Test
    void aSecondConnectionTakesOverFromTheFirst() throws Exception {
        rig.register("pump-7");
        try (var first = rig.connect("pump-7")) {
            until(() -> rig.connectionLog("pump-7").size() == 1);
            try (var second = rig.connect("pump-7")) {
                assertThat(first.end())
                        .isEqualTo(new Client.End(4001, "another connection of this device took over"));
                second.send(status("1", "{\"a\":1}"));
                assertThat(second.next().text("message_type")).hasValue("ack");
                assertThat(rig.edge.connections()).isEqualTo(1);
                assertThat(rig.connectionLog("pump-7"))
                        .extracting(entry -> entry.kind())
                        .containsExactly(Kind.CONNECTED, Kind.DISCONNECTED, Kind.CONNECTED);
            }
        }
        until(() -> rig.connectionLog("pump-7").size() == 4);
        assertThat(rig.connectionLog("pump-7").getLast().kind()).isEqualTo(Kind.DISCONNECTED);
    }

    @Test
    void endsAConnectionThatMissesTwoHeartbeatsAsTimedOut() {
        rig.register("pump-7", Duration.ofMillis(150));
        try (var pump = rig.connect("pump-7")) {
            assertThat(pump.end()).isEqualTo(new Client.End(4002, "no heartbeat for 0.3 s"));
            until(() -> rig.connectionLog("pump-7").size() == 2);
        }
        assertThat(rig.connectionLog("pump-7").getLast().kind()).isEqualTo(Kind.TIMEOUT);
        assertThat(rig.connectionLog("pump-7").getLast().reason()).isEqualTo("no heartbeat for 0.3 s");
    }

    @Test
    void keepsAConnectionOnWhichAnythingIsHeard() throws Exception {
        rig.register("pump-7", Duration.ofMillis(250));
        try (var pump = rig.connect("pump-7")) {
            for (int i = 0; i < 8; i++) {
                if (i % 2 == 0) {
                    pump.pong();
                } else {
                    pump.send("{\"message_type\":\"heartbeat\"}");
                }
                assertThat(pump.nextWithin(Duration.ofMillis(150))).isNull();
            }
            assertThat(pump.isOpen()).isTrue();
        }
    }

    @Test
    void readsNoFasterThanTheDatabaseStoresAndLosesNothing() throws Exception {
        rig.register("pump-7");
        var flood = rig.register("flood");
        try (var pump = rig.connect("pump-7")) {
            until(() -> rig.connectionLog("pump-7").size() == 1);
            rig.journal.hold();
            fillTheQueue(flood);
            for (int i = 0; i < 40; i++) {
                pump.send(status("m-" + i, "{\"n\":" + i + "}"));
            }
            pump.send("{");
            assertThat(pump.nextWithin(Duration.ofMillis(200))).isNull();

            rig.journal.release();
            var answers = pump.next(41);
            assertThat(answers.stream().map(answer -> answer.text("message_id").orElse("")))
                    .contains("m-0", "m-39")
                    .doesNotHaveDuplicates();
        }
        assertThat(rig.journal.facts(Fact.Reported.class))
                .extracting(fact -> fact.snapshot().values())
                .containsExactlyElementsOf(numbered(40));
    }

    @Test
    void keepsTheOrderOfAConnectionThatEndsWhileNothingIsStored() throws Exception {
        var flood = rig.register("flood");
        rig.register("pump-7");
        rig.journal.hold();
        fillTheQueue(flood);
        try (var pump = rig.connect("pump-7")) {
            pump.send(status("1", "{\"n\":0}"));
            pump.hangUp();
            assertThat(pump.end().code()).isEqualTo(1000);
        }
        rig.journal.release();

        until(() -> rig.connectionLog("pump-7").size() == 2);
        assertThat(rig.connectionLog("pump-7"))
                .extracting(entry -> entry.kind())
                .containsExactly(Kind.CONNECTED, Kind.DISCONNECTED);
    }

    @Test
    void evictsADeviceThatMayNotStay() {
        var device = rig.register("pump-7");
        try (var pump = rig.connect("pump-7")) {
            until(() -> rig.edge.connections() == 1);
            rig.evictions.evict(device.id(), "its credential was revoked");

            assertThat(pump.end()).isEqualTo(new Client.End(4003, "its credential was revoked"));
            until(() -> rig.connectionLog("pump-7").size() == 2);
        }
    }

    @Test
    void barsADeviceThatTheDatabaseDoesNotKnowAnyMore() throws Exception {
        var device = rig.register("pump-7");
        try (var pump = rig.connect("pump-7")) {
            until(() -> rig.connectionLog("pump-7").size() == 1);
            rig.journal.remove(device.id());
            rig.ingest.forget(device.id());
            pump.send(status("1", "{\"a\":1}"));

            assertThat(pump.next().text("reason").orElse("")).contains("not registered any more");
            assertThat(pump.end().code()).isEqualTo(4003);
        }
    }

    @Test
    void answersWhatItTookBeforeItStops() throws Exception {
        rig.register("pump-7");
        try (var pump = rig.connect("pump-7")) {
            until(() -> rig.connectionLog("pump-7").size() == 1);
            rig.journal.hold();
            pump.send(status("last", "{\"a\":1}"));
            until(() -> rig.meters.get("tethral.websocket.messages").counter().count() == 1);

            var closing = Thread.ofVirtual().start(rig.edge::close);
            assertThat(pump.nextWithin(Duration.ofMillis(200))).isNull();
            rig.journal.release();

            assertThat(pump.next().text("message_id")).hasValue("last");
            assertThat(pump.end()).isEqualTo(new Client.End(1001, "the server stops"));
            closing.join();
            until(() -> rig.connectionLog("pump-7").size() == 2);
            assertThat(Client.refusal(rig.address("pump-7"), "token-of-pump-7")).isEqualTo(503);
        }
    }

    @Test
    void servesManyDevicesThatReconnectAtOnce() throws Exception {
        var clients = new ArrayList<Client>();
        for (int i = 0; i < 200; i++) {
            rig.register("d-" + i);
        }
        for (int i = 0; i < 200; i++) {
            clients.add(rig.connect("d-" + i));
        }
        for (int i = 0; i < 200; i++) {
            clients.get(i).send(status("1", "{\"n\":" + i + "}"));
        }
        for (var client : clients) {
            assertThat(client.next().text("message_type")).hasValue("ack");
        }
        assertThat(rig.edge.connections()).isEqualTo(200);
        assertThat(rig.journal.reports()).isEqualTo(200);
        clients.forEach(Client::close);
        until(() -> rig.edge.connections() == 0);
    }

    /// While the journal holds back: one message is on its way into it, and then no other fits.
    private void fillTheQueue(ConnectingDevice device) {
        var heartbeat = new Inbound.Heartbeat(device, Instant.now());
        assertThat(rig.ingest.offer(heartbeat, 0, _ -> {})).isTrue();
        until(() -> rig.ingest.health().waiting() == 0);
        while (rig.ingest.offer(heartbeat, 0, _ -> {})) {}
    }

    private static List<Document> numbered(int count) {
        var documents = new ArrayList<Document>();
        for (int i = 0; i < count; i++) {
            documents.add(Document.of("n", Value.of(i)));
        }
        return documents;
    }

    static String status(String messageId, String payload) {
        return "{\"message_type\":\"status\",\"message_id\":\"" + messageId + "\",\"payload\":" + payload + "}";
    }

    static Document json(String text) {
        try {
            return Json.parseObject(text);
        } catch (MalformedJson e) {
            throw new AssertionError(e);
        }
    }

    static void until(BooleanSupplier condition) {
        var deadline = System.nanoTime() + Client.LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not within " + Client.LIMIT);
            }
            Thread.onSpinWait();
            try {
                Thread.sleep(2);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
