package org.tethral.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.ingest.Fact;

/// What is wrong is said so, counted, and harms nobody else.
final class RefusalTest {

    private TestEdge platform;
    private String token;
    private Wire neighbour;

    @BeforeEach
    void start() {
        platform = TestEdge.started();
        token = platform.registry.device("pump-7");
        neighbour = Wire.connected3(platform, "n", platform.registry.device("pump-8"));
    }

    @AfterEach
    void stop() {
        neighbour.send(Wire.publish(4, "devices/pump-8/report", 1, 1, "{\"well\":true}"));
        neighbour.expect(Wire.PUBACK);
        neighbour.close();
        platform.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "[]", "{}", "", "nonsense", "{\"a\":1}{\"b\":2}"})
    void tellsAnMqtt5ClientWhatIsWrongWithItsMessage(String payload) {
        try (var wire = Wire.connected5(platform, "c", token)) {
            wire.send(Wire.publish(5, "devices/pump-7/report", 1, 1, payload));
            var answer = wire.expect(Wire.PUBACK);
            assertThat(answer.at(2)).isEqualTo(0x99);
            assertThat(answer.body().length).as("with a reason").isGreaterThan(6);

            wire.send(Wire.publish(5, "devices/pump-7/report", 2, 2, payload));
            assertThat(wire.expect(Wire.PUBREC).at(2)).isEqualTo(0x99);
            wire.send(Wire.publish(5, "devices/pump-7/report", 2, 2, "{\"now\":\"right\"}"));
            assertThat(wire.expect(Wire.PUBREC).body()).as("the id is free again").hasSize(2);
        }
        assertThat(platform.refused("publish", Reason.PAYLOAD_FORMAT_INVALID)).isEqualTo(2);
    }

    @Test
    void endsAnOlderClientThatWouldTakeAnAcknowledgementForAYes() {
        try (var wire = Wire.connected3(platform, "c", token)) {
            wire.send(Wire.publish(4, "devices/pump-7/report", 1, 1, "{\"n\":1}"));
            wire.send(Wire.publish(4, "devices/pump-7/report", 1, 2, "{"));
            wire.send(Wire.publish(4, "devices/pump-7/report", 1, 3, "{\"n\":3}"));

            assertThat(wire.expect(Wire.PUBACK).packetId())
                    .as("the one before is answered")
                    .isEqualTo(1);
            assertThat(wire.closedByServer()).isTrue();
        }
        eventually(() -> platform.journal.facts(Fact.Linked.class).size() == 3);
        assertThat(platform.journal.facts(Fact.Linked.class).getLast().entry().reason())
                .contains("malformed JSON");
        assertThat(platform.journal.reports()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void dropsAndCountsWhatIsWrongWithoutAcknowledgement(int version) {
        try (var wire =
                version == 5
                        ? Wire.connected5(platform, "c", token)
                        : Wire.connected3(platform, "c", token)) {
            wire.send(Wire.publish(version, "devices/pump-7/report", 0, 0, "{"));
            wire.send(Wire.publish(version, "devices/pump-7/report", 1, 1, "{\"n\":1}"));
            wire.expect(Wire.PUBACK);
        }
        assertThat(platform.refused("publish", Reason.PAYLOAD_FORMAT_INVALID)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "devices/pump-8/report",
                "devices/pump-77/report",
                "devices/pump-7",
                "devices//report",
                "anything",
                "communities/x/devices/pump-7/reports",
                "$SYS/broker"
            })
    void refusesForeignTopics(String topic) {
        try (var wire = Wire.connected5(platform, "c", token)) {
            wire.send(Wire.publish(5, topic, 1, 1, "{\"n\":1}"));
            var answer = wire.expect(Wire.PUBACK);
            assertThat(answer.at(2)).isEqualTo(0x87);
            assertThat(answer.text()).contains("must not publish to " + topic);

            wire.send(Wire.publish(5, topic, 0, 0, "{\"n\":1}"));
            assertThat(wire.expect(Wire.DISCONNECT).at(0)).isEqualTo(0x87);
        }
        try (var wire = Wire.connected3(platform, "c", token)) {
            wire.send(Wire.publish(4, topic, 1, 1, "{\"n\":1}"));
            assertThat(wire.closedByServer()).isTrue();
        }
        try (var wire = Wire.connected3(platform, "c", token)) {
            wire.send(Wire.publish(4, topic, 0, 0, "{\"n\":1}"));
            assertThat(wire.closedByServer()).isTrue();
        }
        assertThat(platform.journal.reports()).isZero();
        assertThat(platform.refused("publish", Reason.NOT_AUTHORIZED)).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "devices/pump-7/reports",
                "devices/pump-7/desired",
                "v1/devices/me/nothing",
                "v1/gateway/x"
            })
    void saysWhereNothingIsServed(String topic) {
        try (var wire = Wire.connected5(platform, "c", token)) {
            wire.send(Wire.publish(5, topic, 1, 1, "{\"n\":1}"));
            assertThat(wire.expect(Wire.PUBACK).at(2)).isEqualTo(0x90);
        }
    }

    @Test
    void keepsReasonsToItselfWhereTheyAreNotWanted() {
        try (var wire = new Wire(platform.edge.port())) {
            wire.send(Wire.connect(5, "c", true, 60, token, null, new byte[] {0x17, 0}));
            wire.expect(Wire.CONNACK);
            wire.send(Wire.publish(5, "devices/pump-7/report", 1, 1, "{"));
            assertThat(wire.expect(Wire.PUBACK).body()).hasSizeLessThanOrEqualTo(4);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void endsWhoSendsTooMuchAtOnce(int version) {
        var payload = "x".repeat(MqttEdge.MESSAGE_BYTES_MAX_DEFAULT);
        try (var wire =
                version == 5
                        ? Wire.connected5(platform, "c", token)
                        : Wire.connected3(platform, "c", token)) {
            sendWhatIsTaken(wire, Wire.publish(version, "devices/pump-7/report", 1, 1, payload));
            if (version == 5) {
                assertThat(wire.expect(Wire.DISCONNECT).at(0)).isEqualTo(0x95);
            }
            assertThat(wire.closedByServer()).isTrue();
        }
        eventually(() -> platform.journal.facts(Fact.Linked.class).size() == 3);
        assertThat(platform.journal.facts(Fact.Linked.class).getLast().entry().reason())
                .contains("too large");
    }

    @Test
    void takesTheLargestMessageThatIsAllowed() {
        var frame = "{\"text\":\"\"}";
        var room =
                MqttEdge.MESSAGE_BYTES_MAX_DEFAULT - 4 - 2 - "devices/pump-7/report".length() - 2;
        var payload = "{\"text\":\"" + "x".repeat(room - frame.length()) + "\"}";
        try (var wire = Wire.connected3(platform, "c", token)) {
            wire.send(Wire.publish(4, "devices/pump-7/report", 1, 1, payload));
            wire.expect(Wire.PUBACK);
        }
    }

    @Test
    void endsWhoSendsGarbage() {
        try (var wire = Wire.connected5(platform, "c", token)) {
            wire.send(new byte[] {0x36, 2, 0, 0}); // QoS 3
            assertThat(wire.expect(Wire.DISCONNECT).at(0)).isEqualTo(0x81);
        }
        try (var wire = new Wire(platform.edge.port())) {
            wire.send(
                    "GET / HTTP/1.1\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            assertThat(wire.closedByServer()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "devices/pump-8/desired",
                "devices/+/desired",
                "#",
                "+/pump-7/desired",
                "devices/#",
                "v1/devices/#",
                "communities/#",
                "$SYS/#"
            })
    void refusesForeignSubscriptions(String filter) {
        try (var wire = Wire.connected5(platform, "c", token)) {
            wire.send(Wire.subscribe(5, 1, filter, 1));
            var answer = wire.expect(Wire.SUBACK);
            assertThat(answer.at(answer.body().length - 1)).isEqualTo(0x87);
        }
        try (var wire = Wire.connected3(platform, "c", token)) {
            wire.send(Wire.subscribe(4, 1, filter, 1));
            assertThat(wire.expect(Wire.SUBACK).at(2)).isEqualTo(0x80);
        }
    }

    @Test
    void refusesWhatIsNoFilterAndSharedSubscriptions() {
        try (var wire = Wire.connected5(platform, "c", token)) {
            wire.send(Wire.subscribe(5, 1, "devices/pump-7/a#", 1));
            var noFilter = wire.expect(Wire.SUBACK);
            assertThat(noFilter.at(noFilter.body().length - 1)).isEqualTo(0x8F);
            wire.send(Wire.subscribe(5, 2, "$share/g/devices/pump-7/desired", 1));
            var shared = wire.expect(Wire.SUBACK);
            assertThat(shared.at(shared.body().length - 1)).isEqualTo(0x9E);
        }
    }

    @Test
    void boundsTheSubscriptionsOfASession() {
        try (var wire = Wire.connected3(platform, "c", token)) {
            for (int i = 0; i < Subscriber.SUBSCRIPTIONS_MAX; i++) {
                wire.send(Wire.subscribe(4, 1 + i, "devices/pump-7/x" + i, 0));
                assertThat(wire.expect(Wire.SUBACK).at(2)).isZero();
            }
            wire.send(Wire.subscribe(4, 100, "devices/pump-7/more", 0));
            assertThat(wire.expect(Wire.SUBACK).at(2)).isEqualTo(0x80);
        }
    }

    /// The server may close while this is being sent.
    private static void sendWhatIsTaken(Wire wire, byte[] bytes) {
        try {
            wire.send(bytes);
        } catch (java.io.UncheckedIOException e) {
            assertThat(e).hasMessageContaining("send");
        }
    }
}
