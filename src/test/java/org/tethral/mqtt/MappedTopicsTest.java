package org.tethral.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tethral.account.CommunityId;
import org.tethral.device.ConnectionLog;
import org.tethral.device.DeviceId;
import org.tethral.device.Inbox;
import org.tethral.device.Status;
import org.tethral.ingest.Fact;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.payload.TopicMaps;

/// Devices that cannot be changed publish on topics of their own.
final class MappedTopicsTest {

    private static final CommunityId OTHERS = new CommunityId(new UUID(1, 1));

    private TestEdge platform;
    private String gateway;

    @BeforeEach
    void start() {
        platform =
                TestEdge.started(settings ->
                        new MqttEdge.Settings(
                                settings.bind(),
                                0,
                                -1,
                                -1,
                                null,
                                settings.messageBytesMax(),
                                settings.node(),
                                false,
                                TopicMaps.parse("tasmota,zigbee2mqtt"),
                                false));
        gateway = platform.registry.gateway("z2m");
        platform.registry.device("lamp");
        platform.registry.device("theirs", Registry.about("theirs", List.of(), OTHERS));
    }

    @AfterEach
    void stop() {
        platform.close();
    }

    private static byte[] publish(int packetId, String topic, String payload) {
        return Wire.publish(4, topic, 1, packetId, payload);
    }

    @Test
    void aDevicePublishesOnItsOwnMappedTopics() {
        var token = platform.registry.device("plug");
        try (var wire = Wire.connected3(platform, "c", token)) {
            wire.send(publish(1, "tele/plug/STATE", "{\"Time\":\"x\",\"POWER\":\"ON\"}"));
            wire.expect(Wire.PUBACK);
            wire.send(publish(2, "tele/plug/LWT", "Offline"));
            wire.expect(Wire.PUBACK);
        }
        assertThat(platform.reported("plug")).isEqualTo(Document.of("POWER", Value.of(true)));
        // its own connection says whether it is there
        assertThat(connections("plug").getFirst()).isEqualTo(ConnectionLog.Kind.CONNECTED);
        assertThat(connections("plug")).doesNotHaveDuplicates();
    }

    @Test
    void aGatewayPublishesForTheDevicesOfItsCommunity() {
        try (var wire = Wire.connected3(platform, "c", gateway)) {
            wire.send(publish(1, "zigbee2mqtt/lamp", "{\"brightness\":215}"));
            wire.expect(Wire.PUBACK);
            assertThat(platform.journal.reports()).isEqualTo(1);
            wire.send(publish(2, "zigbee2mqtt/bridge/state", "{\"state\":\"online\"}"));
            wire.expect(Wire.PUBACK);
        }
        assertThat(platform.reported("lamp")).isEqualTo(Document.of("brightness", Value.of(215)));
    }

    @Test
    void tellsWhetherADeviceIsThereAndOnlyOnce() {
        try (var wire = Wire.connected3(platform, "c", gateway)) {
            wire.send(publish(1, "zigbee2mqtt/lamp/availability", "online"));
            wire.send(publish(2, "zigbee2mqtt/lamp/availability", "online"));
            wire.send(publish(3, "zigbee2mqtt/lamp/availability", "offline"));
            for (int i = 0; i < 3; i++) {
                wire.expect(Wire.PUBACK);
            }
        }
        assertThat(connections("lamp"))
                .containsExactly(ConnectionLog.Kind.CONNECTED, ConnectionLog.Kind.DISCONNECTED);
        assertThat(
                        platform.journal
                                .situation(new DeviceId("lamp"))
                                .orElseThrow()
                                .presence()
                                .status())
                .isEqualTo(Status.OFFLINE);
    }

    @Test
    void acknowledgesOnlyWhatIsDurable() {
        try (var wire = Wire.connected3(platform, "c", gateway)) {
            wire.send(publish(1, "zigbee2mqtt/lamp", "{\"a\":1}"));
            wire.expect(Wire.PUBACK);
            platform.journal.hold();
            wire.send(publish(2, "zigbee2mqtt/lamp", "{\"a\":2}"));
            assertThat(wire.silentFor(50)).isTrue();
            platform.journal.release();
            wire.expect(Wire.PUBACK);
        }
    }

    @Test
    void putsStrangersAndOthersDevicesIntoTheInbox() {
        try (var wire = Wire.connected3(platform, "c", gateway)) {
            wire.send(publish(1, "zigbee2mqtt/stranger", "{\"a\":1}"));
            wire.expect(Wire.PUBACK);
            wire.send(publish(2, "zigbee2mqtt/theirs", "{\"a\":1}"));
            wire.expect(Wire.PUBACK);
        }
        eventually(() -> platform.inbox.size() == 2);
        assertThat(platform.inbox)
                .extracting(Inbox.Entry::identity)
                .containsExactlyInAnyOrder("stranger", "theirs");
        assertThat(platform.journal.reports()).isZero();
    }

    @Test
    void letsNobodyButAGatewaySpeakForAnother() {
        var token = platform.registry.device("plug");
        try (var wire = Wire.connected5(platform, "c", token)) {
            wire.send(Wire.publish(5, "tele/lamp/STATE", 1, 1, "{\"POWER\":\"ON\"}"));
            var refused = wire.expect(Wire.PUBACK);
            assertThat(refused.at(2)).isEqualTo(0x87);
            assertThat(refused.text()).contains("not registered as a gateway");
        }
        assertThat(platform.journal.reports()).isZero();
    }

    @Test
    void refusesAMappedPayloadThatCannotBeRead() {
        try (var wire = Wire.connected5(platform, "c", gateway)) {
            wire.send(Wire.publish(5, "zigbee2mqtt/lamp", 1, 1, "no json"));
            assertThat(wire.expect(Wire.PUBACK).at(2)).isEqualTo(0x99);
        }
    }

    private List<ConnectionLog.Kind> connections(String device) {
        return platform.journal.facts().stream()
                .filter(fact ->
                        fact instanceof Fact.Linked linked
                                && linked.device().value().equals(device))
                .map(fact -> ((Fact.Linked) fact).entry().kind())
                .toList();
    }
}
