package org.tethral.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.json.Cbor;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

class BuiltInCodecsTest {

    private static final CodecKinds KINDS = new CodecKinds();

    private static Codec codec(String kind) {
        return KINDS.find(kind).orElseThrow().open("");
    }

    private static Decoding decode(String kind, byte[] bytes) {
        return codec(kind).decode(new Uplink(bytes, 1, Instant.EPOCH, Document.EMPTY));
    }

    private static String data(String kind, byte[] bytes) {
        var decoding = decode(kind, bytes);
        assertThat(decoding).isInstanceOf(Decoding.Decoded.class);
        return Json.write(((Decoding.Decoded) decoding).data());
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replace(" ", ""));
    }

    @Test
    void allKindsComeInByTheSameDoor() {
        assertThat(KINDS.names())
                .containsExactlyInAnyOrder("javascript", "cayenne-lpp", "senml", "cbor", "raw");
        assertThat(KINDS.find("none")).isEmpty();
    }

    /// The examples of the format's own description, then each rule of it.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "03 67 01 10 05 67 00 FF | {\"temperature_3\":27.2,\"temperature_5\":25.5}",
                "01 67 FF D7 | {\"temperature_1\":-4.1}",
                "06 71 04 D2 FB 2E 00 00 | {\"accelerometer_6\":{\"x\":1.234,\"y\":-1.234,\"z\":0.0}}",
                "01 88 06 76 5F F2 96 0A 00 03 E8 |"
                        + " {\"gps_1\":{\"latitude\":42.3519,\"longitude\":-87.9094,\"altitude\":10.0}}",
                "FF 00 01 00 68 65 | {\"digital_input_255\":1,\"humidity_0\":50.5}",
                "02 73 27 8D | {\"barometer_2\":1012.5}",
                "'' | {}"
            })
    void readsCayenne(String bytes, String expected) {
        assertThat(data("cayenne-lpp", hex(bytes))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"03,without a type", "0367,cut off", "036701,cut off", "03FE00,unknown type 254"})
    void saysWhereCayenneIsWrong(String bytes, String why) {
        assertThat(decode("cayenne-lpp", hex(bytes)))
                .isInstanceOfSatisfying(
                        CodecFailed.class,
                        it -> {
                            assertThat(it.message()).startsWith("byte ").contains(why);
                            assertThat(it.input()).isEqualToIgnoringCase(bytes);
                        });
    }

    @Test
    void whatCayenneWritesItReads() {
        var seed = new Random().nextLong();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            var values =
                    Document.of(
                                    "temperature_" + random.nextInt(256),
                                    Value.of(random.nextInt(-32768, 32768) / 10.0))
                            .with(
                                    "illuminance_" + random.nextInt(256),
                                    Value.of(random.nextInt(65536)))
                            .with("altitude_7", Value.of(random.nextInt(-32768, 32768)))
                            .with(
                                    "gps_1",
                                    Document.of(
                                                    "latitude",
                                                    Value.of(random.nextInt(-900000, 900000) / 1e4))
                                            .with(
                                                    "longitude",
                                                    Value.of(
                                                            random.nextInt(-1800000, 1800000)
                                                                    / 1e4))
                                            .with(
                                                    "altitude",
                                                    Value.of(
                                                            random.nextInt(-1000, 80000) / 100.0)));
            var encoded = (Encoding.Encoded) codec("cayenne-lpp").encode(values, Document.EMPTY);
            assertThat(decode("cayenne-lpp", encoded.bytes()))
                    .isEqualTo(new Decoding.Decoded(values, List.of()));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"temperature\":1}",
                "{\"temperature_256\":1}",
                "{\"temperature_1\":\"1\"}",
                "{\"temperature_1\":3276.8}",
                "{\"humidity_1\":-1}",
                "{\"gps_1\":{\"latitude\":1}}",
                "{\"warmth_1\":1}"
            })
    void refusesValuesThatCayenneCannotSay(String values) throws Exception {
        assertThat(codec("cayenne-lpp").encode(Json.parseObject(values), Document.EMPTY))
                .isInstanceOf(CodecFailed.class);
    }

    /// Of RFC 8428, sections 5.1.1, 5.1.2, 5.1.5 and 5.1.3 in short.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "[{\"n\":\"urn:dev:ow:10e2073a01080063\",\"u\":\"Cel\",\"v\":23.1}] |"
                        + " {\"urn:dev:ow:10e2073a01080063\":23.1,\"urn:dev:ow:10e2073a01080063_unit\":\"Cel\"}",
                "[{\"bn\":\"x:\",\"n\":\"voltage\",\"u\":\"V\",\"v\":120.1},{\"n\":\"current\",\"u\":\"A\",\"v\":1.2}] |"
                        + " {\"x:voltage\":120.1,\"x:voltage_unit\":\"V\",\"x:current\":1.2,\"x:current_unit\":\"A\"}",
                "[{\"bn\":\"x:\"},{\"n\":\"temp\",\"v\":20},{\"n\":\"label\",\"vs\":\"Machine Room\"},{\"n\":\"open\",\"vb\":false}] |"
                        + " {\"x:temp\":20,\"x:label\":\"Machine Room\",\"x:open\":false}",
                "[{\"bn\":\"a\",\"bv\":20,\"bu\":\"Cel\",\"v\":1.5},{\"n\":\"b\"}] |"
                        + " {\"a\":21.5,\"a_unit\":\"Cel\",\"ab\":20.0,\"ab_unit\":\"Cel\"}",
                "[{\"n\":\"energy\",\"s\":7}] | {\"energy_sum\":7}"
            })
    void readsSenMl(String pack, String expected) {
        assertThat(data("senml", pack.getBytes(StandardCharsets.UTF_8))).isEqualTo(expected);
    }

    @Test
    void readsSenMlInCborByItsNumbers() {
        // [{-2: "x:", 0: "voltage", 1: "V", 2: 120.5}, {"n": "open", 4: true}]
        var pack =
                "82 a4 21 62 783a 00 67 766f6c74616765 01 61 56 02 f9 5788 a2 61 6e 64 6f70656e 04 f5";
        assertThat(data("senml", hex(pack)))
                .isEqualTo("{\"x:voltage\":120.5,\"x:voltage_unit\":\"V\",\"x:open\":true}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[1]",
                "[{\"v\":1}]",
                "[{\"n\":\"a\",\"v\":\"1\"}]",
                "[{\"n\":\"a\",\"v\":1,\"x_\":1}]",
                "[{\"bver\":11,\"n\":\"a\",\"v\":1}]",
                "[{\"bv\":1e308,\"n\":\"a\",\"v\":1e308}]",
                "["
            })
    void refusesWhatIsNoSenMl(String pack) {
        assertThat(decode("senml", pack.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(CodecFailed.class);
    }

    @Test
    void readsWhatItWroteAsSenMlCborAndRaw() throws Exception {
        var values = Json.parseObject("{\"a\":1.5,\"b\":\"on\",\"c\":true}");
        for (var kind : List.of("senml", "cbor")) {
            var encoded = (Encoding.Encoded) codec(kind).encode(values, Document.EMPTY);
            assertThat(decode(kind, encoded.bytes()))
                    .isEqualTo(new Decoding.Decoded(values, List.of()));
        }
        assertThat(data("cbor", Cbor.bytes(Value.of(7)))).isEqualTo("{\"value\":7}");
        assertThat(data("raw", hex("00FFa0"))).isEqualTo("{\"bytes\":\"00ffa0\"}");
        var raw = codec("raw").encode(Document.of("bytes", Value.of("00FFa0")), Document.EMPTY);
        assertThat(((Encoding.Encoded) raw).bytes()).containsExactly(0, 0xff, 0xa0);
        assertThat(codec("raw").encode(Document.of("bytes", Value.of("0")), Document.EMPTY))
                .isInstanceOf(CodecFailed.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cayenne-lpp", "senml", "cbor", "raw"})
    void anyBytesGiveAnAnswer(String kind) {
        var seed = new Random().nextLong();
        System.out.println(kind + " seed " + seed);
        var random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            var bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            if (bytes.length > 0 && i % 2 == 0) {
                bytes[0] = (byte) (i % 4 == 0 ? '[' : 0x81); // what the decoders look into
            }
            assertThat(decode(kind, bytes)).isNotNull();
        }
    }
}
