package org.tethral.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tethral.account.CommunityId;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

class FrameTest {

    private static final Instant NOW = Instant.parse("2026-05-01T08:00:00Z");
    private static final ConnectingDevice DEVICE =
            new ConnectingDevice(
                    new DeviceId("pump-7"),
                    CommunityId.DEFAULT,
                    true,
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(90));

    @Test
    void readsTheValuesOfAStatusWhateverTheirNames() {
        var frame =
                parse(
                        "{\"message_type\":\"status\",\"payload\":{\"values\":{\"a\":1},\"timestamp\":5}}");

        assertThat(frame)
                .isInstanceOfSatisfying(
                        Frame.Status.class,
                        status -> {
                            assertThat(status.messageId()).isNull();
                            assertThat(status.measurement().timestamp()).isEqualTo(NOW);
                            assertThat(status.measurement().values())
                                    .isEqualTo(
                                            WebSocketEdgeTest.json(
                                                    "{\"values\":{\"a\":1},\"timestamp\":5}"));
                        });
    }

    @Test
    void quotesWhatItDoesNotKnowAsTextThatCanBeSentBack() {
        for (int before = 30; before < 42; before++) {
            var type = "x".repeat(before) + "😀😀😀😀";
            var frame = parse("{\"message_type\":\"" + type + "\"}");

            assertThat(frame)
                    .isInstanceOfSatisfying(
                            Frame.Unusable.class,
                            unusable ->
                                    assertThat(Notice.error(null, unusable.reason()))
                                            .contains("x".repeat(30)));
        }
    }

    @Test
    void readsTimesInMillisecondsAndInIso8601() {
        for (var time :
                new String[] {
                    "1767225600000", "\"2026-01-01T00:00:00Z\"", "\"2026-01-01T01:00+01:00\""
                }) {
            var frame =
                    parse(
                            "{\"message_type\":\"status\",\"payload\":{\"a\":1},\"timestamp\":"
                                    + time
                                    + "}");

            assertThat(frame)
                    .isInstanceOfSatisfying(
                            Frame.Status.class,
                            status ->
                                    assertThat(status.measurement().timestamp())
                                            .isEqualTo(Instant.parse("2026-01-01T00:00:00Z")));
        }
    }

    @Test
    void namesAnEventAfterItsMessageSoThatItsRepetitionIsKnown() {
        var text =
                "{\"message_type\":\"event\",\"type\":\"door.opened\",\"message_id\":\"m-1\",\"priority\":\"high\"}";

        var once = (Frame.Happened) parse(text);
        var again = (Frame.Happened) parse(text);
        var other = (Frame.Happened) parse(text.replace("m-1", "m-2"));
        var own = (Frame.Happened) parse(text.replace("\"type\"", "\"event_id\":\"e-1\",\"type\""));

        assertThat(once.event().id())
                .isEqualTo(again.event().id())
                .isNotEqualTo(other.event().id());
        assertThat(own.event().id()).isEqualTo("e-1");
    }

    @Test
    void readsWhatADeviceSaysOfItself() {
        var frame =
                parse(
                        "{\"message_type\":\"register\",\"device_type\":\"ESP32\",\"firmware_version\":\"1.4.2\","
                                + "\"capabilities\":[\"temperature\",\"relay\",\"relay\"],\"metadata\":{\"mac\":\"a0:b1\"},"
                                + "\"anything_else\":[1,2,3]}");

        assertThat(frame)
                .isEqualTo(
                        new Frame.Register(
                                null,
                                new Introduction(
                                        "ESP32",
                                        null,
                                        null,
                                        "1.4.2",
                                        List.of("temperature", "relay"),
                                        Document.of("mac", Value.of("a0:b1")))));
    }

    @Test
    void saysWhatIsWrong() {
        assertThat(reason("")).isEqualTo("empty: a value is expected");
        assertThat(reason("{\"message_type\":\"status\",\"payload\":{\"a\":1}"))
                .startsWith("malformed JSON: ")
                .doesNotContain("Source", "]");
        assertThat(reason("{\"message_type\":5}"))
                .isEqualTo("'message_type' is missing or no text");
        assertThat(reason("{\"message_type\":\"rpc\"}"))
                .isEqualTo(
                        "no message_type 'rpc': register, heartbeat, status, state, event or command_ack");
        assertThat(reason("{\"message_type\":\"status\"}"))
                .isEqualTo("'payload' is an object of values, with one at least");
        assertThat(reason("{\"message_type\":\"heartbeat\",\"message_id\":{}}"))
                .isEqualTo("message_id is a text or a number");
        assertThat(reason("{\"message_type\":\"register\",\"capabilities\":\"relay\"}"))
                .startsWith("capabilities is");
        assertThat(reason("{\"message_type\":\"register\",\"device_type\":7}"))
                .startsWith("device_type is a text");
        assertThat(reason("{\"message_type\":\"register\",\"metadata\":7}"))
                .isEqualTo("metadata is an object");
        assertThat(reason("{\"message_type\":\"event\"}"))
                .isEqualTo("'type' is missing or no text");
        assertThat(reason("{\"message_type\":\"command_ack\"}"))
                .isEqualTo("'command_id' is missing or no text");
    }

    /// 150,000 inputs: valid frames as they are, frames that were cut, joined and overwritten, and
    /// noise.
    @Test
    void survivesWhateverItIsGiven() {
        var seed = Long.getLong("tethral.fuzz.seed", System.nanoTime());
        System.out.println("frame fuzz seed " + seed);
        var random = new Random(seed);
        var frames = new RandomFrames(random);
        int usable = 0;
        int unusable = 0;
        for (int i = 0; i < 150_000; i++) {
            var bytes = frames.next();
            switch (Frame.parse(bytes, DEVICE, NOW, random)) {
                case Frame.Unusable(var id, var reason) -> {
                    if (reason.isBlank() || id instanceof Document || id instanceof Value.Array) {
                        throw new AssertionError("seed " + seed + ", input " + i + ": " + reason);
                    }
                    unusable++;
                }
                case Frame.Status(_, var measurement) -> {
                    if (measurement.values().isEmpty()) {
                        throw new AssertionError("seed " + seed + ", input " + i + ": no values");
                    }
                    usable++;
                }
                case Frame.Register _,
                        Frame.Heartbeat _,
                        Frame.State _,
                        Frame.Happened _,
                        Frame.CommandAnswer _ ->
                        usable++;
            }
        }
        assertThat(usable).isGreaterThan(10_000);
        assertThat(unusable).isGreaterThan(10_000);
    }

    private static Frame parse(String text) {
        return Frame.parse(text.getBytes(StandardCharsets.UTF_8), DEVICE, NOW, new Random(1));
    }

    private static String reason(String text) {
        return ((Frame.Unusable) parse(text)).reason();
    }
}
