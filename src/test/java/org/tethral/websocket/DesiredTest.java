package org.tethral.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.websocket.WebSocketEdgeTest.json;
import static org.tethral.websocket.WebSocketEdgeTest.until;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tethral.account.Actor;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.Device;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Inbound;
import org.tethral.kernel.Document;
import org.tethral.state.DeviceState;
import org.tethral.state.StateName;

/// What a device says of itself, and what is wanted of it.
class DesiredTest {

    private Rig rig;
    private ConnectingDevice device;

    @BeforeEach
    void start() throws Exception {
        rig = new Rig();
        device = rig.register("lamp-1");
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    @Test
    void keepsWhatADeviceSaysOfItselfAndThenAcknowledgesIt() throws Exception {
        rig.shelf.overtakings = 2;
        try (var lamp = rig.connect("lamp-1")) {
            var register =
                    "{\"message_type\":\"register\",\"message_id\":\"r\",\"device_type\":\"ESP32\","
                            + "\"firmware_version\":\"2.0\",\"capabilities\":[\"light\"],\"metadata\":{\"mac\":\"a0\"}}";
            lamp.send(register);

            assertThat(lamp.next())
                    .isEqualTo(json("{\"message_type\":\"ack\",\"message_id\":\"r\"}"));
            assertThat(about().deviceType()).isEqualTo("ESP32");
            assertThat(about().firmwareVersion()).isEqualTo("2.0");
            assertThat(about().capabilities()).containsExactly("light");
            assertThat(about().metadata()).isEqualTo(json("{\"mac\":\"a0\"}"));
            assertThat(about().name()).isEqualTo("lamp-1");
            assertThat(rig.shelf.changes).isEqualTo(1);

            lamp.send(register);
            lamp.next();
            assertThat(rig.shelf.changes).as("nothing new is not written").isEqualTo(1);
        }
    }

    @Test
    void doesNotAcknowledgeARegistrationThatCannotBeKept() throws Exception {
        try (var lamp = rig.connect("lamp-1")) {
            until(() -> rig.edge.connections() == 1);
            rig.shelf.away = true;
            lamp.send(
                    "{\"message_type\":\"register\",\"message_id\":\"r\",\"device_type\":\"ESP32\"}");

            var answer = lamp.next();
            assertThat(answer.text("message_type")).hasValue("error");
            assertThat(answer.text("message_id")).hasValue("r");
        }
    }

    @Test
    void tellsADeviceWhatIsWantedOfItWhenItRegistersEachTime() throws Exception {
        wanted("{\"on\":true,\"level\":3}", 4, "{\"level\":3}");
        try (var lamp = rig.connect("lamp-1")) {
            for (int i = 0; i < 2; i++) {
                lamp.send("{\"message_type\":\"register\"}");
                assertThat(lamp.next())
                        .isEqualTo(
                                json(
                                        "{\"message_type\":\"desired\",\"desired\":{\"on\":true,\"level\":3},"
                                                + "\"version\":4,\"delta\":{\"on\":true}}"));
            }
        }
    }

    @Test
    void tellsADeviceThatNeverRegistersWithItsFirstMessage() throws Exception {
        wanted("{\"on\":true}", 1, "{}");
        try (var lamp = rig.connect("lamp-1")) {
            lamp.send("{\"message_type\":\"heartbeat\"}");
            assertThat(lamp.next().text("message_type")).hasValue("desired");
            lamp.send("{\"message_type\":\"heartbeat\"}");
            assertThat(lamp.nextWithin(Duration.ofMillis(150))).isNull();
        }
    }

    @Test
    void saysNothingToADeviceOfWhichNothingIsWanted() throws Exception {
        wanted("{}", 0, "{}");
        try (var lamp = rig.connect("lamp-1")) {
            lamp.send("{\"message_type\":\"register\"}");
            assertThat(lamp.nextWithin(Duration.ofMillis(150))).isNull();
        }
    }

    @Test
    void tellsAConnectedDeviceOfEachChangeOnceItIsCommitted() throws Exception {
        try (var lamp = rig.connect("lamp-1")) {
            until(() -> rig.connectionLog("lamp-1").size() == 1);
            assertThat(desire("{\"on\":true}")).isInstanceOf(Answer.Stored.class);
            assertThat(lamp.next())
                    .isEqualTo(
                            json(
                                    "{\"message_type\":\"desired\",\"desired\":{\"on\":true},\"version\":1,"
                                            + "\"delta\":{\"on\":true}}"));

            lamp.send("{\"message_type\":\"status\",\"payload\":{\"on\":true},\"message_id\":1}");
            assertThat(lamp.next().text("message_type")).hasValue("ack");
            desire("{\"level\":2}");
            assertThat(lamp.next())
                    .isEqualTo(
                            json(
                                    "{\"message_type\":\"desired\",\"desired\":{\"on\":true,\"level\":2},\"version\":2,"
                                            + "\"delta\":{\"level\":2}}"));
        }
    }

    private Answer desire(String patch) throws Exception {
        return rig.ingest
                .submit(
                        new Inbound.Desire(
                                device, Instant.now(), json(patch), null, Actor.system("test")))
                .get();
    }

    private Device.About about() {
        return rig.shelf.find(device.id()).orElseThrow().about();
    }

    private void wanted(String desired, long version, String reported) {
        var now = Instant.now();
        rig.shelf.states.put(
                device.id(),
                new DeviceState(
                        device.id(),
                        StateName.ONLINE,
                        now,
                        now,
                        json(reported),
                        1,
                        json(desired),
                        version,
                        Document.EMPTY,
                        Document.EMPTY));
    }
}
