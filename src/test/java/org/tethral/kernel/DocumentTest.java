package org.tethral.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class DocumentTest {

    /// The examples of RFC 7396, appendix A, that concern objects.
    @Test
    void mergesAsTheRfcShows() {
        assertThat(doc("a", "b").merged(doc("a", "c"))).isEqualTo(doc("a", "c"));
        assertThat(doc("a", "b").merged(doc("b", "c")))
                .isEqualTo(new Document(Map.of("a", Value.of("b"), "b", Value.of("c"))));
        assertThat(doc("a", "b").merged(Document.of("a", Value.Null.NULL)))
                .isEqualTo(Document.EMPTY);
        assertThat(
                        new Document(Map.of("a", Value.of("b"), "b", Value.of("c")))
                                .merged(Document.of("a", Value.Null.NULL)))
                .isEqualTo(doc("b", "c"));
        assertThat(Document.of("a", new Value.Array(List.of(Value.of("b")))).merged(doc("a", "c")))
                .isEqualTo(doc("a", "c"));
        assertThat(
                        Document.of("a", doc("b", "c"))
                                .merged(
                                        Document.of(
                                                "a",
                                                new Document(
                                                        Map.of(
                                                                "b",
                                                                Value.of("d"),
                                                                "c",
                                                                Value.Null.NULL)))))
                .isEqualTo(Document.of("a", doc("b", "d")));
        assertThat(
                        Document.EMPTY.merged(
                                Document.of(
                                        "a",
                                        Document.of("bb", Document.of("ccc", Value.Null.NULL)))))
                .isEqualTo(Document.of("a", Document.of("bb", Document.EMPTY)));
    }

    @Test
    void applyingTheDeltaLeavesNoDelta() {
        var seed = new Random().nextLong();
        var random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            var reported = randomDocument(random, 3);
            var desired = randomDocument(random, 3);
            var delta = reported.deltaTo(desired);
            assertThat(reported.merged(delta).deltaTo(desired))
                    .as("seed %d: from %s to %s", seed, reported, desired)
                    .isEqualTo(Document.EMPTY);
        }
    }

    @Test
    void hasNoDeltaForWhatOnlyTheDeviceReports() {
        var reported = new Document(Map.of("wanted", Value.of(1), "own", Value.of(2)));

        assertThat(reported.deltaTo(Document.of("wanted", Value.of(1)))).isEqualTo(Document.EMPTY);
    }

    @Test
    void ownsItsValues() {
        var mine = new HashMap<String, Value>();
        mine.put("a", Value.of(1));
        var document = new Document(mine);
        mine.put("b", Value.of(2));

        assertThat(document.values()).containsOnlyKeys("a");
        assertThatThrownBy(() -> document.values().put("c", Value.of(3)))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void refusesNumbersThatJsonDoesNotHave() {
        assertThatThrownBy(() -> Value.of(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Value.of(Double.POSITIVE_INFINITY))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Document doc(String name, String value) {
        return Document.of(name, Value.of(value));
    }

    /// Without nulls: a desired or reported document never holds one, as merging removes them.
    private static Document randomDocument(Random random, int depth) {
        var values = new HashMap<String, Value>();
        for (int i = random.nextInt(4); i > 0; i--) {
            values.put("k" + random.nextInt(4), randomValue(random, depth));
        }
        return new Document(values);
    }

    private static Value randomValue(Random random, int depth) {
        return switch (random.nextInt(depth > 0 ? 4 : 3)) {
            case 0 -> Value.of(random.nextInt(3));
            case 1 -> Value.of(random.nextBoolean());
            case 2 -> Value.of("t" + random.nextInt(2));
            default -> randomDocument(random, depth - 1);
        };
    }
}
