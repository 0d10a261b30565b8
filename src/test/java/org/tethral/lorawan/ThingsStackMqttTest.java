package org.tethral.lorawan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tethral.kernel.Eventually.eventually;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.device.DevEui;
import org.tethral.device.DeviceId;
import org.tethral.json.Json;
import org.tethral.kernel.Value;
import org.tethral.mqttclient.BrokerAddress;
import org.tethral.mqttclient.Mosquitto;
import org.tethral.space.DownlinkRefused;
import org.tethral.space.LorawanDevice;

/// The MQTT server of a Things Stack, played by a Mosquitto that knows one application, which
/// another client publishes on and takes downlinks from.
class ThingsStackMqttTest {

    private static final String USER = "app1@tenant";
    private static final String DEVICES = "v3/" + USER + "/devices/";
    private static final DevEui DEVICE = new DevEui("0004A30B001C0530");

    @TempDir private static Path folder;

    private static Mosquitto broker;
    private static LorawanRig rig;
    private static Mqtt3AsyncClient stack;
    private static LorawanDevice sensor;
    private static final List<String> pushed = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        broker = Mosquitto.start(folder, USER, "NNSXS.key");
        rig = new LorawanRig(null, address("NNSXS.key"));
        sensor = rig.sensor("dev1", DEVICE, null, null);
        eventually(() -> rig.lorawan().problem().isEmpty());
        stack =
                Mqtt3Client.builder()
                        .serverHost("127.0.0.1")
                        .serverPort(broker.port())
                        .buildAsync();
        stack.connectWith()
                .simpleAuth()
                .username(USER)
                .password("NNSXS.key".getBytes(UTF_8))
                .applySimpleAuth()
                .send()
                .get(10, TimeUnit.SECONDS);
        stack.subscribeWith()
                .topicFilter(DEVICES + "+/down/push")
                .qos(MqttQos.AT_LEAST_ONCE)
                .callback(message ->
                        pushed.add(
                                message.getTopic()
                                        + " "
                                        + new String(message.getPayloadAsBytes(), UTF_8)))
                .send()
                .get(10, TimeUnit.SECONDS);
    }

    private static BrokerAddress address(String password) {
        return BrokerAddress.parse(
                "mqtt://app1%40tenant:" + password + "@127.0.0.1:" + broker.port());
    }

    @AfterAll
    static void stop() {
        if (broker != null) {
            stack.disconnect().orTimeout(5, TimeUnit.SECONDS).handle((_, _) -> null).join();
            rig.close();
            broker.close();
        }
    }

    private static void tell(String what, String message) throws Exception {
        stack.publishWith()
                .topic(DEVICES + "dev1/" + what)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(message.getBytes(UTF_8))
                .send()
                .get(10, TimeUnit.SECONDS);
    }

    @Test
    void storesOnceWhatADeviceSends() throws Exception {
        tell("up", Documented.TTS_UP);
        tell("up", Documented.TTS_UP);
        tell("join", Documented.TTS_JOIN);
        eventually(() -> !rig.events("lorawan.joined").isEmpty());
        assertThat(rig.history("dev1")).hasSize(1);
        assertThat(rig.reported("dev1").find("luminosity")).contains(Value.of(0.64));
        assertThat(rig.reported("dev1").text("gateway")).contains("gtw1");
    }

    @Test
    void sendsDownlinksAndHearsWhatBecomesOfThem() throws Exception {
        var id = UUID.randomUUID();
        rig.lorawan()
                .send(
                        sensor,
                        new Downlink(id, DEVICE, 15, new byte[] {(byte) 0xbe, (byte) 0xef}, true))
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        eventually(() -> pushed.stream().anyMatch(one -> one.contains(id.toString())));
        var one =
                pushed.stream().filter(it -> it.contains(id.toString())).findFirst().orElseThrow();
        assertThat(one.substring(0, one.indexOf(' ')))
                .isIn(DEVICES + "dev1/down/push", DEVICES + "eui-0004a30b001c0530/down/push");
        assertThat(Json.parse(one.substring(one.indexOf(' ') + 1).getBytes(UTF_8)))
                .isEqualTo(
                        Json.parse(
                                """
                                {"downlinks": [{"f_port": 15, "frm_payload": "vu8=", "confirmed": true,
                                 "priority": "NORMAL", "correlation_ids": ["tethral:%s"]}]}
                                """
                                        .formatted(id)
                                        .getBytes(UTF_8)));
        tell("down/sent", Documented.ttsDownlink("sent", "tethral:" + id));
        tell("down/ack", Documented.ttsDownlink("ack", "tethral:" + id));
        eventually(() -> rig.news.contains("acknowledged " + id + " true"));
        assertThat(rig.news)
                .containsSubsequence("transmitted " + id, "acknowledged " + id + " true");
    }

    @Test
    void doesNotSendIntoAnotherApplication() {
        var elsewhere =
                new LorawanDevice(
                        new DevEui("0004A30B001C0531"), new DeviceId("d"), null, "app2", null);
        var sent =
                rig.lorawan()
                        .send(
                                elsewhere,
                                new Downlink(
                                        UUID.randomUUID(),
                                        elsewhere.devEui(),
                                        1,
                                        new byte[1],
                                        false))
                        .toCompletableFuture();
        assertThatThrownBy(() -> sent.get(1, TimeUnit.SECONDS))
                .hasCauseInstanceOf(DownlinkRefused.class)
                .hasMessageContaining("app2");
    }

    @Test
    void saysThatItsKeyIsNotTaken() {
        try (var stranger = new LorawanRig(null, address("wrong"))) {
            eventually(() ->
                    stranger.lorawan()
                            .problem()
                            .filter(problem -> problem.contains("NOT_AUTHORIZED"))
                            .isPresent());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mqtt://h", "mqtt://a%2Fb@h", "mqtt://%23@h", "mqtt://a%40b%40c@h"})
    void wantsAUserThatNamesAnApplication(String url) {
        var settings =
                new ThingsStackMqtt.Settings(BrokerAddress.parse(url), null, 1_024, "node-1");
        assertThatThrownBy(settings::user)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("APPLICATION@TENANT");
    }
}
