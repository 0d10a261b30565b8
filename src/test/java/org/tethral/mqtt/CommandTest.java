package org.tethral.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import io.netty.handler.codec.mqtt.MqttProperties;
import java.util.UUID;
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
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// Commands on a device's own topics.
final class CommandTest {

    private static final DeviceId PUMP = new DeviceId("pump-7");
    private static final CommandId ID =
            new CommandId(UUID.fromString("01900000-0000-7000-8000-0000000000c1"));
    private static final String TOPIC = "devices/pump-7/commands/" + ID;
    private static final String ACK = TOPIC + "/ack";
    private static final String SUCCESS = "{\"status\":\"success\",\"result\":{\"at\":3}}";

    private TestEdge platform;
    private String token;

    @BeforeEach
    void start() {
        platform = TestEdge.started();
        token = platform.registry.device("pump-7");
        platform.journal.add(Dispatches.sent(ID, PUMP));
    }

    @AfterEach
    void stop() {
        platform.close();
    }

    private ClientStart client(int version, String id) {
        return TalkingClient.start(version, id).user(token, null);
    }

    private TalkingClient subscribed(ClientStart start) {
        var client = start.at(platform.edge.port());
        assertThat(client.subscribe("devices/pump-7/commands/+", 1)).isEqualTo(1);
        eventually(() -> platform.devices.reaches(PUMP));
        return client;
    }

    private void send(boolean oneWay) {
        platform.devices.send(PUMP, ID, "open", Document.of("valve", Value.of(3)), oneWay);
    }

    private Stage stage() {
        return platform.journal.dispatch(new Dispatch.Key(ID, PUMP)).orElseThrow().stage();
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void isDeliveredWhenAcknowledgedAndAnsweredOnItsTopic(int version) {
        try (var client = subscribed(client(version, "c").silent())) {
            send(false);
            var command = client.next();
            assertThat(command.topic()).isEqualTo(TOPIC);
            assertThat(command.qos()).isEqualTo(1);
            assertThat(command.retained()).isFalse();
            assertThat(command.text())
                    .isEqualTo(
                            "{\"command_id\":\""
                                    + ID
                                    + "\",\"command_name\":\"open\",\"payload\":{\"valve\":3},"
                                    + "\"expires_at\":\"2126-01-31T12:00:00Z\"}");
            assertThat(platform.devices.told).as("without PUBACK").isEmpty();
            client.answerAll();
            eventually(() -> platform.devices.told.contains("delivered"));

            assertThat(client.publish(ACK, SUCCESS, 1)).isZero();
        }
        assertThat(stage())
                .isInstanceOfSatisfying(
                        Stage.Acknowledged.class,
                        stage -> {
                            assertThat(stage.reply().success()).isTrue();
                            assertThat(stage.reply().result())
                                    .isEqualTo(Document.of("at", Value.of(3)));
                        });
    }

    @Test
    void saysNothingOfDeliveryWithQos0ButOfWhatIsOneWay() {
        try (var client = client(4, "c").at(platform.edge.port())) {
            client.subscribe("devices/pump-7/commands/#", 0);
            send(false);
            assertThat(client.next().qos()).isZero();
            client.ping();
            assertThat(platform.devices.told).isEmpty();
            send(true);
            client.next();
            eventually(() -> platform.devices.told.contains("delivered"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "devices/pump-7/commands/+, true",
        "devices/pump-7/#, true",
        "v1/devices/me/rpc/request/+, true",
        "devices/pump-7/desired, false",
        "devices/pump-7/+, false"
    })
    void isAnnouncedByWhoSubscribesToCommands(String filter, boolean announced) {
        try (var client = client(5, "c").at(platform.edge.port())) {
            assertThat(platform.devices.reaches(PUMP)).isFalse();
            // retain handling 2: nothing is sent for it at once
            client.subscribe(filter, TalkingClient.option(1, false, false, 2), 0);
            client.ping();
            assertThat(platform.devices.reaches(PUMP)).isEqualTo(announced);
            client.unsubscribe(filter);
            assertThat(platform.devices.reaches(PUMP)).isFalse();
        }
    }

    @Test
    void isTakenBackWhenTheConnectionIsGone() {
        try (var client = subscribed(client(5, "c"))) {
            client.disconnect();
            eventually(() -> !platform.devices.reaches(PUMP));
        }
    }

    @Test
    void isAnnouncedAgainWithASessionThatWasKept() {
        subscribed(client(5, "c").expiry(60)).disconnect();
        eventually(() -> !platform.devices.reaches(PUMP));

        try (var client = client(5, "c").resuming().expiry(60).at(platform.edge.port())) {
            assertThat(client.sessionPresent()).isTrue();
            eventually(() -> platform.devices.reaches(PUMP));
            send(false);
            assertThat(client.next().topic()).isEqualTo(TOPIC);
        }
    }

    @Test
    void doesNotQueueInTheSessionWhatWasNotAcknowledged() {
        try (var cut = subscribed(client(4, "c").resuming().silent())) {
            send(false);
            cut.next();
        }
        eventually(() -> !platform.devices.reaches(PUMP));

        try (var client = client(4, "c").resuming().at(platform.edge.port())) {
            assertThat(client.sessionPresent()).isTrue();
            eventually(() -> platform.devices.reaches(PUMP));
            assertThat(client.nothingMore())
                    .as("the dispatcher sends it again, nobody else")
                    .isTrue();
            send(false);
            assertThat(client.next().again()).isFalse();
            assertThat(client.nothingMore()).isTrue();
        }
    }

    @Test
    void goesToTheConnectionThatTookOver() {
        try (var before = subscribed(client(5, "c").expiry(60).silent())) {
            send(false);
            before.next();
            var way = platform.devices.way(PUMP).orElseThrow();
            try (var after = client(5, "c").resuming().expiry(60).at(platform.edge.port())) {
                eventually(() ->
                        platform.devices.way(PUMP).filter(now -> !now.equals(way)).isPresent());
                assertThat(before.endReason()).isEqualTo(0x8E);
                send(false);
                assertThat(after.next().topic()).isEqualTo(TOPIC);
                assertThat(before.messages).isEmpty();
            }
        }
    }

    @Test
    void confirmsADuplicateAnswerAndKeepsTheFirst() {
        try (var client = subscribed(client(4, "c"))) {
            client.publish(ACK, SUCCESS, 1);
            client.publish(ACK, "{\"status\":\"error\",\"message\":\"late\"}", 1);
            assertThat(client.open()).isTrue();
        }
        assertThat(stage())
                .isInstanceOfSatisfying(
                        Stage.Acknowledged.class,
                        stage -> assertThat(stage.reply().success()).isTrue());
    }

    @Test
    void refusesTheAnswerToACommandThatItWasNotSent() {
        var other = new DeviceId("pump-8");
        platform.registry.device("pump-8");
        var theirs = new CommandId(UUID.randomUUID());
        platform.journal.add(Dispatches.sent(theirs, other));
        var ack = "devices/pump-7/commands/" + theirs + "/ack";

        try (var client = subscribed(client(5, "c"))) {
            assertThat(client.publish(ack, SUCCESS, 1)).isEqualTo(0x83);
            assertThat(client.publish(ack, SUCCESS, 2)).isEqualTo(0x83);
            assertThat(client.publish("devices/pump-8/commands/" + theirs + "/ack", SUCCESS, 1))
                    .isEqualTo(0x87);
        }
        // MQTT 3.1.1 has no other word than yes, and would come again with it after a cut
        try (var client = subscribed(client(4, "c"))) {
            client.publish(ack, SUCCESS, 1);
            assertThat(client.publish(ACK, SUCCESS, 1)).isZero();
            assertThat(client.open()).isTrue();
        }
        assertThat(platform.refused("command_ack", Reason.NOT_STORABLE)).isEqualTo(1);
        assertThat(platform.journal.dispatch(new Dispatch.Key(theirs, other)).orElseThrow().stage())
                .isInstanceOf(Stage.Sent.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ok",
                "{}",
                "{\"status\":\"done\"}",
                "[]",
                "{\"status\":\"error\",\"message\":7}"
            })
    void saysWhatAnAnswerIs(String payload) {
        try (var client = subscribed(client(5, "c"))) {
            assertThat(client.publish(ACK, payload, 1)).isEqualTo(0x99);
            assertThat(client.publish(ACK, SUCCESS, 1)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "devices/pump-7/commands/7/ack",
                "devices/pump-7/commands/ack",
                "devices/pump-7/commands//ack",
                "devices/pump-7/commands",
                "devices/pump-7/commands/01900000-0000-7000-8000-0000000000c1"
            })
    void knowsNoOtherTopicsOfCommands(String topic) {
        try (var client = subscribed(client(5, "c"))) {
            assertThat(client.publish(topic, SUCCESS, 1)).isEqualTo(0x90);
        }
    }

    @Test
    void takesARefusalInPubackForAnAnswer() {
        try (var wire = Wire.connected5(platform, "c", token)) {
            wire.send(Wire.subscribe(5, 1, "devices/pump-7/commands/+", 1));
            wire.expect(Wire.SUBACK);
            send(false);
            var command = wire.expect(Wire.PUBLISH);
            var at = 2 + TOPIC.length();
            wire.send(
                    new byte[] {
                        0x40, 4, command.body()[at], command.body()[at + 1], (byte) 0x97, 0
                    });
            eventually(() -> stage() instanceof Stage.Acknowledged);
        }
        assertThat(stage())
                .isInstanceOfSatisfying(
                        Stage.Acknowledged.class,
                        stage -> {
                            assertThat(stage.reply().success()).isFalse();
                            assertThat(stage.reply().message())
                                    .isEqualTo("refused in PUBACK, reason 0x97");
                        });
        assertThat(platform.devices.told).isEmpty();
    }

    @Test
    void countsAnAttemptThatIsLargerThanTheClientTakes() {
        try (var client =
                subscribed(client(5, "c").number(MqttProperties.MAXIMUM_PACKET_SIZE, 200))) {
            send(false);
            eventually(() -> stage() instanceof Stage.TimedOut);
            assertThat(stage())
                    .isInstanceOfSatisfying(
                            Stage.TimedOut.class, // its time is over already
                            stage -> {
                                assertThat(stage.attempts()).isEqualTo(1);
                                assertThat(stage.trouble()).contains("Maximum Packet Size");
                            });
            assertThat(client.nothingMore()).isTrue();
        }
    }

    @Test
    void asksForNoMoreThanTheClientTakesAtATime() {
        try (var _ = subscribed(client(5, "c").number(MqttProperties.RECEIVE_MAXIMUM, 1))) {
            assertThat(platform.devices.way(PUMP).orElseThrow().capacity()).isEqualTo(1);
        }
        eventually(() -> !platform.devices.reaches(PUMP));
        try (var _ = subscribed(client(4, "d"))) {
            assertThat(platform.devices.way(PUMP).orElseThrow().capacity()).isEqualTo(8);
        }
    }

    @Test
    void holdsBackWhatTheClientHasNoRoomForAndSaysSoWhenNothingWasSent() {
        var start = client(5, "c").number(MqttProperties.RECEIVE_MAXIMUM, 1).silent();
        var second = new CommandId(UUID.randomUUID());
        var third = new CommandId(UUID.randomUUID());
        try (var client = subscribed(start)) {
            send(false);
            client.next();
            platform.devices.send(PUMP, second, "open", Document.EMPTY, false);
            platform.devices.send(PUMP, third, "open", Document.EMPTY, false);
            assertThat(client.nothingMore()).isTrue();
            client.answerAll(); // the first one
            assertThat(client.next().topic()).endsWith(second.toString());
            assertThat(client.next().topic()).endsWith(third.toString());
        }
        eventually(() -> platform.devices.told.size() == 3);
        platform.devices.told.clear();
        try (var client =
                subscribed(client(5, "c").number(MqttProperties.RECEIVE_MAXIMUM, 1).silent())) {
            send(false);
            client.next();
            platform.devices.send(PUMP, second, "open", Document.EMPTY, false);
            client.ping();
        }
        eventually(() -> platform.devices.told.contains("failed: the connection is closed"));
        assertThat(platform.devices.told).hasSize(1);
    }

    @Test
    void saysSoWhenTheDeviceHasUnsubscribedMeanwhile() {
        try (var client = subscribed(client(5, "c"))) {
            var way = platform.devices.way(PUMP).orElseThrow();
            client.unsubscribe("devices/pump-7/commands/+");
            platform.devices.reachable(PUMP, way);
            send(false);
            eventually(() -> platform.devices.told.size() == 1);
            assertThat(platform.devices.told.getFirst()).startsWith("failed: the client does not");
            assertThat(client.nothingMore()).isTrue();
        }
    }

    @Test
    void takesAnAnswerFromAnyConnectionOfTheDevice() {
        try (var client = client(4, "d").at(platform.edge.port())) {
            assertThat(client.publish(ACK, "{\"status\":\"error\",\"message\":\"stuck\"}", 2))
                    .isZero();
        }
        assertThat(stage())
                .isInstanceOfSatisfying(
                        Stage.Acknowledged.class,
                        stage -> assertThat(stage.reply().message()).isEqualTo("stuck"));
    }
}
