package org.tethral.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.codec.CodecFailed.Reason;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

class JavaScriptTest {

    private static final JavaScriptKind KIND = new JavaScriptKind();
    private static final Instant AT = Instant.parse("2026-05-01T12:00:00Z");

    private static Decoding decode(String script, int... bytes) {
        var payload = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            payload[i] = (byte) bytes[i];
        }
        return KIND.open(script).decode(new Uplink(payload, 2, AT, Document.EMPTY));
    }

    private static String data(String script) {
        var decoding = decode(script, 1, 2, 3);
        assertThat(decoding).isInstanceOf(Decoding.Decoded.class);
        return Json.write(((Decoding.Decoded) decoding).data());
    }

    private static CodecFailed failure(String script, int... bytes) {
        var decoding = decode(script, bytes);
        assertThat(decoding).isInstanceOf(CodecFailed.class);
        return (CodecFailed) decoding;
    }

    @ParameterizedTest
    @ValueSource(strings = {"climate", "leak"})
    void decodesAndEncodesTheVectorsBesideACodec(String name) throws Exception {
        var codec = Path.of("src/test/resources/codecs", name + ".js");

        assertThat(new CodecVectors().check(codec)).isGreaterThanOrEqualTo(2);
    }

    @Test
    void callsTheFunctionsOfEachFormWithWhatThatFormSays() {
        assertThat(data("function Decoder(bytes, port) { return {v: bytes.join() + ':' + port}; }"))
                .isEqualTo("{\"v\":\"1,2,3:2\"}");
        assertThat(data("function Decode(p, b, v) { return {v: b.join() + p + typeof v}; }"))
                .isEqualTo("{\"v\":\"1,2,32object\"}");
        assertThat(data("const decodeUplink = (i) => ({data: {v: i.recvTime.toISOString()}})"))
                .isEqualTo("{\"v\":\"2026-05-01T12:00:00.000Z\"}");
        assertThat(data("export function decodeUplink(i) { return {data: {v: i.fPort}}; }"))
                .isEqualTo("{\"v\":2}");
    }

    /// An interpreter that has one `const` for all turns reads every value as the first.
    @Test
    void aConstantOfALoopIsAnotherInEachTurn() {
        assertThat(
                        data(
                                "function decodeUplink(i) { var r = []; for (var k = 0; k < 3; k++) {"
                                        + " const b = i.bytes[k]; r.push(b); } return {data: {r}}; }"))
                .isEqualTo("{\"r\":[1,2,3]}");
    }

    @Test
    void warningsComeAlongAndErrorsRefuse() {
        assertThat(decode("decodeUplink = () => ({data: {a: 1}, warnings: ['low', 3]})"))
                .isEqualTo(
                        new Decoding.Decoded(Document.of("a", Value.of(1)), List.of("low", "3")));
        var refused = failure("decodeUplink = () => ({data: {a: 1}, errors: ['bad', 'worse']})", 7);
        assertThat(refused.reason()).isEqualTo(Reason.REFUSED);
        assertThat(refused.message()).isEqualTo("bad; worse");
        assertThat(refused.input()).isEqualTo("07");
    }

    @Test
    void anErrorShowsItsPlaceAndTheInput() {
        var thrown =
                failure(
                        "function decodeUplink(i) {\n  check(i);\n}\n\nfunction check(i) {\n"
                                + "  throw new RangeError('no such channel');\n}",
                        0xca,
                        0xfe);
        assertThat(thrown.reason()).isEqualTo(Reason.ERROR);
        assertThat(thrown.message()).isEqualTo("RangeError: no such channel");
        assertThat(thrown.line()).isEqualTo(OptionalInt.of(6));
        assertThat(thrown.column().orElseThrow()).isBetween(3, 25);
        assertThat(thrown.input()).isEqualTo("cafe");
        assertThat(thrown.toString()).startsWith("line 6, column ").contains("cafe");
    }

    @Test
    void aScriptThatIsNoneShowsWhere() {
        var broken = failure("var a = 1;\nvar b = ;\n");
        assertThat(broken.reason()).isEqualTo(Reason.SCRIPT);
        assertThat(broken.message()).startsWith("SyntaxError: ");
        assertThat(broken.line()).isEqualTo(OptionalInt.of(2));
        assertThat(failure("var a = 1;").message()).contains("no function decodeUplink");
        assertThat(failure("\nnothing.here();").line()).isEqualTo(OptionalInt.of(2));
        assertThat(failure(" ".repeat(Sandbox.SCRIPT_LENGTH_MAX + 1)).reason())
                .isEqualTo(Reason.SCRIPT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "undefined",
                "7",
                "{}",
                "{data: null}",
                "{data: [1]}",
                "{data: {n: 1n}}",
                "{data: {t: '\\0'}}"
            })
    void whatIsNoValuesIsRefused(String returned) {
        assertThat(failure("decodeUplink = () => (" + returned + ")").reason())
                .isIn(Reason.OUTPUT, Reason.ERROR);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{bytes: 'a'}",
                "{bytes: [256]}",
                "{bytes: [1.5]}",
                "{bytes: [-1]}",
                "{bytes: Array(256).fill(0)}",
                "{bytes: [1], fPort: 0}"
            })
    void whatIsNoBytesIsRefused(String returned) {
        var codec = KIND.open("encodeDownlink = () => (" + returned + ")");
        assertThat(codec.encode(Document.EMPTY, Document.EMPTY)).isInstanceOf(CodecFailed.class);
    }

    @Test
    void nothingOfOneCallIsSeenByTheNext() {
        var script =
                """
                var calls = 0; let hidden = []; const seen = {};
                function decodeUplink(i) {
                  calls++; hidden.push(1); implicit = (typeof implicit === 'undefined' ? 0 : implicit) + 1;
                  seen.again = (seen.again || 0) + 1;
                  const before = [calls, hidden.length, implicit, seen.again, [].extra === undefined, JSON.parse('1')];
                  Array.prototype.extra = 1; JSON.parse = () => 2; Object.prototype.data = {};
                  globalThis[Symbol.for('tethral')] = 0; decodeUplink.x = 1;
                  return {data: {before}};
                }
                """;
        for (int i = 0; i < 5; i++) {
            assertThat(data(script)).isEqualTo("{\"before\":[1,1,1,1,true,1]}");
        }
    }

    @Test
    void codecsDoNotSeeEachOther() {
        data("shared = 1; Math.max = () => 7; decodeUplink = () => ({data: {}})");
        assertThat(data("decodeUplink = () => ({data: {s: typeof shared, m: Math.max(1, 2)}})"))
                .isEqualTo("{\"s\":\"undefined\",\"m\":2}");
    }

    @Test
    void moreScriptsThanAreKeptAreLoadedAgain() {
        for (int i = 0; i < 2 * Sandbox.LOADED_MAX; i++) {
            var n = i % (Sandbox.LOADED_MAX + 3);
            assertThat(data("decodeUplink = () => ({data: {n: " + n + "}})"))
                    .isEqualTo("{\"n\":" + n + "}");
        }
    }
}
