package org.tethral.lorawan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.device.DevEui;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.lorawan.NetworkEvent.Level;
import org.tethral.lorawan.NetworkEvent.Origin;
import org.tethral.payload.Malformed;

class NetworkEventTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final DevEui DEVICE = new DevEui("0101010101010101");
    private static final DevEui THINGS = new DevEui("0004A30B001C0530");
    private static final String APPLICATION = "17c82e96-be03-4f38-aef3-f83d48582d97";
    private static final Optional<UUID> DOWNLINK =
            Optional.of(UUID.fromString("1bbcab1d-6ec6-4136-b3f5-d63be1dc08de"));

    private static Origin origin(String at, String id) {
        return new Origin(DEVICE, Instant.parse(at), id, APPLICATION, "Test device");
    }

    private static Origin things(String at, String id) {
        return new Origin(THINGS, Instant.parse(at), id, "app1", "dev1");
    }

    private static NetworkEvent chirpStack(String event, String message)
            throws Malformed, MalformedJson {
        return ChirpStackJson.read(event, Json.parseObject(message), NOW).orElseThrow();
    }

    private static NetworkEvent thingsStack(String message) throws Malformed, MalformedJson {
        return ThingsStackJson.read(Json.parseObject(message), NOW, _ -> Optional.of(THINGS))
                .orElseThrow();
    }

    private static String id(String message) throws MalformedJson {
        return UUID.nameUUIDFromBytes(Json.bytes(Json.parseObject(message))).toString();
    }

    static Stream<Arguments> documentedByChirpStack() throws MalformedJson {
        return Stream.concat(ofDevices(), ofDownlinks());
    }

    private static Stream<Arguments> ofDevices() throws MalformedJson {
        return Stream.of(
                arguments(
                        "status",
                        Documented.STATUS,
                        new NetworkEvent.Status(
                                origin(
                                        "2022-07-18T09:35:06.927172Z",
                                        "bf2a9746-1c8b-49be-a92e-f0b89c8534e4"),
                                88.3,
                                10,
                                false)),
                arguments(
                        "join",
                        Documented.JOIN,
                        new NetworkEvent.Joined(
                                origin(
                                        "2022-07-18T09:33:28.823500Z",
                                        "c9dbe358-2578-4fb7-b295-66b44edc45a6"))),
                arguments(
                        "log",
                        Documented.LOG,
                        new NetworkEvent.Logged(
                                origin("2022-07-18T09:39:57.311414Z", id(Documented.LOG)),
                                Level.ERROR,
                                "UPLINK_MIC",
                                "MIC of join-request is invalid, make sure keys are correct",
                                Optional.empty(),
                                false,
                                false)),
                arguments(
                        "location",
                        Documented.LOCATION,
                        new NetworkEvent.Located(
                                origin(
                                        "2022-07-18T09:55:11.059481Z",
                                        "63d870b9-b769-4d88-8b33-8e43f58851a7"),
                                37.344214,
                                -8.839375,
                                2,
                                null)));
    }

    private static Stream<Arguments> ofDownlinks() throws MalformedJson {
        return Stream.of(
                arguments(
                        "ack",
                        Documented.ACK,
                        new NetworkEvent.Acknowledged(
                                origin(
                                        "2022-07-18T09:38:49.235700Z",
                                        "856a03e7-80f6-4c26-b971-9dcb34a59c2e"),
                                DOWNLINK,
                                true)),
                arguments(
                        "ack",
                        Documented.ACK.replace("\"acknowledged\": true, ", ""),
                        new NetworkEvent.Acknowledged(
                                origin(
                                        "2022-07-18T09:38:49.235700Z",
                                        "856a03e7-80f6-4c26-b971-9dcb34a59c2e"),
                                DOWNLINK,
                                false)),
                arguments(
                        "txack",
                        Documented.TXACK,
                        new NetworkEvent.Transmitted(
                                origin("2022-07-18T09:37:48.929184Z", id(Documented.TXACK)),
                                Optional.of(
                                        UUID.fromString("42cb6459-a640-46ec-9623-bdff39dc4736")))),
                arguments(
                        "log",
                        Documented.TOO_LONG,
                        new NetworkEvent.Logged(
                                origin("2022-07-18T09:40:00Z", id(Documented.TOO_LONG)),
                                Level.ERROR,
                                "DOWNLINK_PAYLOAD_SIZE",
                                "Device queue-item discarded because it exceeds the max. payload size",
                                DOWNLINK,
                                true,
                                true)));
    }

    @ParameterizedTest
    @MethodSource("documentedByChirpStack")
    void readsWhatChirpStackDocuments(String event, String message, NetworkEvent expected)
            throws Malformed, MalformedJson {
        assertThat(chirpStack(event, message)).isEqualTo(expected);
    }

    @Test
    void readsTheUplinkThatChirpStackDocuments() throws Malformed, MalformedJson {
        var uplink = (NetworkEvent.Uplink) chirpStack("up", Documented.UP);
        assertThat(uplink.origin())
                .isEqualTo(
                        origin(
                                "2022-07-18T09:34:15.775023Z",
                                "3ac7e3c4-4401-4b8d-9386-a5c902f9202d"));
        assertThat(uplink.frameCounter()).as("left out: it is 0").isZero();
        assertThat(uplink.port()).isEqualTo(1);
        assertThat(uplink.payload()).containsExactly(0xaa);
        assertThat(uplink.decoded()).isNull();
        assertThat(uplink.reception())
                .isEqualTo(new NetworkEvent.Reception(-36.0, 10.5, "0016c001f153a14c"));
    }

    @Test
    void takesTheReceptionOfTheGatewayThatHeardItBest() throws Malformed, MalformedJson {
        var message =
                "{"
                        + Documented.CHIRPSTACK_DEVICE
                        + ", \"rxInfo\": [{\"gatewayId\": \"far\", \"rssi\": -120, \"snr\": -5},"
                        + " {\"gatewayId\": \"near\", \"rssi\": -60}, {\"gatewayId\": \"mid\", \"rssi\": -90}]}";
        var uplink = (NetworkEvent.Uplink) chirpStack("up", message);
        assertThat(uplink.reception()).isEqualTo(new NetworkEvent.Reception(-60.0, 0.0, "near"));
        assertThat(uplink.origin().at()).as("no time is told").isEqualTo(NOW);
        assertThat(uplink.payload()).isEmpty();
    }

    @Test
    void hearsNothingInTheFuture() throws Malformed, MalformedJson {
        var message = Documented.UP.replace("2022-07-18", "2122-07-18");
        assertThat(chirpStack("up", message).origin().at()).isEqualTo(NOW);
    }

    @Test
    void knowsNoBatteryOfADeviceOnTheMains() throws Malformed, MalformedJson {
        var mains =
                Documented.STATUS.replace(
                        "\"batteryLevel\": 88.3", "\"externalPowerSource\": true");
        var status = (NetworkEvent.Status) chirpStack("status", mains);
        assertThat(status.battery()).isNull();
        assertThat(status.mainsPowered()).isTrue();
        var unknown =
                Documented.STATUS.replace(
                        "\"batteryLevel\": 88.3", "\"batteryLevelUnavailable\": true");
        assertThat(((NetworkEvent.Status) chirpStack("status", unknown)).battery()).isNull();
        var empty = Documented.STATUS.replace(", \"batteryLevel\": 88.3", "");
        assertThat(((NetworkEvent.Status) chirpStack("status", empty)).battery()).isEqualTo(0.0);
    }

    @Test
    void hasNoUseForWhatOtherIntegrationsSay() throws Malformed, MalformedJson {
        var message = Json.parseObject("{" + Documented.CHIRPSTACK_DEVICE + "}");
        assertThat(ChirpStackJson.read("integration", message, NOW)).isEmpty();
        var queued = Json.parseObject(Documented.ttsDownlink("queued", "x"));
        assertThat(ThingsStackJson.read(queued, NOW, _ -> Optional.empty())).isEmpty();
    }

    @Test
    void readsTheUplinkThatTheThingsStackDocuments() throws Malformed, MalformedJson {
        var uplink = (NetworkEvent.Uplink) thingsStack(Documented.TTS_UP);
        assertThat(uplink.origin())
                .isEqualTo(
                        things(
                                "2020-02-12T15:15:45.789585Z",
                                "AXA50tHUGUucuzS/bCGMNw==:1:2020-02-12T15:15:45.789585559Z"));
        assertThat(uplink.frameCounter()).isEqualTo(1);
        assertThat(uplink.port()).as("left out").isZero();
        assertThat(uplink.payload()).containsExactly(0x82, 0x41, 0xde);
        assertThat(uplink.decoded()).isNotNull();
        assertThat(uplink.reception()).isEqualTo(new NetworkEvent.Reception(-35.0, 5.0, "gtw1"));
    }

    @Test
    void readsWhatBecameOfADownlinkOnTheThingsStack() throws Malformed, MalformedJson {
        var ours = "tethral:" + DOWNLINK.orElseThrow();
        var at = "2020-02-17T10:32:24.590413Z";
        var sent = Documented.ttsDownlink("sent", ours);
        assertThat(thingsStack(sent))
                .isEqualTo(new NetworkEvent.Transmitted(things(at, id(sent)), DOWNLINK));
        var ack = Documented.ttsDownlink("ack", ours);
        assertThat(thingsStack(ack))
                .isEqualTo(new NetworkEvent.Acknowledged(things(at, id(ack)), DOWNLINK, true));
        var nack = Documented.ttsDownlink("nack", "as:downlink:other");
        assertThat(thingsStack(nack))
                .isEqualTo(
                        new NetworkEvent.Acknowledged(
                                things(at, id(nack)), Optional.empty(), false));
        assertThat(thingsStack(Documented.TTS_FAILED))
                .isEqualTo(
                        new NetworkEvent.Logged(
                                things(NOW.toString(), id(Documented.TTS_FAILED)),
                                Level.ERROR,
                                "downlink_failed",
                                "application downlink payload is too long",
                                DOWNLINK,
                                true,
                                true));
        assertThat(thingsStack(Documented.TTS_JOIN))
                .isEqualTo(
                        new NetworkEvent.Joined(
                                things("2020-02-17T07:49:09.736532Z", "AXBSH1Pk6Z0G166RlH16CQ==")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"deviceInfo\": []}",
                "{\"deviceInfo\": {\"devEui\": \"01\"}}",
                "{\"deviceInfo\": {\"devEui\": \"0101010101010101\"}, \"data\": \"*\"}",
                "{\"deviceInfo\": {\"devEui\": \"0101010101010101\"}, \"fPort\": 256}",
                "{\"deviceInfo\": {\"devEui\": \"0101010101010101\"}, \"fCnt\": -1}",
                "{\"deviceInfo\": {\"devEui\": \"0101010101010101\"}, \"time\": \"noon\"}",
                "{\"deviceInfo\": {\"devEui\": \"0101010101010101\"}, \"rxInfo\": {}}"
            })
    void refusesWhatNoUplinkLooksLike(String message) throws MalformedJson {
        var document = Json.parseObject(message);
        assertThatThrownBy(() -> ChirpStackJson.read("up", document, NOW))
                .isInstanceOf(Malformed.class);
    }

    /// Whatever comes: an event, nothing, or a reason; never another exception.
    @Test
    void answersWhateverComes() {
        var seed = new Random().nextLong();
        var random = new Random(seed);
        var samples =
                List.of(
                        Documented.UP,
                        Documented.STATUS,
                        Documented.LOG,
                        Documented.LOCATION,
                        Documented.ACK,
                        Documented.TTS_UP,
                        Documented.TTS_FAILED);
        var events = List.of("up", "join", "ack", "txack", "status", "log", "location", "x");
        var understood = 0;
        for (int i = 0; i < 120_000; i++) {
            var bytes = mutated(samples.get(random.nextInt(samples.size())), random);
            try {
                var document = Json.parseObject(bytes);
                understood += read(document, events.get(random.nextInt(events.size())));
            } catch (MalformedJson | Malformed e) {
                assertThat(e.getMessage()).isNotEmpty();
            } catch (RuntimeException e) {
                throw new AssertionError(
                        "seed " + seed + ": " + new String(bytes, StandardCharsets.UTF_8), e);
            }
        }
        assertThat(understood).as("seed %d", seed).isGreaterThan(1_000);
    }

    private static int read(Document document, String event) throws Malformed {
        var understood = 0;
        try {
            understood += ChirpStackJson.read(event, document, NOW).isPresent() ? 1 : 0;
        } catch (Malformed e) {
            // it may yet be the other's
        }
        return understood
                + (ThingsStackJson.read(document, NOW, _ -> Optional.empty()).isPresent() ? 1 : 0);
    }

    private static byte[] mutated(String sample, Random random) {
        var bytes = sample.getBytes(StandardCharsets.UTF_8);
        for (int n = random.nextInt(4); n > 0; n--) {
            var at = random.nextInt(bytes.length);
            switch (random.nextInt(3)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] = (byte) "{}[]\",:0-9e.ntf".charAt(random.nextInt(15));
                default -> {
                    var from = random.nextInt(bytes.length);
                    var length = Math.min(random.nextInt(16), bytes.length - Math.max(at, from));
                    System.arraycopy(bytes, from, bytes, at, Math.max(0, length));
                }
            }
        }
        return bytes;
    }
}
