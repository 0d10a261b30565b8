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
import org.tethral.device.MessageId;
import org.tethral.event.Event;
import org.tethral.event.EventType;
import org.tethral.event.Priority;
import org.tethral.ingest.Inbound.Measurement;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.state.StateName;

final class NativePayloadTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00.123456Z");
    private static final ConnectingDevice PUMP =
            new ConnectingDevice(
                    new DeviceId("pump-7"),
                    CommunityId.DEFAULT,
                    true,
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(90));

    private static List<Measurement> report(String json) throws Malformed {
        return NativePayload.report(json.getBytes(StandardCharsets.UTF_8), NOW);
    }

    @Test
    void takesAnObjectOfValuesAsOneMeasurementOfNow() throws Malformed {
        assertThat(report("{\"flow\":1.5,\"valve\":{\"open\":true}}"))
                .containsExactly(
                        new Measurement(
                                NOW,
                                null,
                                Document.of("flow", Value.of(1.5))
                                        .with("valve", Document.of("open", Value.of(true)))));
    }

    @ParameterizedTest
    @CsvSource({
        "'\"2026-01-02T03:04:05Z\"', 2026-01-02T03:04:05Z",
        "'\"2026-01-02T05:04:05.5+02:00\"', 2026-01-02T03:04:05.500Z",
        "1767323045000, 2026-01-02T03:04:05Z",
        "0, 1970-01-01T00:00:00Z"
    })
    void readsTheTimeOfADevice(String written, Instant meant) throws Malformed {
        assertThat(
                        report("{\"timestamp\":" + written + ",\"values\":{\"flow\":1}}")
                                .getFirst()
                                .timestamp())
                .isEqualTo(meant);
    }

    @Test
    void readsTheIdOfAMessage() throws Malformed {
        assertThat(report("{\"message_id\":\"m1\",\"values\":{\"flow\":1}}").getFirst().messageId())
                .isEqualTo(new MessageId("m1"));
        assertThat(report("{\"message_id\":17,\"values\":{\"flow\":1}}").getFirst().messageId())
                .isEqualTo(new MessageId("17"));
    }

    @Test
    void takesADevicesOwnValuesWithOurNamesAsValues() throws Malformed {
        assertThat(report("{\"timestamp\":5,\"flow\":1}").getFirst())
                .isEqualTo(
                        new Measurement(
                                NOW,
                                null,
                                Document.of("timestamp", Value.of(5)).with("flow", Value.of(1))));
        assertThat(report("{\"values\":{\"a\":1},\"flow\":1}").getFirst().values().find("values"))
                .isPresent();
        assertThat(report("{\"values\":3}").getFirst().values())
                .isEqualTo(Document.of("values", Value.of(3)));
    }

    @Test
    void takesAnArrayInItsOrder() throws Malformed {
        assertThat(report("[{\"n\":1},{\"timestamp\":1000,\"values\":{\"n\":2}},{\"n\":3}]"))
                .extracting(one -> one.values().find("n").orElseThrow())
                .containsExactly(Value.of(1), Value.of(2), Value.of(3));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "7",
                "\"text\"",
                "null",
                "[]",
                "[1]",
                "[{}]",
                "{}",
                "{\"values\":{}}",
                "[{\"n\":1},7]",
                "{\"timestamp\":\"yesterday\",\"values\":{\"n\":1}}",
                "{\"timestamp\":\"2026-01-02T03:04:05\",\"values\":{\"n\":1}}",
                "{\"timestamp\":true,\"values\":{\"n\":1}}",
                "{\"timestamp\":-1,\"values\":{\"n\":1}}",
                "{\"timestamp\":99999999999999,\"values\":{\"n\":1}}",
                "{\"timestamp\":9223372036854775807,\"values\":{\"n\":1}}",
                "{\"timestamp\":\"+1000000-01-01T00:00:00Z\",\"values\":{\"n\":1}}",
                "{\"message_id\":{},\"values\":{\"n\":1}}",
                "{\"message_id\":\"\",\"values\":{\"n\":1}}"
            })
    void refusesWhatIsNoReportAndSaysWhy(String json) {
        assertThatThrownBy(() -> report(json)).isInstanceOf(Malformed.class).message().isNotBlank();
    }

    @Test
    void refusesMoreMeasurementsThanAReportMayHave() throws Malformed {
        var one = "{\"n\":1},";
        assertThat(report("[" + one.repeat(999) + "{\"n\":1}]")).hasSize(1_000);
        assertThatThrownBy(() -> report("[" + one.repeat(1_000) + "{\"n\":1}]"))
                .isInstanceOf(Malformed.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "idle | idle |",
                "' Idle\n' | idle |",
                "\"idle\" | idle |",
                "{\"state\":\"error\",\"reason\":\"dry\"} | error | dry"
            })
    void readsAStateInEachForm(String body, String state, String reason) throws Malformed {
        assertThat(NativePayload.state(body.getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(new NativePayload.StateMessage(new StateName(state), reason));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "two words",
                "{}",
                "{\"state\":1}",
                "[]",
                "{\"state\":\"\"}",
                "ünknown",
                "{"
            })
    void refusesWhatIsNoState(String body) {
        assertThatThrownBy(() -> NativePayload.state(body.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(Malformed.class);
    }

    private static Event event(String json) throws Malformed {
        return NativePayload.event(json.getBytes(StandardCharsets.UTF_8), PUMP, NOW, new Random(1));
    }

    @Test
    void readsAnEvent() throws Malformed {
        var event =
                event(
                        "{\"type\":\"leak\",\"priority\":\"high\",\"data\":{\"at\":3},\"ttl\":60,\"event_id\":\"e1\","
                                + "\"timestamp\":1000}");

        assertThat(event)
                .isEqualTo(
                        new Event(
                                "e1",
                                new EventType("leak"),
                                "device:pump-7",
                                PUMP.id(),
                                CommunityId.DEFAULT,
                                Instant.ofEpochSecond(1),
                                Document.of("at", Value.of(3)),
                                Document.EMPTY,
                                Priority.HIGH,
                                Duration.ofSeconds(60)));
        assertThat(event("{\"type\":\"leak\"}").priority()).isEqualTo(Priority.NORMAL);
        assertThat(event("{\"type\":\"leak\"}").id()).hasSize(36);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{}",
                "{\"type\":\"\"}",
                "{\"type\":\"a b\"}",
                "{\"type\":\"x\",\"priority\":\"huge\"}",
                "{\"type\":\"x\",\"ttl\":0}",
                "{\"type\":\"x\",\"ttl\":-1}",
                "{\"type\":\"x\",\"ttl\":\"1\"}",
                "{\"type\":\"x\",\"data\":[]}",
                "{\"type\":\"x\",\"event_id\":\"\"}",
                "{\"type\":\"x\",\"ttl\":1e300}"
            })
    void refusesWhatIsNoEvent(String json) {
        assertThatThrownBy(() -> event(json)).isInstanceOf(Malformed.class);
    }

    @Test
    void writesWhatIsWanted() {
        assertThat(
                        org.tethral.json.Json.write(
                                NativePayload.desired(4, Document.of("speed", Value.of(3)))))
                .isEqualTo("{\"version\":4,\"desired\":{\"speed\":3}}");
        assertThat(org.tethral.json.Json.write(NativePayload.delta(4, Document.EMPTY)))
                .isEqualTo("{\"version\":4,\"delta\":{}}");
    }
}
