package org.tethral.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

class CborTest {

    private static Value parse(String hex) throws MalformedJson {
        return Cbor.parse(HexFormat.of().parseHex(hex));
    }

    /// Of RFC 8949, appendix A.
    @Test
    void readsTheExamplesOfTheStandard() throws Exception {
        assertThat(parse("00")).isEqualTo(Value.of(0));
        assertThat(parse("3903e7")).isEqualTo(Value.of(-1_000));
        assertThat(parse("1bffffffffffffffff")).isEqualTo(Value.of(0x1p64));
        assertThat(parse("f93c00")).isEqualTo(Value.of(1.0));
        assertThat(parse("fb3ff199999999999a")).isEqualTo(Value.of(1.1));
        assertThat(parse("f4")).isEqualTo(Value.of(false));
        assertThat(parse("f6")).isEqualTo(Value.Null.NULL);
        assertThat(parse("62c3bc")).isEqualTo(Value.of("ü"));
        assertThat(parse("7f657374726561646d696e67ff")).isEqualTo(Value.of("streaming"));
        assertThat(parse("c11a514b67b0")).isEqualTo(Value.of(1_363_896_240)); // tagged
        assertThat(parse("9f018202039f0405ffff"))
                .isEqualTo(
                        new Value.Array(
                                List.of(
                                        Value.of(1),
                                        new Value.Array(List.of(Value.of(2), Value.of(3))),
                                        new Value.Array(List.of(Value.of(4), Value.of(5))))));
        assertThat(parse("a26161016162820203"))
                .isEqualTo(
                        Document.of("a", Value.of(1))
                                .with("b", new Value.Array(List.of(Value.of(2), Value.of(3)))));
    }

    @Test
    void refusesWhatJsonCannotSayAndWhatIsNoCbor() {
        refused("4401020304", "bytes cannot be kept");
        refused("f97c00", "number"); // infinity
        refused("f97e00", "number"); // no number
        refused("", "empty");
        refused("a1", "malformed CBOR");
        refused("a16161", "malformed CBOR");
        refused("0000", "more than one");
        refused("a2616101616102", "twice");
        refused("ff", "");
        refused("1c", "malformed CBOR");
        refused("6100", "U+0000");
        refused("81".repeat(40) + "00", "malformed CBOR");
    }

    private static void refused(String hex, String reason) {
        assertThatThrownBy(() -> parse(hex))
                .as(hex)
                .isInstanceOf(MalformedJson.class)
                .hasMessageContaining(reason);
    }

    @Test
    void readsWhatItWrote() throws Exception {
        var document =
                Json.parseObject(
                        "{\"a\":[1,-2,3.5,1e300,\"ü\",true,null,{\"b\":{}}],\"n\":9007199254740993}");
        assertThat(Cbor.parse(Cbor.bytes(document))).isEqualTo(document);
    }

    @Test
    void neverFailsInAnotherWay() {
        var seed = System.nanoTime();
        System.out.println("CborTest.neverFailsInAnotherWay seed " + seed);
        var random = new Random(seed);
        var read = 0;
        for (int i = 0; i < 200_000; i++) {
            var bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            if (bytes.length > 0 && random.nextBoolean()) {
                bytes[0] = (byte) (random.nextBoolean() ? 0xA1 : 0x82);
            }
            try {
                Json.write(Cbor.parse(bytes)); // what was read can be kept
                read++;
            } catch (MalformedJson e) {
                assertThat(e.getMessage()).isNotBlank();
            } catch (RuntimeException e) {
                throw new AssertionError(
                        "seed " + seed + ": " + HexFormat.of().formatHex(bytes), e);
            }
        }
        assertThat(read).isPositive();
    }
}
