package org.tethral.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tethral.account.CommunityId;
import org.tethral.ingest.Fact;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.payload.TopicMaps;

/// The ThingsBoard gateway API.
final class GatewayTest {

    private static final CommunityId OTHERS = new CommunityId(new UUID(1, 1));

    private TestEdge platform;
    private String token;

    @BeforeEach
    void start() {
        platform = TestEdge.started();
        token = platform.registry.gateway("gate");
        platform.registry.device("a");
        platform.registry.device("b");
        platform.registry.device("theirs", Registry.about("theirs", List.of(), OTHERS));
    }

    @AfterEach
    void stop() {
        platform.close();
    }

    private static byte[] telemetry(int packetId, String payload) {
        return Wire.publish(4, "v1/gateway/telemetry", 1, packetId, payload);
    }

    @Test
    void storesWhatAGatewayTellsOfItsDevices() {
        try (var wire = Wire.connected3(platform, "c", token)) {
            wire.send(
                    telemetry(
                            1,
                            "{\"a\":[{\"ts\":1000,\"values\":{\"t\":1}},{\"t\":2}],\"b\":[{\"t\":3}]}"));
            wire.expect(Wire.PUBACK);
            assertThat(platform.journal.reports()).isEqualTo(3);
            wire.send(Wire.publish(4, "v1/gateway/attributes", 1, 2, "{\"a\":{\"model\":\"x\"}}"));
            wire.expect(Wire.PUBACK);
        }
        assertThat(platform.reported("a"))
                .isEqualTo(Document.of("t", Value.of(2)).with("model", Value.of("x")));
        assertThat(platform.reported("b")).isEqualTo(Document.of("t", Value.of(3)));
        assertThat(platform.reported("gate")).isEqualTo(Document.EMPTY);
    }

    @Test
    void acknowledgesWhenAllOfAMessageIsDurable() {
        try (var wire = Wire.connected3(platform, "c", token)) {
            wire.send(telemetry(1, "{\"a\":[{\"t\":1}],\"b\":[{\"t\":1}]}"));
            wire.expect(Wire.PUBACK);
            platform.journal.hold();
            wire.send(telemetry(2, "{\"a\":[{\"t\":2}],\"b\":[{\"t\":2}]}"));
            assertThat(wire.silentFor(50)).isTrue();
            platform.journal.release();
            wire.expect(Wire.PUBACK);
        }
        assertThat(platform.journal.reports()).isEqualTo(4);
    }

    @Test
    void tellsWhichDevicesAreConnectedBehindIt() {
        try (var wire = Wire.connected3(platform, "c", token)) {
            wire.send(Wire.publish(4, "v1/gateway/connect", 1, 1, "{\"device\":\"a\"}"));
            wire.send(Wire.publish(4, "v1/gateway/connect", 1, 2, "{\"device\":\"b\"}"));
            wire.send(Wire.publish(4, "v1/gateway/disconnect", 1, 3, "{\"device\":\"a\"}"));
            for (int i = 0; i < 3; i++) {
                wire.expect(Wire.PUBACK);
            }
            assertThat(linked("a")).containsExactly("connected", "disconnected");
            assertThat(linked("b")).containsExactly("connected");
        }
        eventually(() -> linked("b").size() == 2 && linked("gate").size() == 2);
        assertThat(linked("gate")).containsExactly("connected", "disconnected");
    }

    private List<String> linked(String device) {
        return platform.journal.facts(Fact.Linked.class).stream()
                .filter(fact -> fact.device().value().equals(device))
                .map(fact -> fact.entry().kind().word())
                .toList();
    }

    @Test
    void storesTheKnownOnesAndShowsTheUnknownOnesInTheInbox() {
        try (var wire = Wire.connected3(platform, "c", token)) {
            wire.send(
                    telemetry(1, "{\"a\":[{\"t\":1}],\"new\":[{\"t\":1}],\"theirs\":[{\"t\":1}]}"));
            wire.expect(Wire.PUBACK);
            wire.send(telemetry(2, "{\"new\":[{\"t\":1}]}"));
            wire.expect(Wire.PUBACK);
        }
        assertThat(platform.journal.reports()).isEqualTo(1);
        eventually(() -> platform.inbox.size() == 3);
        assertThat(platform.inbox)
                .extracting(entry -> entry.identity())
                .containsExactly("new", "theirs", "new");
    }

    @Test
    void tellsAnMqtt5GatewayThatNoneOfTheDevicesIsKnown() {
        try (var wire = Wire.connected5(platform, "c", token)) {
            wire.send(Wire.publish(5, "v1/gateway/telemetry", 1, 1, "{\"theirs\":[{\"t\":1}]}"));
            var answer = wire.expect(Wire.PUBACK);
            assertThat(answer.at(2)).isEqualTo(0x83);
            assertThat(answer.text()).contains("theirs");
        }
        assertThat(platform.journal.reports()).isZero();
    }

    @Test
    void letsNoPlainDeviceSpeakForOthers() {
        try (var wire = Wire.connected5(platform, "c", platform.registry.device("plain"))) {
            wire.send(Wire.publish(5, "v1/gateway/telemetry", 1, 1, "{\"a\":[{\"t\":1}]}"));
            var answer = wire.expect(Wire.PUBACK);
            assertThat(answer.at(2)).isEqualTo(0x87);
            assertThat(answer.text()).contains("not registered as a gateway");
        }
        assertThat(platform.journal.reports()).isZero();
    }

    @Test
    void takesNothingOfAMessageThatIsWrongForOneDevice() {
        try (var wire = Wire.connected5(platform, "c", token)) {
            wire.send(Wire.publish(5, "v1/gateway/telemetry", 1, 1, "{\"a\":[{\"t\":1}],\"b\":7}"));
            assertThat(wire.expect(Wire.PUBACK).at(2)).isEqualTo(0x99);
        }
        assertThat(platform.journal.reports()).isZero();
    }

    @Test
    void registersDevicesOfAGatewayWhereRegistrationIsOpen() {
        try (var open =
                        TestEdge.started(s ->
                                new MqttEdge.Settings(
                                        s.bind(),
                                        0,
                                        -1,
                                        -1,
                                        null,
                                        s.messageBytesMax(),
                                        s.node(),
                                        true,
                                        TopicMaps.NONE,
                                        false));
                var wire = Wire.connected3(open, "demo-gate", "any-token")) {
            wire.send(telemetry(1, "{\"fresh\":[{\"t\":1}]}"));
            wire.expect(Wire.PUBACK);
            assertThat(open.reported("fresh")).isEqualTo(Document.of("t", Value.of(1)));
        }
    }
}
