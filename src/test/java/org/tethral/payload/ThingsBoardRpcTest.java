package org.tethral.payload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.command.CommandId;
import org.tethral.command.CommandName;
import org.tethral.command.DispatchStep;
import org.tethral.command.Instruction;
import org.tethral.device.DeviceId;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// Payloads as the references of ThingsBoard's device and gateway API show them.
final class ThingsBoardRpcTest {

    private static final Instruction SET_GPIO =
            new Instruction(
                    new CommandId(UUID.fromString("01900000-0000-7000-8000-0000000000c1")),
                    new CommandName("setGpio"),
                    Document.of("pin", Value.of(23)).with("value", Value.of(1)),
                    Instant.parse("2026-03-01T12:00:00Z"),
                    1,
                    false);

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void callsAMethodWithParameters() {
        assertThat(Json.write(ThingsBoardRpc.call(SET_GPIO)))
                .isEqualTo("{\"method\":\"setGpio\",\"params\":{\"pin\":23,\"value\":1}}");
    }

    @Test
    void namesTheDeviceAndTheNumberToAGateway() {
        assertThat(Json.write(ThingsBoardRpc.gatewayCall(new DeviceId("Device-A"), SET_GPIO)))
                .isEqualTo(
                        "{\"device\":\"Device-A\",\"data\":{\"id\":"
                                + SET_GPIO.command().number()
                                + ",\"method\":\"setGpio\",\"params\":{\"pin\":23,\"value\":1}}}");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '|',
            value = {
                "{\"success\":true},  true",
                "{\"value\":17},      true",
                "17,                  true",
                "done,                true",
                "||,                  true",
                "{\"error\":null},    true",
                "{\"error\":false},   true",
                "{\"success\":false}, false",
                "{\"error\":\"no\"},  false",
                "{\"error\":{}},      false"
            })
    void takesWhateverADeviceAnswers(String answer, boolean success) throws Malformed {
        assertThat(ThingsBoardRpc.answer(bytes(answer)).success()).isEqualTo(success);
    }

    @Test
    void keepsWhatADeviceSaysOfItsTrouble() throws Malformed {
        assertThat(ThingsBoardRpc.answer(bytes("{\"error\":\"stuck\"}")))
                .isEqualTo(
                        new DispatchStep.Answered(
                                false, Document.of("error", Value.of("stuck")), "stuck"));
    }

    @Test
    void refusesAnAnswerThatNoDatabaseKeeps() {
        for (var body : new byte[][] {{'a', 0, 'b'}, {(byte) 0xC3, 0x28}}) {
            assertThatThrownBy(() -> ThingsBoardRpc.answer(body))
                    .isInstanceOf(Malformed.class)
                    .hasMessageContaining("UTF-8");
        }
    }

    @Test
    void readsTheAnswerOfAGateway() throws Malformed {
        assertThat(
                        ThingsBoardRpc.gatewayAnswer(
                                bytes(
                                        "{\"device\":\"Device-A\",\"id\":7,\"data\":{\"success\":true}}")))
                .isEqualTo(
                        new ThingsBoardRpc.GatewayAnswer(
                                new DeviceId("Device-A"),
                                7,
                                new DispatchStep.Answered(
                                        true, Document.of("success", Value.of(true)), null)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "7", "{}", "{\"device\":\"A\",\"data\":{}}", "{\"id\":7,\"data\":{}}"})
    void saysWhatAGatewaysAnswerIs(String body) {
        assertThatThrownBy(() -> ThingsBoardRpc.gatewayAnswer(bytes(body)))
                .isInstanceOf(Malformed.class);
    }
}
