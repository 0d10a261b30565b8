package org.tethral.lorawan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tethral.account.CommunityId;
import org.tethral.device.DevEui;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.kernel.Value;
import org.tethral.lorawan.Integration.Count;
import org.tethral.lorawan.NetworkIntake.Outcome;

/// What network servers tell, on its way into a real pipeline.
class LorawanTest {

    private static final String CODEC =
            """
            function decodeUplink(input) {
                if (input.bytes[0] === 255) {
                    throw new RangeError("no such channel");
                }
                return { data: { temperature: input.bytes[0] / 2, port: input.fPort } };
            }
            """;

    private static LorawanRig rig;
    private static int devices;

    @BeforeAll
    static void start() {
        rig = new LorawanRig(null);
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    private static DevEui next() {
        return new DevEui("00000000000000%02X".formatted(++devices));
    }

    private static String uplink(DevEui device, int counter, String time, String id, String hex) {
        var data = Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hex));
        return """
        {"deduplicationId": "%s", "time": "%s", "deviceInfo": {"applicationId": "app", "devEui": "%s"},
         "fCnt": %d, "fPort": 2, "data": "%s", "rxInfo": [{"gatewayId": "g", "rssi": -80, "snr": 7.5}]}
        """
                .formatted(id, time, device.value().toLowerCase(Locale.ROOT), counter, data);
    }

    private static String uplink(DevEui device, int counter, String time, String hex) {
        return uplink(device, counter, time, UUID.randomUUID().toString(), hex);
    }

    @Test
    void storesWhatTheCodecReadsWithHowWellItWasHeard() {
        var device = next();
        rig.sensor("climate", device, CODEC, null);
        assertThat(rig.tell("up", uplink(device, 7, "2026-03-01T10:00:00Z", "2a")))
                .isEqualTo(Outcome.STORED);
        assertThat(rig.reported("climate"))
                .isEqualTo(
                        Document.of("rssi", Value.of(-80))
                                .with("snr", Value.of(7.5))
                                .with("gateway", Value.of("g"))
                                .with("f_port", Value.of(2))
                                .with("f_cnt", Value.of(7))
                                .with("temperature", Value.of(21))
                                .with("port", Value.of(2))
                                .with("received_at", Value.of("2026-03-01T10:00:00Z")));
        assertThat(rig.history("climate").getFirst().timestamp())
                .isEqualTo(Instant.parse("2026-03-01T10:00:00Z"));
    }

    @Test
    void readsWithTheCodecOfTheProfile() {
        var device = next();
        rig.sensor("by-profile", device, null, rig.profile("javascript", CODEC));
        rig.tell("up", uplink(device, 1, "2026-03-01T10:00:00Z", "2a"));
        assertThat(rig.reported("by-profile").find("temperature")).contains(Value.of(21));
        var other = next();
        rig.sensor("cayenne", other, null, rig.profile("cayenne-lpp", ""));
        rig.tell("up", uplink(other, 1, "2026-03-01T10:00:00Z", "03670110"));
        assertThat(rig.reported("cayenne").find("temperature_3")).contains(Value.of(27.2));
    }

    @Test
    void storesARepeatedUplinkOnce() {
        var device = next();
        rig.sensor("repeated", device, CODEC, null);
        var message = uplink(device, 1, "2026-03-01T10:00:00Z", "2a");
        for (int i = 0; i < 3; i++) {
            assertThat(rig.tell("up", message)).isEqualTo(Outcome.STORED);
        }
        assertThat(rig.history("repeated")).hasSize(1);
    }

    @Test
    void keepsAnUplinkThatWasOvertakenAsHistory() {
        var device = next();
        rig.sensor("overtaken", device, CODEC, null);
        rig.tell("up", uplink(device, 2, "2026-03-01T10:10:00Z", "2a"));
        rig.tell("up", uplink(device, 1, "2026-03-01T10:00:00Z", "10"));
        assertThat(rig.reported("overtaken").find("temperature")).contains(Value.of(21));
        assertThat(rig.history("overtaken"))
                .extracting(snapshot -> snapshot.values().find("temperature").orElseThrow())
                .containsExactly(Value.of(21), Value.of(8));
        rig.tell("up", uplink(device, 0, "2026-03-01T10:20:00Z", "12"));
        assertThat(rig.reported("overtaken").find("temperature"))
                .as("its counter began anew, time went on")
                .contains(Value.of(9));
    }

    @Test
    void losesNothingWhereTheCodecFails() {
        var device = next();
        rig.sensor("failing", device, CODEC, null);
        var message = uplink(device, 3, "2026-03-01T10:00:00Z", "ff01");
        assertThat(rig.tell("up", message)).isEqualTo(Outcome.STORED);
        rig.tell("up", message);
        assertThat(rig.reported("failing").text("_raw")).contains("ff01");
        var events =
                rig.events("codec.failed").stream()
                        .filter(event -> "failing".equals(String.valueOf(event.device())))
                        .toList();
        assertThat(events).hasSize(1);
        var data = events.getFirst().data();
        assertThat(data.text("message")).contains("RangeError: no such channel");
        assertThat(data.find("line")).contains(Value.of(3));
        assertThat(data.text("input")).contains("ff01");
        assertThat(rig.integration("chirpstack-http").lastError()).contains("failing", "line 3");
    }

    @Test
    void keepsTheBytesOfADeviceWithoutACodec() {
        var device = next();
        rig.sensor("raw", device, null, null);
        rig.tell("up", uplink(device, 1, "2026-03-01T10:00:00Z", "0102"));
        assertThat(rig.reported("raw").text("_raw")).contains("0102");
        var decoded =
                uplink(device, 2, "2026-03-01T10:01:00Z", "0102")
                        .replaceFirst("\\{", "{\"object\": {\"level\": 4}, ");
        rig.tell("up", decoded);
        assertThat(rig.reported("raw").find("level"))
                .as("the network's own codec")
                .contains(Value.of(4));
    }

    @Test
    void appliesWhatWasKeptInItsOrderWhenSomebodyRegistersTheDevice() {
        var device = next();
        for (int i = 1; i <= 3; i++) {
            var message = uplink(device, i, "2026-03-01T10:0" + i + ":00Z", "0" + i);
            assertThat(rig.tell("up", message)).isEqualTo(Outcome.KEPT);
        }
        var entry = rig.inbox.find(device.value()).orElseThrow();
        assertThat(entry.attempts()).isEqualTo(3);
        assertThat(rig.inbox.list(Page.Request.first(10)).items()).contains(entry);
        rig.sensor("newcomer", device, CODEC, null);
        eventually(() -> rig.inbox.of(device.value()).isEmpty());
        assertThat(rig.history("newcomer"))
                .extracting(snapshot -> snapshot.values().find("f_cnt").orElseThrow())
                .containsExactly(Value.of(3), Value.of(2), Value.of(1));
        eventually(() -> rig.inbox.find(device.value()).isEmpty());
        assertThat(rig.reported("newcomer").find("temperature")).contains(Value.of(1.5));
    }

    @Test
    void keysSpeakForDevicesOfTheirCommunityOnly() {
        var device = next();
        rig.sensor("foreign", device, CODEC, null);
        var other = new CommunityId(UUID.randomUUID());
        var message = uplink(device, 1, "2026-03-01T10:00:00Z", "2a");
        assertThat(rig.tell("up", message, other))
                .as("as if nobody knew it")
                .isEqualTo(Outcome.KEPT);
        assertThat(rig.history("foreign")).isEmpty();
        assertThat(rig.inbox.of(device.value())).isEmpty();
        assertThat(rig.tell("up", message, CommunityId.DEFAULT)).isEqualTo(Outcome.STORED);
        assertThat(rig.history("foreign")).hasSize(1);
    }

    @Test
    void takesBatteryAndMarginForHealth() {
        var device = next();
        rig.sensor("battery", device, CODEC, null);
        var status =
                """
                {"deduplicationId": "s1", "time": "%s", "deviceInfo": {"devEui": "%s"}, "margin": 12, "batteryLevel": 88.3}
                """;
        rig.tell("status", status.formatted("2026-03-01T10:00:00Z", device));
        assertThat(rig.reported("battery").find("battery")).contains(Value.of(88.3));
        assertThat(rig.reported("battery").find("margin")).contains(Value.of(12));
        rig.tell(
                "status",
                status.replace("s1", "s0")
                        .replace("88.3", "99")
                        .formatted("2026-03-01T09:00:00Z", device));
        assertThat(rig.reported("battery").find("battery"))
                .as("overtaken")
                .contains(Value.of(88.3));
    }

    @Test
    void tellsWhatTheNetworkComplainsOf() {
        var device = next();
        rig.sensor("complained", device, CODEC, null);
        rig.tell("log", Documented.TOO_LONG.replace("0101010101010101", device.value()));
        assertThat(rig.events("lorawan.log"))
                .anySatisfy(event -> {
                    assertThat(event.device()).hasToString("complained");
                    assertThat(event.data().text("code")).contains("DOWNLINK_PAYLOAD_SIZE");
                });
        assertThat(rig.news)
                .anyMatch(one ->
                        one.startsWith("failed 1bbcab1d-6ec6-4136-b3f5-d63be1dc08de DOWNLINK_"));
        assertThat(rig.devices.find(new DeviceId("complained")))
                .as("it is no sign of life")
                .hasValueSatisfying(it -> assertThat(it.presence().lastSeenAt()).isNull());
    }

    @Test
    void countsWhatCame() {
        var before = rig.integration("chirpstack-http").counts().get(Count.KEPT);
        rig.tell("join", Documented.JOIN);
        var after = rig.integration("chirpstack-http");
        assertThat(after.counts().get(Count.KEPT)).isGreaterThan(before);
        assertThat(after.lastEventAt()).isNotNull();
        assertThat(rig.inbox.of("0101010101010101")).as("a join is only a knock").isEmpty();
    }
}
