package org.tethral.payload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.ingest.Inbound.Measurement;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// Payloads as the "MQTT Device API Reference" of ThingsBoard shows them.
final class ThingsBoardPayloadTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00.123456Z");
    private static final Instant THEN = Instant.ofEpochMilli(1_451_649_600_512L);

    private static byte[] bytes(String json) {
        return json.getBytes(StandardCharsets.UTF_8);
    }

    private static List<Measurement> telemetry(String json) throws Malformed {
        return ThingsBoardPayload.telemetry(bytes(json), NOW);
    }

    @Test
    void takesAllFourFormsOfTelemetry() throws Malformed {
        var values = Document.of("key1", Value.of("value1")).with("key2", Value.of(true));

        assertThat(telemetry("{\"key1\":\"value1\",\"key2\":true}"))
                .containsExactly(new Measurement(NOW, null, values));
        assertThat(telemetry("[{\"key1\":\"value1\"},{\"key2\":true}]"))
                .containsExactly(
                        new Measurement(NOW, null, Document.of("key1", Value.of("value1"))),
                        new Measurement(NOW, null, Document.of("key2", Value.of(true))));
        assertThat(
                        telemetry(
                                "{\"ts\":1451649600512,\"values\":{\"key1\":\"value1\",\"key2\":true}}"))
                .containsExactly(new Measurement(THEN, null, values));
        assertThat(
                        telemetry(
                                "[{\"ts\":1451649600512,\"values\":{\"key1\":\"value1\",\"key2\":true}},{\"key1\":\"value1\"}]"))
                .containsExactly(
                        new Measurement(THEN, null, values),
                        new Measurement(NOW, null, Document.of("key1", Value.of("value1"))));
    }

    @Test
    void takesNestedValues() throws Malformed {
        assertThat(telemetry("{\"json\":{\"a\":[1,2]}}").getFirst().values().find("json"))
                .contains(Document.of("a", new Value.Array(List.of(Value.of(1), Value.of(2)))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "1",
                "\"x\"",
                "[]",
                "[[]]",
                "[1]",
                "{}",
                "{\"ts\":1,\"values\":{}}",
                "{\"ts\":-1,\"values\":{\"a\":1}}",
                "{\"ts\":9223372036854775807,\"values\":{\"a\":1}}",
                "{\"ts\":1e300,\"values\":{\"a\":1}}"
            })
    void refusesWhatIsNoTelemetry(String json) {
        assertThatThrownBy(() -> telemetry(json))
                .isInstanceOf(Malformed.class)
                .message()
                .isNotBlank();
    }

    @Test
    void takesAttributesAsValuesOfNow() throws Malformed {
        assertThat(ThingsBoardPayload.attributes(bytes("{\"attribute1\":\"value1\"}"), NOW))
                .isEqualTo(
                        new Measurement(NOW, null, Document.of("attribute1", Value.of("value1"))));
        assertThatThrownBy(() -> ThingsBoardPayload.attributes(bytes("[]"), NOW))
                .isInstanceOf(Malformed.class);
        assertThatThrownBy(() -> ThingsBoardPayload.attributes(bytes("{}"), NOW))
                .isInstanceOf(Malformed.class);
    }

    @Test
    void answersAQuestionForAttributesWithThoseThatThereAre() throws Malformed {
        var reported = Document.of("a", Value.of(1)).with("b", Value.of(2));
        var desired = Document.of("s", Value.of(3)).with("t", Value.of(4));

        assertThat(answer("{\"clientKeys\":\"a,c\",\"sharedKeys\":\"t\"}", reported, desired))
                .isEqualTo("{\"client\":{\"a\":1},\"shared\":{\"t\":4}}");
        assertThat(answer("{\"sharedKeys\":\" s , t \"}", reported, desired))
                .isEqualTo("{\"shared\":{\"s\":3,\"t\":4}}");
        assertThat(answer("{}", reported, desired))
                .isEqualTo("{\"client\":{\"a\":1,\"b\":2},\"shared\":{\"s\":3,\"t\":4}}");
        assertThatThrownBy(() -> ThingsBoardPayload.attributesQuestion(bytes("7")))
                .isInstanceOf(Malformed.class);
    }

    private static String answer(String question, Document reported, Document desired)
            throws Malformed {
        return Json.write(
                ThingsBoardPayload.attributesQuestion(bytes(question)).answer(reported, desired));
    }

    @Test
    void tellsWhichAttributesAreGone() {
        assertThat(Json.write(ThingsBoardPayload.deletedAttributes(List.of("a", "b"))))
                .isEqualTo("{\"deleted\":[\"a\",\"b\"]}");
    }

    @Test
    void readsWhatAGatewaySaysOfItsDevices() throws Malformed {
        var message =
                ThingsBoardPayload.gateway(
                        bytes("{\"Device A\":[{\"t\":42}],\"Device B\":[{\"t\":43}]}"));

        assertThat(message.keySet()).containsExactly("Device A", "Device B");
        assertThat(ThingsBoardPayload.telemetry(message.get("Device A"), NOW).getFirst().values())
                .isEqualTo(Document.of("t", Value.of(42)));
        assertThat(ThingsBoardPayload.gatewayDevice(bytes("{\"device\":\"Device A\"}")))
                .isEqualTo("Device A");
        assertThatThrownBy(() -> ThingsBoardPayload.gatewayDevice(bytes("{}")))
                .isInstanceOf(Malformed.class);
        assertThatThrownBy(() -> ThingsBoardPayload.gateway(bytes("[]")))
                .isInstanceOf(Malformed.class);
    }
}
