package org.tethral.lorawan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tethral.kernel.Eventually.eventually;

import java.nio.file.Path;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tethral.command.CommandId;
import org.tethral.device.DevEui;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.lorawan.Integration.Count;
import org.tethral.mqttclient.BrokerAddress;
import org.tethral.mqttclient.Mosquitto;
import org.tethral.space.DownlinkRefused;
import org.tethral.space.LorawanDevice;

/// A ChirpStack that speaks over a real Mosquitto.
class ChirpStackMqttTest {

    private static final Instant AT = Instant.parse("2026-03-01T10:00:00Z");
    private static final String WAY = "chirpstack-mqtt";

    @TempDir private static Path folder;

    private static Mosquitto broker;
    private static BrokerAddress address;
    private static LorawanRig rig;
    private static ChirpStackNetwork network;
    private static int devices;

    @BeforeAll
    static void start() {
        broker = Mosquitto.start(folder);
        address = BrokerAddress.parse(broker.url());
        rig = new LorawanRig(address);
        eventually(() -> rig.lorawan().problem().isEmpty());
        network = new ChirpStackNetwork(broker.port(), ChirpStackNetwork.Radio.PERFECT, 1);
    }

    @AfterAll
    static void stop() {
        if (broker != null) {
            network.close();
            rig.close();
            broker.close();
        }
    }

    private static DevEui next() {
        return new DevEui("10000000000000%02X".formatted(++devices));
    }

    @Test
    void storesWhatDevicesSend() {
        var device = next();
        rig.sensor("sender", device, "raw", null);
        network.uplink(device, 5, new byte[] {1, 2}, AT);
        eventually(() -> !rig.history("sender").isEmpty());
        assertThat(rig.reported("sender").text("bytes")).contains("0102");
        assertThat(rig.reported("sender").find("f_port")).contains(Value.of(5));
    }

    @Test
    void storesOnceWhatComesTwice() {
        var device = next();
        rig.sensor("twice", device, "raw", null);
        try (var unreliable =
                new ChirpStackNetwork(broker.port(), new ChirpStackNetwork.Radio(0, 1, 0), 2)) {
            var stored = rig.integration(WAY).counts().get(Count.STORED);
            for (int i = 0; i < 20; i++) {
                unreliable.uplink(device, 1, new byte[] {(byte) i}, AT.plusSeconds(i));
            }
            eventually(() -> rig.integration(WAY).counts().get(Count.STORED) >= stored + 40);
        }
        assertThat(rig.history("twice"))
                .extracting(snapshot -> snapshot.values().find("f_cnt").orElseThrow())
                .hasSize(20)
                .doesNotHaveDuplicates();
        assertThat(rig.reported("twice").text("bytes")).contains("13");
    }

    @Test
    void takesWhatCameWhileItWasAway() {
        var device = next();
        rig.sensor("patient", device, "raw", null);
        rig.lorawan().close();
        for (int i = 0; i < 30; i++) {
            network.uplink(device, 1, new byte[] {(byte) i}, AT.plusSeconds(i));
        }
        network.flush();
        rig.restart(address);
        eventually(() -> rig.history("patient").size() == 30);
    }

    @Test
    void sendsDownlinksAndHearsWhatBecomesOfThem() throws Exception {
        var device = next();
        var display = rig.sensor("display", device, "raw", null);
        network.uplink(device, 1, new byte[] {0}, AT);
        eventually(() -> !rig.history("display").isEmpty());
        var id = UUID.randomUUID();
        rig.lorawan()
                .send(display, new Downlink(id, device, 15, new byte[] {0, 0, 100, 50, 0}, true))
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
        eventually(() -> rig.news.contains("acknowledged " + id + " true"));
        assertThat(rig.news)
                .containsSubsequence("transmitted " + id, "acknowledged " + id + " true");
        var taken = network.shown(device).orElseThrow();
        assertThat(taken.id()).isEqualTo(id.toString());
        assertThat(taken.port()).isEqualTo(15);
        assertThat(taken.payload()).containsExactly(0, 0, 100, 50, 0);
        assertThat(taken.confirmed()).isTrue();
    }

    @Test
    void announcesADeviceOnceItIsKnownWhereItIsAndUntilItIsNotRegistered() {
        var device = next();
        var commanded = rig.sensor("commanded", device, "raw", null).device();
        var silent = rig.sensor("silent", next(), "raw", null).device();
        network.uplink(device, 1, new byte[] {0}, AT);
        eventually(() -> rig.reached.reaches(commanded));
        assertThat(rig.reached.reaches(silent)).isFalse();
        assertThat(rig.serving.removeSensor(commanded)).isTrue();
        eventually(() -> !rig.reached.reaches(commanded));
    }

    @Test
    void handsACommandOverThatItsDeviceDoesNotExpectToAnswer() {
        var device = next();
        var commanded = rig.sensor("obedient", device, "raw", null).device();
        network.uplink(device, 1, new byte[] {0}, AT);
        eventually(() -> rig.reached.reaches(commanded));
        var payload = Document.of("fport", Value.of(9)).with("hex", Value.of("0A0B"));
        rig.reached.send(commanded, new CommandId(UUID.randomUUID()), "set", payload, true);
        eventually(() -> network.shown(device).isPresent());
        var taken = network.shown(device).orElseThrow();
        assertThat(taken.port()).isEqualTo(9);
        assertThat(taken.payload()).containsExactly(0x0A, 0x0B);
        assertThat(taken.confirmed()).isFalse();
        assertThat(rig.reached.told).isEmpty();
    }

    @Test
    void refusesADownlinkThatIsTooLong() {
        var display = new LorawanDevice(next(), new DeviceId("d"), null, "app", null);
        var sent =
                rig.lorawan()
                        .send(
                                display,
                                new Downlink(
                                        UUID.randomUUID(),
                                        display.devEui(),
                                        1,
                                        new byte[Downlinks.PAYLOAD_BYTES_MAX + 1],
                                        false))
                        .toCompletableFuture();
        assertThatThrownBy(() -> sent.get(1, TimeUnit.SECONDS))
                .hasCauseInstanceOf(DownlinkRefused.class)
                .hasMessageContaining("222 bytes at most, not 223")
                .satisfies(failure ->
                        assertThat(((DownlinkRefused) failure.getCause()).permanent()).isTrue());
    }

    @Test
    void doesNotKnowWhereToSendToADeviceThatWasNeverHeard() {
        var display = new LorawanDevice(next(), new DeviceId("d"), null, null, null);
        var sent =
                rig.lorawan()
                        .send(
                                display,
                                new Downlink(
                                        UUID.randomUUID(), display.devEui(), 1, new byte[1], false))
                        .toCompletableFuture();
        assertThatThrownBy(() -> sent.get(1, TimeUnit.SECONDS))
                .hasCauseInstanceOf(DownlinkRefused.class)
                .satisfies(failure ->
                        assertThat(((DownlinkRefused) failure.getCause()).permanent()).isFalse());
    }

    @Test
    void goesOnWithWhatItCannotRead() {
        var device = next();
        rig.sensor("after", device, "raw", null);
        var malformed = rig.integration(WAY).counts().get(Count.MALFORMED);
        network.publish(device, "up", "no JSON");
        network.publish(device, "up", "{\"deviceInfo\": {}}");
        network.publish(device, "strange", "{}");
        network.uplink(device, 1, new byte[] {9}, AT);
        eventually(() -> !rig.history("after").isEmpty());
        assertThat(rig.integration(WAY).counts().get(Count.MALFORMED)).isEqualTo(malformed + 3);
        assertThat(rig.integration(WAY).lastError()).contains("'event' is");
    }

    @Test
    void comesBackAfterTheBroker() {
        var device = next();
        rig.sensor("loyal", device, "raw", null);
        broker.stop();
        eventually(() -> rig.lorawan().problem().isPresent());
        broker.resume();
        eventually(() -> rig.lorawan().problem().isEmpty());
        network.uplink(device, 1, new byte[] {1}, AT);
        eventually(() -> !rig.history("loyal").isEmpty());
    }
}
