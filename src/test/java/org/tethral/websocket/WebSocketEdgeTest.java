package org.tethral.websocket;

import static org.assertj.core.api.Assertions.assertThat;

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
            assertThat(pump.next())
                    .isEqualTo(json("{\"message_type\":\"ack\",\"message_id\":\"m-1\"}"));
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
                .satisfies(fact -> {
                    assertThat(fact.snapshot().timestamp())
                            .isEqualTo(Instant.parse("2026-03-01T11:00:00Z"));
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
                pump.send(
                        "{\"message_type\":\"event\",\"message_id\":\"door\",\"type\":\"door.opened\"}");
            }
            assertThat(pump.next(6))
                    .allSatisfy(ack -> assertThat(ack.text("message_type")).hasValue("ack"));
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
                .satisfies(change -> {
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
                        "{\"message_type\":\"status\",\"payload\":{\"a\":\""
                                + "x".repeat(Rig.MESSAGE_BYTES_MAX)
                                + "\"}}");
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
            assertThat(pump.next())
                    .isEqualTo(json("{\"message_type\":\"ack\",\"message_id\":\"still-here\"}"));
        }
        assertThat(rig.journal.reports()).isEqualTo(1);
        assertThat(rig.meters.get("tethral.websocket.unusable").counter().count())
                .isEqualTo(unusable.size() + 1);
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
        rig.journal.refuse(fact ->
                fact instanceof Fact.Reported(var snapshot, _)
                        && snapshot.values().find("poison").isPresent());
        try (var pump = rig.connect("pump-7")) {
            pump.send(status("a", "{\"n\":1}"));
            pump.send(status("b", "{\"poison\":1}"));
            pump.send(status("c", "{\"n\":2}"));

            var answers = pump.next(3);
            assertThat(answers)
                    .extracting(answer -> answer.text("message_id").orElse(""))
                    .containsExactly("a", "b", "c");
            assertThat(answers)
                    .extracting(answer -> answer.text("message_type").orElse(""))
                    .containsExactly("ack", "error", "ack");
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
        return "{\"message_type\":\"status\",\"message_id\":\""
                + messageId
                + "\",\"payload\":"
                + payload
                + "}";
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
