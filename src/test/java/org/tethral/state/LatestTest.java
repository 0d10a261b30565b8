package org.tethral.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

class LatestTest {

    private static final Instant NOON = Instant.parse("2026-07-14T12:00:00Z");
    private static final int RUNS = 20_000;

    private record Told(Document report, Instant at) {}

    private static Instant second(int n) {
        return NOON.plusSeconds(n);
    }

    private static Document one(String name, int value) {
        return Document.of(name, Value.of(value));
    }

    private static Latest after(Told... reports) {
        var latest = Latest.NOTHING;
        for (var one : reports) {
            latest = latest.with(one.report(), one.at());
        }
        return latest;
    }

    @Test
    void keepsTheNewerValueWhateverArrivesLast() {
        var both = one("t", 1).with("h", Value.of(10));
        var latest = after(new Told(both, second(10)), new Told(one("t", 2), second(5)));
        assertThat(latest.values()).isEqualTo(both);
        assertThat(latest.at()).isEqualTo(second(10));
        assertThat(latest.times()).isEmpty();
    }

    @Test
    void placesEachNameByItself() {
        var latest =
                after(
                        new Told(one("t", 1), second(10)),
                        new Told(one("h", 2), second(20)),
                        new Told(one("t", 3).with("new", Value.of(4)), second(15)),
                        new Told(one("t", 5), second(12)));
        assertThat(latest.values())
                .isEqualTo(one("t", 3).with("h", Value.of(2)).with("new", Value.of(4)));
        assertThat(latest.times())
                .containsExactlyInAnyOrderEntriesOf(Map.of("/t", second(15), "/new", second(15)));
    }

    @Test
    void takesTheOneThatArrivedLastOfTwoOfOneTime() {
        assertThat(after(new Told(one("t", 1), NOON), new Told(one("t", 2), NOON)).values())
                .isEqualTo(one("t", 2));
        var overtaken =
                after(
                        new Told(one("other", 1), second(1)),
                        new Told(one("t", 1), NOON),
                        new Told(one("t", 2), NOON));
        assertThat(overtaken.values().find("t")).contains(Value.of(2));
    }

    @Test
    void bringsNothingBackThatWasRemovedSince() {
        var removed = Document.of("t", Value.Null.NULL);
        assertThat(after(new Told(removed, second(5)), new Told(one("t", 1), NOON)).values())
                .isEqualTo(Document.EMPTY);
        assertThat(after(new Told(removed, NOON), new Told(one("t", 1), second(5))).values())
                .isEqualTo(one("t", 1));
    }

    /// As it nearly always is: nothing more is kept than the time.
    @Test
    void remembersNoTimesWhereEachReportHasAllNames() {
        var nested = Document.of("air", one("t", 1)).with("n", Value.of(1));
        var latest = after(new Told(nested, NOON), new Told(nested, second(1)));
        assertThat(latest.times()).isSameAs(Map.of());
    }

    @Test
    void remembersNoMoreTimesThanItsBound() {
        var latest = Latest.NOTHING;
        for (int n = 0; n < Latest.TIMES_MAX + 50; n++) {
            latest = latest.with(one("name-" + n, n), second(n));
        }
        assertThat(latest.times()).hasSize(Latest.TIMES_MAX);
        assertThat(latest.values().values()).hasSize(Latest.TIMES_MAX + 50);
    }

    @Test
    void placesAReportByItsOwnTimeButNotInTheFuture() {
        var latest = after(new Told(one("t", 1), second(10)));
        assertThat(latest.placed(second(3), second(20))).isEqualTo(second(3));
        assertThat(latest.placed(second(90), second(20))).isEqualTo(second(20));
        assertThat(latest.placed(second(20), second(20))).isEqualTo(second(20));
        assertThat(latest.placed(second(4), second(4)))
                .as("the clock was set back: it arrives last all the same")
                .isEqualTo(second(10));
        assertThat(latest.placed(second(4).plusNanos(400), second(4).plusNanos(900)))
                .as("one time, as stores keep it")
                .isEqualTo(second(10));
    }

    /// Else a clock that was once years ahead would silence devices for years.
    @Test
    void goesByArrivalWhileWhatIsKnownIsOfTheFuture() {
        var latest = after(new Told(one("t", 1), second(100_000)));
        assertThat(latest.placed(second(3), second(20))).isEqualTo(second(100_000));
        assertThat(latest.placed(second(3), second(99_940))).isEqualTo(second(3));
    }

    /// Names come and go, are values and objects in turn, and several reports have one time.
    @Test
    void isTheSameWhateverOrderReportsArriveIn() {
        var seed = Long.getLong("tethral.seed", System.nanoTime());
        System.out.println("seed " + seed);
        var random = new SplittableRandom(seed);
        for (int run = 0; run < RUNS; run++) {
            var reports = new ArrayList<Told>();
            for (int n = 1 + random.nextInt(12); n > 0; n--) {
                reports.add(new Told(report(random, 0), second(random.nextInt(8))));
            }
            var inOrder = new ArrayList<>(reports);
            inOrder.sort(Comparator.comparing(Told::at)); // stable: then by arrival
            var expected = Document.EMPTY;
            for (var one : inOrder) {
                expected = expected.merged(one.report());
            }
            assertThat(values(after(reports.toArray(Told[]::new)).values()))
                    .as("seed %d, run %d: %s", seed, run, reports)
                    .isEqualTo(values(expected));
        }
    }

    private static Document report(SplittableRandom random, int depth) {
        var report = new LinkedHashMap<String, Value>();
        for (var name : List.of("a", "b", "a/b~")) {
            var kind = random.nextInt(8);
            if (kind < 3) {
                report.put(name, Value.of(random.nextInt(1_000_000)));
            } else if (kind == 3) {
                report.put(name, Value.Null.NULL);
            } else if (kind == 4 && depth < 2) {
                var inner = report(random, depth + 1);
                if (!inner.isEmpty()) {
                    report.put(name, inner);
                }
            }
        }
        return new Document(report);
    }

    /// Without empty objects.
    private static Document values(Document document) {
        var values = new LinkedHashMap<String, Value>();
        document.values()
                .forEach((name, value) -> {
                    var kept = value instanceof Document inner ? values(inner) : value;
                    if (!kept.equals(Document.EMPTY)) {
                        values.put(name, kept);
                    }
                });
        return new Document(values);
    }
}
