package org.tethral.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.websocket.WebSocketEdgeTest.json;
import static org.tethral.websocket.WebSocketEdgeTest.until;

import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tethral.command.CommandId;
import org.tethral.command.Dispatch;
import org.tethral.command.Dispatches;
import org.tethral.command.Stage;
import org.tethral.device.ConnectingDevice;
import org.tethral.kernel.Value;

class CommandTest {

    private static final CommandId ID =
            new CommandId(UUID.fromString("01900000-0000-7000-8000-0000000000c1"));

    private Rig rig;
    private ConnectingDevice lamp;

    @BeforeEach
    void start() throws Exception {
        rig = new Rig();
        lamp = rig.register("lamp-1");
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    private Client ready() throws Exception {
        var client = rig.connect("lamp-1");
        client.send("{\"message_type\":\"register\"}");
        until(() -> rig.devices.reaches(lamp.id()));
        return client;
    }

    @Test
    void announcesADeviceWhenItHasSpokenAndTakesItBackWhenItIsGone() throws Exception {
        try (var client = rig.connect("lamp-1")) {
            assertThat(client.nextWithin(Duration.ofMillis(100))).isNull();
            assertThat(rig.devices.reaches(lamp.id())).isFalse();
            client.send("{\"message_type\":\"heartbeat\"}");
            until(() -> rig.devices.reaches(lamp.id()));
        }
        until(() -> !rig.devices.reaches(lamp.id()));
    }

    @Test
    void sendsACommandAndStoresItsAnswer() throws Exception {
        rig.journal.add(Dispatches.sent(ID, lamp.id()));
        try (var client = ready()) {
            rig.devices.send(lamp.id(), ID, "dim", Value.of(7), false);
            assertThat(client.next())
                    .isEqualTo(
                            json(
                                    "{\"message_type\":\"command\",\"command_id\":\""
                                            + ID
                                            + "\",\"command_name\":\"dim\",\"payload\":7,"
                                            + "\"expires_at\":\"2126-01-31T12:00:00Z\"}"));
            client.send(
                    "{\"message_type\":\"command_ack\",\"message_id\":\"m\",\"command_id\":\""
                            + ID
                            + "\",\"status\":\"error\",\"payload\":{\"at\":3},\"message\":\"stuck\"}");
            assertThat(client.next())
                    .isEqualTo(json("{\"message_type\":\"ack\",\"message_id\":\"m\"}"));
        }
        assertThat(rig.journal.dispatch(new Dispatch.Key(ID, lamp.id())).orElseThrow().stage())
                .isInstanceOfSatisfying(
                        Stage.Acknowledged.class,
                        stage -> {
                            assertThat(stage.reply().success()).isFalse();
                            assertThat(stage.reply().result()).isEqualTo(json("{\"at\":3}"));
                            assertThat(stage.reply().message()).isEqualTo("stuck");
                        });
        assertThat(rig.devices.told).as("a WebSocket does not know").isEmpty();
    }

    @Test
    void hasDeliveredAOneWayCommandWhenItIsWritten() throws Exception {
        try (var client = ready()) {
            rig.devices.send(lamp.id(), ID, "beep", Value.Null.NULL, true);
            client.next();
            until(() -> rig.devices.told.contains("delivered"));
        }
    }

    @Test
    void saysSoWhenNothingWasWritten() throws Exception {
        var client = ready();
        var way = rig.devices.way(lamp.id()).orElseThrow();
        client.close();
        until(() -> !rig.devices.reaches(lamp.id()));
        rig.devices.reachable(lamp.id(), way);
        rig.devices.send(lamp.id(), ID, "dim", Value.of(7), false);
        until(() -> rig.devices.told.contains("failed: the connection is closed"));
    }

    @Test
    void refusesTheAnswerToACommandOfAnotherDevice() throws Exception {
        var other = rig.register("lamp-2");
        rig.journal.add(Dispatches.sent(ID, other.id()));
        try (var client = ready()) {
            client.send(
                    "{\"message_type\":\"command_ack\",\"message_id\":\"m\",\"command_id\":\""
                            + ID
                            + "\",\"status\":\"success\"}");
            assertThat(client.next())
                    .isEqualTo(
                            json(
                                    "{\"message_type\":\"error\",\"message_id\":\"m\","
                                            + "\"reason\":\"no command of this id was sent to this device\"}"));
        }
        assertThat(rig.journal.dispatch(new Dispatch.Key(ID, other.id())).orElseThrow().stage())
                .isInstanceOf(Stage.Sent.class);
    }

    @Test
    void sendsToTheConnectionThatTookOver() throws Exception {
        try (var before = ready()) {
            var way = rig.devices.way(lamp.id()).orElseThrow();
            try (var after = rig.connect("lamp-1")) {
                after.send("{\"message_type\":\"register\"}");
                until(() -> rig.devices.way(lamp.id()).filter(now -> !now.equals(way)).isPresent());
                rig.devices.send(lamp.id(), ID, "dim", Value.of(7), false);
                assertThat(after.next().text("command_name")).hasValue("dim");
                assertThat(before.nextWithin(Duration.ofMillis(50))).isNull();
            }
        }
    }
}
