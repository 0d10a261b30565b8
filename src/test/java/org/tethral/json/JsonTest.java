package org.tethral.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

final class JsonTest {

    @Test
    void readsEveryKindOfValue() throws Exception {
        var text =
                "{\"t\":\"ä\\n\",\"i\":7,\"d\":-1.5e3,\"y\":true,\"n\":null,\"a\":[1,[]],\"o\":{}}";

        assertThat(Json.parse(text))
                .isEqualTo(
                        Document.of("t", Value.of("ä\n"))
                                .with("i", Value.of(7))
                                .with("d", Value.of(-1500.0))
                                .with("y", Value.of(true))
                                .with("n", Value.Null.NULL)
                                .with(
                                        "a",
                                        new Value.Array(
                                                List.of(Value.of(1), new Value.Array(List.of()))))
                                .with("o", Document.EMPTY));
    }

    @Test
    void tellsWholeNumbersFromOthers() throws Exception {
        assertThat(Json.parse("9223372036854775807")).isEqualTo(Value.of(Long.MAX_VALUE));
        assertThat(Json.parse("9223372036854775808")).isEqualTo(Value.of(9.223372036854776E18));
        assertThat(Json.parse("1.0")).isEqualTo(Value.of(1.0));
        assertThat(Json.parse("0.1")).isEqualTo(Value.of(0.1));
        assertThat(Json.parse("21.459999999999997")).isEqualTo(Value.of(21.459999999999997));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "[1,]",
                "{\"a\"}",
                "{a:1}",
                "'a'",
                "nul",
                "NaN",
                "Infinity",
                "01",
                "1 2",
                "{}{}",
                "\"\u0001\"",
                "1e999",
                "-1e999",
                "{\"a\":1,\"a\":1}",
                "{\"a\":{\"b\":1,\"b\":null}}",
                "\"\\u0000\"",
                "\"\\ud800\"",
                "\"\\ude00\\ud83d\"",
                "{\"\\u0000\":1}",
                "// comment\n1",
                "\"open"
            })
    void refusesWhatIsNoJsonOrCannotBeKept(String text) {
        assertThatThrownBy(() -> Json.parse(text)).isInstanceOf(MalformedJson.class);
    }

    @Test
    void refusesBytesThatAreNoText() {
        assertThatThrownBy(() -> Json.parse(new byte[] {'"', (byte) 0xC3, '(', '"'}))
                .isInstanceOf(MalformedJson.class);
        assertThatThrownBy(() -> Json.parse(new byte[] {(byte) 0xFF, 0x00}))
                .isInstanceOf(MalformedJson.class);
    }

    @Test
    void refusesWhatIsNestedTooDeep() throws Exception {
        Json.parse("[".repeat(Json.DEPTH_MAX) + "]".repeat(Json.DEPTH_MAX));

        assertThatThrownBy(() ->
                        Json.parse("[".repeat(Json.DEPTH_MAX + 1) + "]".repeat(Json.DEPTH_MAX + 1)))
                .isInstanceOf(MalformedJson.class);
        assertThatThrownBy(() -> Json.parse("{\"a\":".repeat(100_000)))
                .isInstanceOf(MalformedJson.class);
    }

    @Test
    void saysWhereItIsWrong() {
        assertThatThrownBy(() -> Json.parse("{\"flow\": 1,\n \"level\" 2}"))
                .isInstanceOf(MalformedJson.class)
                .hasMessageContaining("line 2");
        assertThatThrownBy(() -> Json.parse("{\"flow\":1,\"flow\":2}"))
                .isInstanceOf(MalformedJson.class)
                .hasMessageContaining("'flow'");
    }

    @Test
    void readsWhatItWrites() throws Exception {
        var seed = System.nanoTime();
        System.out.println("JsonTest.readsWhatItWrites seed " + seed);
        var random = new Random(seed);
        for (int i = 0; i < 5_000; i++) {
            var value = value(random, 0);
            assertThat(Json.parse(Json.bytes(value))).as("seed " + seed).isEqualTo(value);
        }
    }

    @Test
    void answersRandomTextWithAValueOrARefusal() {
        var seed = System.nanoTime();
        System.out.println("JsonTest.answersRandomTextWithAValueOrARefusal seed " + seed);
        var random = new Random(seed);
        for (int i = 0; i < 100_000; i++) {
            var bytes = Json.bytes(value(random, 0));
            for (var flips = random.nextInt(4); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                var value =
                        Json.parse(
                                bytes,
                                0,
                                random.nextInt(4) == 0
                                        ? random.nextInt(bytes.length + 1)
                                        : bytes.length);
                assertThat(Json.parse(Json.write(value))).isEqualTo(value);
            } catch (MalformedJson e) {
                assertThat(e.getMessage()).as("seed " + seed).isNotBlank();
            }
        }
    }

    private static Value value(Random random, int depth) {
        return switch (random.nextInt(depth > 3 ? 5 : 7)) {
            case 0 -> Value.of(random.nextLong());
            case 1 -> Value.of((double) Float.intBitsToFloat(random.nextInt() & 0xBFFF_FFFF));
            case 2 -> Value.of(text(random));
            case 3 -> Value.of(random.nextBoolean());
            case 4 -> Value.Null.NULL;
            case 5 -> {
                var items = new ArrayList<Value>();
                for (var left = random.nextInt(4); left > 0; left--) {
                    items.add(value(random, depth + 1));
                }
                yield new Value.Array(items);
            }
            default -> {
                var values = new LinkedHashMap<String, Value>();
                for (var left = random.nextInt(4); left > 0; left--) {
                    values.put(text(random), value(random, depth + 1));
                }
                yield new Document(values);
            }
        };
    }

    private static String text(Random random) {
        var alphabet = "aä€😀\"\\\n\t /{}[],:'0";
        var points = alphabet.codePoints().toArray();
        var text = new StringBuilder();
        for (var left = random.nextInt(8); left > 0; left--) {
            text.appendCodePoint(points[random.nextInt(points.length)]);
        }
        return text.toString();
    }
}
