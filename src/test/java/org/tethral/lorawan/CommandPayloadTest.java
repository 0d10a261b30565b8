package org.tethral.lorawan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.codec.Codec;
import org.tethral.codec.CodecKinds;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;

class CommandPayloadTest {

    private static final CodecKinds KINDS = new CodecKinds();

    private static @Nullable Codec codec(String port) {
        return KINDS.find("javascript")
                .orElseThrow()
                .open(
                        """
                        function encodeDownlink(input) {
                            if (input.data.valve === undefined) { return { errors: ["what valve?"] }; }
                            return { bytes: [input.data.valve, input.variables.unit || 0], fPort: %s };
                        }
                        """
                                .formatted(port));
    }

    private static String made(String payload, @Nullable Codec codec) {
        try {
            var variables = Json.parseObject("{\"unit\": 9}");
            return switch (CommandPayload.of(
                    Json.parse(payload.getBytes(UTF_8)), Optional.ofNullable(codec), variables)) {
                case CommandPayload.Ready(var port, var bytes) ->
                        port + " " + HexFormat.of().formatHex(bytes);
                case CommandPayload.Unfit(var reason) -> "unfit: " + reason;
                case CommandPayload.NotNow(var reason) -> "not now: " + reason;
            };
        } catch (MalformedJson e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void givesTheCodecTheWholePayload() {
        assertThat(made("{\"valve\": 3}", codec("7"))).isEqualTo("7 0309");
    }

    @Test
    void givesTheCodecWhatIsBesideAPort() {
        assertThat(made("{\"fport\": 12, \"data\": {\"valve\": 3}}", codec("7")))
                .isEqualTo("12 0309");
        assertThat(made("{\"fport\": 12, \"data\": {\"valve\": 3}}", codec("undefined")))
                .isEqualTo("12 0309");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"fport\": 10, \"hex\": \"01fF\"}   | 10 01ff",
                "{\"fport\": 223, \"data\": \"Af8=\"} | 223 01ff",
                "{\"hex\": \"\", \"fport\": 1}        | '1 '"
            })
    void takesBytesWithoutACodec(String payload, String expected) {
        assertThat(made(payload, null)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{\"valve\": 3}                       | the device has no codec",
                "3                                    | is an object",
                "{\"fport\": 0, \"hex\": \"01\"}      | 'fport' is a number from 1 to 223",
                "{\"fport\": 224, \"hex\": \"01\"}    | 'fport' is a number from 1 to 223",
                "{\"fport\": 1.5, \"hex\": \"01\"}    | 'fport' is a number from 1 to 223",
                "{\"fport\": 1e30, \"hex\": \"01\"}   | 'fport' is a number from 1 to 223",
                "{\"fport\": \"1\", \"hex\": \"01\"}  | 'fport' is a number from 1 to 223",
                "{\"fport\": 1, \"hex\": \"0\"}       | 'hex' has no bytes",
                "{\"fport\": 1, \"data\": \"*\"}      | 'data' is no base64",
                "{\"fport\": 1, \"data\": 7}          | 'data' one in base64",
                "{\"fport\": 1, \"hex\": {}}          | 'hex' is a text",
                "{\"fport\": 1, \"data\": {\"a\": 1}} | the device has no codec"
            })
    void saysWhatNoDeviceWillEverGet(String payload, String why) {
        assertThat(made(payload, null)).startsWith("unfit: ").contains(why);
    }

    @Test
    void saysWhatTheCodecRefused() {
        assertThat(made("{\"lamp\": 1}", codec("7")))
                .startsWith("unfit: the codec failed: what valve?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"undefined", "224", "0"})
    void wantsAPortThatApplicationsMayUse(String port) {
        assertThat(made("{\"valve\": 3}", codec(port))).startsWith("unfit: ").contains("fPort");
    }

    @Test
    void takesAPayloadWithMoreThanAPortAsValues() {
        assertThat(made("{\"fport\": 1, \"hex\": \"01\", \"valve\": 2}", codec("7")))
                .isEqualTo("7 0209");
        assertThat(made(Json.write(Document.EMPTY), codec("7"))).startsWith("unfit: the codec");
    }
}
