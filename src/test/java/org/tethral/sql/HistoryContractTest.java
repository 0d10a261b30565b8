package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tethral.device.DeviceId;
import org.tethral.device.MessageId;
import org.tethral.ingest.Fact;
import org.tethral.ingest.Journal;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Page;
import org.tethral.kernel.Value;
import org.tethral.state.Aggregate;
import org.tethral.state.Interval;
import org.tethral.state.Reading;
import org.tethral.state.RollupLedger;
import org.tethral.state.Snapshot;

/// Random histories, late data and wrong clocks among them, against a model that simply sorts.
@EachEngine
class HistoryContractTest {

    private static final Instant START = Instant.parse("2026-07-10T00:00:00Z");
    private static final int SNAPSHOTS = 3_000;
    private static final long SEED = 20_260_714;

    /// One for each database, for all tests on it.
    private static final Map<TestDatabase, List<Snapshot>> MODELS = new HashMap<>();

    private final Database database;
    private final SqlHistoryStore store;
    private final DeviceId device = new DeviceId("weather-1");
    private final List<Snapshot> model;
    private final List<DeviceId> settled = new ArrayList<>();

    HistoryContractTest(TestDatabase test) {
        this.database = test.database();
        this.store = new SqlHistoryStore(database, settled::add);
        this.model = MODELS.computeIfAbsent(test, _ -> fill());
    }

    private List<Snapshot> fill() {
        var filled = new ArrayList<Snapshot>();
        System.out.println("seed " + SEED);
        var random = new SplittableRandom(SEED);
        var fleet = new Fleet(database);
        fleet.add(device.value());
        fleet.add("weather-2");
        var journal = SqlJournal.open(database, "history", 0, random.split());
        var ledger = new RollupLedger();
        for (int commit = 1; commit <= 6; commit++) {
            var number = commit;
            journal.commit(
                    commit,
                    tx -> {
                        // far apart, so that they fill several of SQLite's buckets
                        tx.reserveSnapshots(150_000);
                        var first = tx.reserveSnapshots(SNAPSHOTS / 6 * 2);
                        var facts = new ArrayList<Fact>();
                        for (int i = 0; i < SNAPSHOTS / 6; i++) {
                            var one = snapshot(random, number, first + i * 2L);
                            filled.add(one);
                            ledger.add(one);
                            facts.add(new Fact.Reported(one, null));
                            facts.add(
                                    new Fact.Reported(
                                            new Snapshot(
                                                    new DeviceId("weather-2"),
                                                    one.timestamp(),
                                                    first + i * 2L + 1,
                                                    one.values(),
                                                    null),
                                            null));
                        }
                        var rollups = RollupRecoveryTest.drained(ledger);
                        tx.write(
                                new Journal.Writes(
                                        facts, List.of(), List.of(), rollups, first, START));
                    });
        }
        filled.sort(
                Comparator.comparing(Snapshot::timestamp).thenComparingLong(Snapshot::sequence));
        return filled;
    }

    /// Mostly in order; some late, some at the same microsecond, some from clocks that are years
    /// ahead or were never set.
    private Snapshot snapshot(SplittableRandom random, int commit, long sequence) {
        var inOrder = START.plus(Duration.ofHours(commit * 20L)).plusSeconds(sequence % 20_000);
        var at =
                switch (random.nextInt(20)) {
                    case 0 -> Instant.EPOCH.plusSeconds(random.nextInt(1_000));
                    case 1 -> Instant.parse("2080-01-01T00:00:00Z").plusSeconds(random.nextInt(60));
                    case 2, 3, 4 -> START.plusMillis(random.nextInt(400_000_000));
                    case 5 -> START.plusSeconds(3_600);
                    default -> inOrder.plusNanos(random.nextInt(1_000_000) * 1_000L);
                };
        var values =
                Document.of("temperature", Value.of(random.nextInt(400) / 4.0))
                        .with("air", Document.of("humidity", Value.of(random.nextInt(100))))
                        .with("open", Value.of(random.nextBoolean()))
                        .with("name", Value.of("ä \"quoted\" \u2603"));
        return new Snapshot(
                device,
                at,
                sequence,
                random.nextInt(3) == 0 ? Document.of("other", Value.of(1)) : values,
                random.nextInt(5) == 0 ? new MessageId("m-" + sequence) : null);
    }

    @Test
    void givesTheNewestFirstWhateverTheOrderInWhichTheyCame() {
        assertThat(store.newest(device, Page.Request.first(100)).items())
                .isEqualTo(model.reversed().subList(0, 100));
    }

    @Test
    void pagesThroughTheWholeHistoryWithoutGapOrRepetition() {
        var all = new ArrayList<Snapshot>();
        String cursor = null;
        do {
            var page = store.newest(device, new Page.Request(517, cursor));
            all.addAll(page.items());
            cursor = page.nextCursor();
        } while (cursor != null);
        assertThat(all).isEqualTo(model.reversed());
    }

    @Test
    void givesARangeInEitherOrder() {
        var interval = new Interval(START.plusSeconds(3_600), START.plusSeconds(200_000));
        var expected = within(interval);
        assertThat(pages(interval, false)).isEqualTo(expected);
        assertThat(pages(interval, true)).isEqualTo(expected.reversed());
    }

    @Test
    void streamsARangeInTheOrderOfTime() {
        var interval = new Interval(Instant.EPOCH, Instant.parse("2100-01-01T00:00:00Z"));
        var streamed = new ArrayList<Snapshot>();
        store.stream(device, interval, streamed::add);
        assertThat(streamed).isEqualTo(model);
    }

    @Test
    void givesReadingsOfOneMetricAlsoInsideOfObjects() {
        var interval = new Interval(START, START.plusSeconds(300_000));
        assertThat(store.readings(device, "air.humidity", interval, 10_000))
                .isEqualTo(readings(interval, "air.humidity"));
        assertThat(store.readings(device, "open", interval, 7))
                .isEqualTo(readings(interval, "open").subList(0, 7));
        assertThat(store.readings(device, "name", interval, 7)).isEmpty();
    }

    @Test
    void sumsUpExactlyWhatWasReportedWhateverTheStepAndTheEnds() {
        var random = new SplittableRandom(SEED + 1);
        var steps =
                List.of(
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(45),
                        Duration.ofMinutes(1),
                        Duration.ofMinutes(7),
                        Duration.ofHours(1),
                        Duration.ofHours(5),
                        Duration.ofDays(1),
                        Duration.ofDays(7),
                        Duration.ofMillis(1_500_001));
        for (var step : steps) {
            for (int i = 0; i < 8; i++) {
                var from = START.plusNanos(random.nextLong(300_000_000_000_000L));
                var to = from.plusNanos(1 + random.nextLong(300_000_000_000_000L));
                var interval =
                        i == 0
                                ? new Interval(Instant.EPOCH, Instant.parse("2100-01-01T00:00:00Z"))
                                : new Interval(from, to);
                assertSame(store.aggregates(device, "temperature", interval, step), interval, step);
            }
        }
        assertThat(settled).contains(device);
    }

    private void assertSame(List<Aggregate> actual, Interval interval, Duration step) {
        var expected = new LinkedHashMap<Instant, List<Reading>>();
        for (var reading : readings(interval, "temperature")) {
            var micros = step.toNanos() / 1_000;
            var start = Math.floorDiv(Micros.of(reading.at()), micros) * micros;
            expected.computeIfAbsent(Micros.toInstant(start), _ -> new ArrayList<>()).add(reading);
        }
        assertThat(actual).as("%s by %s", interval, step).hasSameSizeAs(expected.keySet());
        for (var aggregate : actual) {
            var readings = expected.getOrDefault(aggregate.start(), List.of());
            var values = readings.stream().mapToDouble(Reading::value).summaryStatistics();
            assertThat(aggregate.count()).isEqualTo(values.getCount());
            assertThat(aggregate.min()).isEqualTo(values.getMin());
            assertThat(aggregate.max()).isEqualTo(values.getMax());
            assertThat(aggregate.sum()).isCloseTo(values.getSum(), offset(1e-6));
            assertThat(aggregate.first()).isEqualTo(readings.getFirst().value());
            assertThat(aggregate.last()).isEqualTo(readings.getLast().value());
        }
    }

    @Test
    void listsTheMetricsThatADeviceEverReported() {
        assertThat(new SqlStateStore(database).metrics(device))
                .containsExactly("air.humidity", "open", "other", "temperature");
    }

    private List<Snapshot> pages(Interval interval, boolean newestFirst) {
        var all = new ArrayList<Snapshot>();
        @Nullable String cursor = null;
        do {
            var page = store.range(device, interval, newestFirst, new Page.Request(400, cursor));
            all.addAll(page.items());
            cursor = page.nextCursor();
        } while (cursor != null);
        return all;
    }

    private List<Snapshot> within(Interval interval) {
        return model.stream()
                .filter(snapshot ->
                        !snapshot.timestamp().isBefore(interval.from())
                                && snapshot.timestamp().isBefore(interval.to()))
                .toList();
    }

    private List<Reading> readings(Interval interval, String metric) {
        var readings = new ArrayList<Reading>();
        for (var snapshot : within(interval)) {
            value(snapshot.values(), metric.split("\\."))
                    .ifPresent(value -> readings.add(new Reading(snapshot.timestamp(), value)));
        }
        return readings;
    }

    private static OptionalDouble value(Document values, String[] path) {
        Value value = values;
        for (var name : path) {
            value =
                    value instanceof Document inner
                            ? inner.find(name).orElse(Value.Null.NULL)
                            : value;
        }
        return switch (value) {
            case Value.Numeric number -> OptionalDouble.of(number.asDouble());
            case Value.Bool truth -> OptionalDouble.of(truth == Value.Bool.TRUE ? 1 : 0);
            case Value.Text _, Value.Null _, Value.Array _, Document _ -> OptionalDouble.empty();
        };
    }
}
