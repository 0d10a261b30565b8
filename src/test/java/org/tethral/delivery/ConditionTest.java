package org.tethral.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;

class ConditionTest {

    private static final Document DATA =
            data(
                    """
                    {"temperature": 21.5, "count": 7, "big": 9007199254740993, "unit": "C", "on": true, "nothing": null,
                     "note": "it's hot", "tags": ["red", "blue"], "sensor": {"serial": "A-1", "axes": [{"x": 3}]},
                     "odd name": 1, "and": 2}
                    """);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "  ",
                "temperature > 21",
                "temperature >= 21.5 and temperature <= 21.50",
                "count = 7",
                "count = 7.0",
                "count != 8",
                "big > 9007199254740992",
                "unit = 'C'",
                "unit = \"C\"",
                "unit >= 'A' and unit < 'D'",
                "unit in ('C', 'F')",
                "count in (1, 7)",
                "on = true",
                "nothing = null",
                "exists nothing",
                "not exists missing",
                "note = 'it''s hot'",
                "note contains 's h'",
                "note starts 'it'",
                "tags contains 'red'",
                "tags[1] = 'blue'",
                "sensor.serial = 'A-1'",
                "sensor.axes[0].x = 3",
                "`odd name` = 1",
                "`and` = 2",
                "temperature > 30 or count = 7 and on = true",
                "(temperature > 30 or count = 7) and on = true",
                "NOT temperature > 30 AND EXISTS unit",
                "not not count = 7",
                "count=7 and(on=true)",
            })
    void holds(String condition) {
        assertThat(Condition.parse(condition).holds(DATA)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "temperature > 21.5",
                "temperature > '21'",
                "missing = 1",
                "missing != 1",
                "unit != 1",
                "unit > 1",
                "on > false",
                "tags[2] = 'blue'",
                "tags.red = 1",
                "count[0] = 7",
                "exists sensor.axes[1]",
                "unit in ('F')",
                "count contains 7",
                "count = 7 and on = false",
                "(count = 7 or on = true) and unit = 'F'",
                "big = 9007199254740992",
            })
    void doesNotHold(String condition) {
        assertThat(Condition.parse(condition).holds(DATA)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            textBlock =
                    """
                    temperature                | 11 | expected =
                    temperature >              | 13 | expected a number
                    > 3                        | 0  | expected the name
                    count = 7 count = 8        | 10 | expected 'and'
                    (count = 7                 | 10 | expected ')'
                    unit = 'C                  | 7  | never closed
                    count = 07                 | 8  | no number
                    count = 7x                 | 8  | no number
                    count = 1e999              | 8  | too large
                    tags[-1] = 1               | 5  | place in a list
                    count in 7                 | 9  | expected '('
                    a. = 1                     | 3  | expected the name
                    and                        | 3  | expected =
                    """)
    void saysWhatIsWrongAndWhere(String condition, int position, String what) {
        assertThatThrownBy(() -> Condition.parse(condition))
                .isInstanceOfSatisfying(
                        Condition.Malformed.class,
                        malformed -> assertThat(malformed.position()).isEqualTo(position))
                .hasMessageContaining(what)
                .hasMessageContaining("at character " + (position + 1));
    }

    @Test
    void takesNoMoreThanItSays() {
        assertThatThrownBy(() -> Condition.parse("(".repeat(100_000)))
                .isInstanceOf(Condition.Malformed.class);
        assertThatThrownBy(() -> Condition.parse("(".repeat(33) + "a = 1" + ")".repeat(33)))
                .hasMessageContaining("32 levels");
        assertThat(Condition.parse("not ".repeat(400) + "a = 1").holds(DATA)).isFalse();
    }

    @Test
    void neverFailsInAnotherWay() {
        var seed = new Random().nextLong();
        var random = new Random(seed);
        var pieces =
                new String[] {
                    "a", ".", "[", "0", "]", " ", "=", "<", ">", "!", "(", ")", "and", "or", "not",
                    "in", "exists", "'", "\"", "`", ",", "-", "1e5", "true", "null", "é", "\n"
                };
        for (int i = 0; i < 100_000; i++) {
            var text = new StringBuilder();
            for (int n = random.nextInt(12); n >= 0; n--) {
                text.append(pieces[random.nextInt(pieces.length)]);
            }
            try {
                Condition.parse(text.toString()).holds(DATA);
            } catch (Condition.Malformed e) {
                assertThat(e.position()).as("seed %d: %s", seed, text).isBetween(0, text.length());
            }
        }
    }

    private static Document data(String json) {
        try {
            return Json.parseObject(json);
        } catch (MalformedJson e) {
            throw new AssertionError(e);
        }
    }
}
