package org.tethral.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.broker.MessageQueue;

/// What is wanted of a device reaches it.
final class DesiredValuesTest {

    private static final String DESIRED = "devices/pump-7/desired";
    private static final String DELTA = "devices/pump-7/delta";
    private static final String ATTRIBUTES = "v1/devices/me/attributes";

    private static final int FIRST_NOTE = MessageQueue.PACKET_IDS + 1;

    private TestEdge platform;
    private String token;

    @BeforeEach
    void start() {
        platform = TestEdge.started();
        token = platform.registry.device("pump-7");
    }

    @AfterEach
    void stop() {
        platform.close();
    }

    /// A message to the client, MQTT 3.1.1.
    private record Message(String topic, int packetId, boolean retained, String payload) {}

    private static Message message(Wire wire) {
        var packet = wire.expect(Wire.PUBLISH);
        var qos = packet.flags() >> 1 & 3;
        var topicEnd = 2 + packet.packetId(); // the length of the topic comes first
        var topic = packet.text().substring(2, topicEnd);
        var packetId = qos == 0 ? 0 : packet.at(topicEnd) << 8 | packet.at(topicEnd + 1);
        var payload = packet.text().substring(topicEnd + (qos == 0 ? 0 : 2));
        return new Message(topic, packetId, (packet.flags() & 1) == 1, payload);
    }

    private static void subscribe(Wire wire, String filter, int qos) {
        wire.send(Wire.subscribe(4, 1, filter, qos));
        assertThat(wire.expect(Wire.SUBACK).at(2)).isEqualTo(Math.min(qos, 1));
    }

    @Test
    void sendsDesiredValuesOnSubscriptionAsRetainedAndLaterAsChanges() {
        platform.desire("pump-7", "{\"speed\":3}");
        try (var wire = Wire.connected3(platform, "c", token)) {
            subscribe(wire, DESIRED, 0);
            assertThat(message(wire))
                    .isEqualTo(
                            new Message(
                                    DESIRED, 0, true, "{\"version\":1,\"desired\":{\"speed\":3}}"));

            platform.desire("pump-7", "{\"speed\":null,\"mode\":\"eco\"}");
            assertThat(message(wire))
                    .isEqualTo(
                            new Message(
                                    DESIRED,
                                    0,
                                    false,
                                    "{\"version\":2,\"desired\":{\"mode\":\"eco\"}}"));
        }
    }

    @Test
    void sendsNoDesiredValuesWhereNoneWereEverSet() {
        try (var wire = Wire.connected3(platform, "c", token)) {
            subscribe(wire, "devices/pump-7/#", 1);
            assertThat(wire.silentFor(100)).isTrue();
        }
    }

    @Test
    void sendsTheDeltaOnSubscriptionOnChangeAndOnReturn() {
        platform.desire("pump-7", "{\"speed\":3,\"mode\":\"eco\"}");
        var session = Wire.connect(4, "c", false, 60, token, null);
        try (var wire = new Wire(platform.edge.port())) {
            wire.send(session);
            wire.expect(Wire.CONNACK);
            wire.send(Wire.publish(4, "devices/pump-7/report", 1, 1, "{\"speed\":3}"));
            wire.expect(Wire.PUBACK);
            subscribe(wire, DELTA, 0);
            assertThat(message(wire).payload())
                    .isEqualTo("{\"version\":1,\"delta\":{\"mode\":\"eco\"}}");
            platform.desire("pump-7", "{\"speed\":5}");
            assertThat(message(wire).payload())
                    .isEqualTo("{\"version\":2,\"delta\":{\"speed\":5,\"mode\":\"eco\"}}");
        }
        eventually(() -> platform.edge.connections() == 0);
        try (var wire = new Wire(platform.edge.port())) {
            wire.send(session);
            wire.expect(Wire.CONNACK);
            assertThat(message(wire).payload())
                    .isEqualTo("{\"version\":2,\"delta\":{\"speed\":5,\"mode\":\"eco\"}}");
        }
    }

    @Test
    void sendsOneCopyForSubscriptionsThatOverlapWithTheBestQos() {
        platform.desire("pump-7", "{\"speed\":3}");
        try (var wire = Wire.connected3(platform, "c", token)) {
            subscribe(wire, "devices/pump-7/+", 0);
            message(wire);
            message(wire);
            subscribe(wire, DESIRED, 2);
            assertThat(message(wire).packetId()).isEqualTo(FIRST_NOTE);
            wire.send(Wire.puback(FIRST_NOTE));
            platform.desire("pump-7", "{\"speed\":4}");
            assertThat(message(wire).topic()).isEqualTo(DESIRED);
            assertThat(message(wire).topic()).isEqualTo(DELTA);
            assertThat(wire.silentFor(50)).isTrue();
        }
    }

    @Test
    void stopsSendingAfterUnsubscribing() {
        try (var wire = Wire.connected3(platform, "c", token)) {
            subscribe(wire, DESIRED, 0);
            wire.send(Wire.unsubscribe(4, 2, DESIRED));
            assertThat(wire.expect(Wire.UNSUBACK).packetId()).isEqualTo(2);
            platform.desire("pump-7", "{\"speed\":4}");
            assertThat(wire.silentFor(100)).isTrue();
        }
    }

    @Test
    void tellsMqtt5ClientsForWhichSubscriptionAMessageIs() {
        platform.desire("pump-7", "{\"speed\":3}");
        try (var wire = Wire.connected5(platform, "c", token)) {
            var body = new Wire.Bytes().two(1).length(2).one(0x0B).one(42).text(DESIRED).one(0);
            wire.send(Wire.packet(0x82, body));
            wire.expect(Wire.SUBACK);
            assertThat(wire.expect(Wire.PUBLISH).body()).containsSequence(2, 0x0B, 42);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void leavesOutWhatIsRetainedWhereAnMqtt5ClientSaysSo(int handling) {
        platform.desire("pump-7", "{\"speed\":3}");
        try (var wire = Wire.connected5(platform, "c", token)) {
            wire.send(Wire.subscribe(5, 1, DESIRED, handling << 4));
            wire.expect(Wire.SUBACK);
            if (handling == 1) {
                wire.expect(Wire.PUBLISH);
            }
            wire.send(Wire.subscribe(5, 2, DESIRED, handling << 4));
            wire.expect(Wire.SUBACK);
            assertThat(wire.silentFor(50)).isTrue();
        }
    }

    @Test
    void tellsThingsBoardDevicesWhichSharedAttributesChanged() {
        platform.desire("pump-7", "{\"speed\":3,\"mode\":\"eco\"}");
        try (var wire = Wire.connected3(platform, "c", token)) {
            subscribe(wire, ATTRIBUTES, 1);
            assertThat(wire.silentFor(50)).isTrue();
            platform.desire("pump-7", "{\"speed\":4,\"mode\":null}");
            assertThat(message(wire).payload()).isEqualTo("{\"speed\":4}");
            assertThat(message(wire).payload()).isEqualTo("{\"deleted\":[\"mode\"]}");
        }
    }

    @Test
    void answersThingsBoardDevicesThatAskForAttributes() {
        platform.desire("pump-7", "{\"speed\":3,\"mode\":\"eco\"}");
        try (var wire = Wire.connected3(platform, "c", token)) {
            subscribe(wire, "v1/devices/me/attributes/response/+", 0);
            wire.send(Wire.publish(4, ATTRIBUTES, 1, 1, "{\"firmware\":\"1.2\",\"serial\":7}"));
            wire.expect(Wire.PUBACK);
            wire.send(
                    Wire.publish(
                            4,
                            ATTRIBUTES + "/request/11",
                            1,
                            2,
                            "{\"clientKeys\":\"firmware,none\",\"sharedKeys\":\"speed\"}"));
            assertThat(message(wire))
                    .isEqualTo(
                            new Message(
                                    ATTRIBUTES + "/response/11",
                                    0,
                                    false,
                                    "{\"client\":{\"firmware\":\"1.2\"},\"shared\":{\"speed\":3}}"));
            assertThat(wire.expect(Wire.PUBACK).packetId()).isEqualTo(2);
        }
    }

    @Test
    void sendsOneChangeForManyToAClientThatDoesNotAcknowledge() {
        try (var wire = new Wire(platform.edge.port())) {
            wire.send(
                    Wire.connect(
                            5,
                            "c",
                            true,
                            60,
                            token,
                            null,
                            new byte[] {0x21, 0, 1})); // takes one at a time
            wire.expect(Wire.CONNACK);
            wire.send(Wire.subscribe(5, 1, DESIRED, 1));
            wire.expect(Wire.SUBACK);
            platform.desire("pump-7", "{\"speed\":1}");
            assertThat(wire.expect(Wire.PUBLISH).text()).contains("\"speed\":1}");
            for (int i = 2; i <= 200; i++) {
                platform.desire("pump-7", "{\"speed\":" + i + "}");
            }
            assertThat(wire.silentFor(50)).isTrue();
            wire.send(Wire.puback(FIRST_NOTE));
            assertThat(wire.expect(Wire.PUBLISH).text())
                    .contains("\"version\":200")
                    .contains("\"speed\":200}");
            wire.send(Wire.puback(FIRST_NOTE));
            assertThat(wire.silentFor(50)).isTrue();
        }
    }
}
