package org.tethral.payload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.account.CommunityId;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.DeviceId;
import org.tethral.ingest.Inbound;
import org.tethral.json.Json;

/// Payloads as the projects document them:
/// - tasmota.github.io/docs/MQTT
/// - zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html and
///   /guide/configuration/device-availability.html
/// - homieiot.github.io/specification (4.0.0)
/// - shelly-api-docs.shelly.cloud/gen1 and /gen2/General/Notifications
class TopicMapsTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final TopicMaps ALL = TopicMaps.parse("tasmota, zigbee2mqtt, homie, shelly");

    private static List<Inbound> read(TopicMaps maps, String topic, String payload)
            throws Malformed {
        var match = maps.match(topic).orElseThrow(() -> new AssertionError("no rule: " + topic));
        var name = match.device().isEmpty() ? "nobody" : match.device();
        var device =
                new ConnectingDevice(
                        new DeviceId(name),
                        CommunityId.DEFAULT,
                        true,
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(90));
        return MappedPayload.read(
                match,
                payload.getBytes(StandardCharsets.UTF_8),
                new MappedPayload.Context(device, NOW, "10.0.0.1", "node-1", new Random(1)));
    }

    private static List<Inbound> read(String topic, String payload) throws Malformed {
        return read(ALL, topic, payload);
    }

    private static Inbound.Report report(List<Inbound> read) {
        assertThat(read).hasSize(1);
        return (Inbound.Report) read.getFirst();
    }

    private static String values(List<Inbound> read) {
        return Json.write(report(read).measurements().getFirst().values());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    tele/tasmota_F847F7/SENSOR | {"Time":"2026-03-07T12:54:34","BME280":{"Temperature":20.7,"Humidity":24.4},"TempUnit":"C"} | tasmota_F847F7 | {"BME280":{"Temperature":20.7,"Humidity":24.4},"TempUnit":"C"}
                    tele/dual/STATE | {"Time":"2017-09-20T11:53:03","Uptime":25,"Vcc":3.178,"POWER1":"ON","POWER2":"OFF","Wifi":{"AP":2,"RSSI":68}} | dual | {"Uptime":25,"Vcc":3.178,"POWER1":true,"POWER2":false,"Wifi":{"AP":2,"RSSI":68}}
                    stat/tasmota/RESULT | {"POWER":"OFF"} | tasmota | {"POWER":false}
                    zigbee2mqtt/0x00158d0001d8 | {"temperature":27.34,"humidity":44.72} | 0x00158d0001d8 | {"temperature":27.34,"humidity":44.72}
                    zigbee2mqtt/Hall lamp | {"state":"ON","brightness":215,"color_temp":325} | Hall lamp | {"state":true,"brightness":215,"color_temp":325}
                    zigbee2mqtt/button | {"action":"single"} | button | {"action":"single"}
                    zigbee2mqtt/my_bulb/brightness | 50 | my_bulb | {"brightness":50}
                    homie/super-car/engine/temperature | 21.5 | super-car | {"engine.temperature":21.5}
                    homie/super-car/lights/intensity_0 | true | super-car | {"lights.intensity_0":true}
                    shellies/shellyswitch25-C45BBE/relay/0 | on | shellyswitch25-C45BBE | {"relay.0":true}
                    shellies/shellyswitch25-C45BBE/relay/0/power | 94.5 | shellyswitch25-C45BBE | {"relay.0.power":94.5}
                    shellies/shellyplug-s-C18B12/temperature | 22.28 | shellyplug-s-C18B12 | {"temperature":22.28}
                    shellies/shellyswitch25-C45BBE/roller/0 | open | shellyswitch25-C45BBE | {"roller.0":"open"}
                    shellies/shelly1/input_event/0 | {"event":"S","event_cnt":2} | shelly1 | {"input_event.0":{"event":"S","event_cnt":2}}
                    shellyplus1pm-441793/status/switch:0 | {"id":0,"output":true,"apower":8.2} | shellyplus1pm-441793 | {"switch:0":{"id":0,"output":true,"apower":8.2}}
                    """)
    void readsValues(String topic, String payload, String device, String values) throws Malformed {
        var read = read(topic, payload);

        assertThat(report(read).device().id()).isEqualTo(new DeviceId(device));
        assertThat(values(read)).isEqualTo(values);
        assertThat(report(read).measurements().getFirst().timestamp()).isEqualTo(NOW);
    }

    @Test
    void takesTheTimeOfAShellyThatKnowsIt() throws Malformed {
        var read =
                read(
                        "shellypro4pm-f008d1d8b8b8/events/rpc",
                        """
                        {"src":"shellypro4pm-f008d1d8b8b8","dst":"shellypro4pm-f008d1d8b8b8/events","method":"NotifyStatus",
                         "params":{"ts":1631186545.04,"switch:0":{"id":0,"output":true,"source":"button"}}}
                        """);

        assertThat(values(read))
                .isEqualTo("{\"switch:0\":{\"id\":0,\"output\":true,\"source\":\"button\"}}");
        assertThat(report(read).measurements().getFirst().timestamp())
                .isEqualTo(Instant.parse("2021-09-09T11:22:25.040Z"));
    }

    @Test
    void takesNowForAShellyWhoseClockIsNotSet() throws Malformed {
        var read =
                read(
                        "plus1pm/events/rpc",
                        "{\"method\":\"NotifyStatus\",\"params\":{\"ts\":1.61,\"mqtt\":{\"connected\":true}}}");

        assertThat(report(read).measurements().getFirst().timestamp()).isEqualTo(NOW);
    }

    @Test
    void tellsThePushOfAButtonAsAnEvent() throws Malformed {
        var read =
                read(
                        "shellyplusi4-a8/events/rpc",
                        """
                        {"method":"NotifyEvent","params":{"ts":1736605194.11,"events":
                         [{"component":"input:0","id":0,"event":"single_push","ts":1736605194.11}]}}
                        """);

        var event = ((Inbound.EventReport) read.getFirst()).event();
        assertThat(event.type().value()).isEqualTo("shelly.single_push");
        assertThat(event.data().text("component")).hasValue("input:0");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    tele/tasmota/LWT | Online | true
                    tele/tasmota/LWT | Offline | false
                    zigbee2mqtt/lamp/availability | {"state":"online"} | true
                    zigbee2mqtt/lamp/availability | offline | false
                    shellies/shelly1/online | false | false
                    shellyplus1-a8/online | true | true
                    """)
    void knowsWhetherADeviceIsThere(String topic, String payload, boolean there) throws Malformed {
        var read = read(topic, payload);

        assertThat(read).hasSize(1);
        assertThat(read.getFirst() instanceof Inbound.Connected).isEqualTo(there);
        assertThat(read.getFirst() instanceof Inbound.Disconnected).isEqualTo(!there);
    }

    @Test
    void tellsTheSameConnectionOnEveryNode() throws Malformed {
        var came = (Inbound.Connected) read("tele/t/LWT", "Online").getFirst();
        var went = (Inbound.Disconnected) read("tele/t/LWT", "Offline").getFirst();

        assertThat(went.link().id()).isEqualTo(came.link().id());
    }

    @Test
    void takesTheStateOfAHomieDeviceAndThatItIsLost() throws Malformed {
        var ready = read("homie/super-car/$state", "ready");
        var lost = read("homie/super-car/$state", "lost");

        assertThat(ready.getFirst()).isInstanceOf(Inbound.Connected.class);
        assertThat(((Inbound.StateReport) ready.get(1)).state().value()).isEqualTo("ready");
        assertThat(((Inbound.StateReport) lost.getFirst()).state().value()).isEqualTo("lost");
        assertThat(lost.get(1)).isInstanceOf(Inbound.Disconnected.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "homie/super-car/$homie",
                "homie/super-car/$fw/name",
                "homie/super-car/engine/$name",
                "homie/super-car/engine/temperature/$unit",
                "homie/super-car/lights/intensity/set",
                "zigbee2mqtt/bridge/state",
                "zigbee2mqtt/lamp/set",
                "zigbee2mqtt/lamp/set/brightness",
                "tele/tasmota/INFO1",
                "stat/tasmota/POWER",
                "tasmota/discovery/98F4AB/config",
                "shellies/announce",
                "shellies/shelly1/relay/0/command"
            })
    void takesAndForgetsWhatIsOfNoInterest(String topic) throws Malformed {
        assertThat(read(topic, "x")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "devices/online",
                "devices/x/report",
                "v1/devices/me/telemetry",
                "communities/events/rpc",
                "cmnd/tasmota/POWER",
                "homie",
                "shellies",
                ""
            })
    void leavesOtherTopicsAlone(String topic) {
        assertThat(ALL.match(topic)).isEmpty();
    }

    @Test
    void readsTopicsAsTheOperatorSays() throws Malformed {
        var maps =
                TopicMaps.parse(
                        "meters/{site}/{device}/{channel}/power=value, doors/{device}=state,"
                                + "{device}/json=object");

        assertThat(values(read(maps, "meters/north/m-1/3/power", "12")))
                .isEqualTo("{\"north.3\":12}");
        assertThat(
                        ((Inbound.StateReport) read(maps, "doors/front", "Open").getFirst())
                                .state()
                                .value())
                .isEqualTo("open");
        assertThat(values(read(maps, "x/json", "{\"a\":1}"))).isEqualTo("{\"a\":1}");
        assertThat(maps.filters()).containsExactly("meters/+/+/+/power", "doors/+", "+/json");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    tasmotta | there is no topic map 'tasmotta'
                    a/{device}=values | 'values' is no kind of payload
                    a/{value}=value | 'a/{value}' does not say where {device} is
                    a/{device}/{device}=value | '{device}' occurs twice
                    a/{rest...}/{device}=value | '{rest...}' can only be the last level
                    a/x{device}=value | 'x{device}' mixes text with one of
                    a/+/{device}=value | '+' mixes text with one of
                    a/{Dev}/{device}=value | '{Dev}' is no name
                    """)
    void saysWhatIsWrongWithAPattern(String text, String message) {
        assertThatThrownBy(() -> TopicMaps.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    tele/t/SENSOR | not json
                    tele/t/SENSOR | [1]
                    tele/t/LWT | maybe
                    zigbee2mqtt/lamp/availability | {"status":"online"}
                    homie/car/$state | a state with spaces
                    x/events/rpc | {"method":"NotifyStatus"}
                    x/events/rpc | {"method":"Shelly.Reboot","params":{}}
                    """)
    void refusesWhatItDoesNotUnderstand(String topic, String payload) {
        assertThatThrownBy(() -> read(topic, payload)).isInstanceOf(Malformed.class);
    }

    @Test
    void storesNothingWhenARetainedMessageIsDeleted() throws Malformed {
        assertThat(read("tele/t/SENSOR", "")).isEmpty();
    }
}
