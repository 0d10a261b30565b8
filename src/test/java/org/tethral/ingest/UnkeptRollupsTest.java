package org.tethral.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.state.Rollup;
import org.tethral.state.Snapshot;

/// Snapshots of more minutes than one commit writes, portions that are kept or not, devices that
/// are settled in between: against a model that adds up each reading.
class UnkeptRollupsTest {

    private static final Instant START = Instant.parse("2026-07-14T00:00:00Z");
    private static final long SEED_FIRST = 1;
    private static final int SEEDS = 20;
    private static final int SNAPSHOTS_PER_COMMIT = 4_000;

    @Test
    void keepsEveryReadingOnceAndMarksNoneThatIsNotKept() {
        System.out.println("seeds " + SEED_FIRST + " to " + (SEED_FIRST + SEEDS - 1));
        for (var seed = SEED_FIRST; seed < SEED_FIRST + SEEDS; seed++) {
            new Run(seed).run();
        }
    }

    @Test
    void gathersNoMoreThanItsBoundWhenAHistoryComesFasterThanItIsWritten() {
        var random = new SplittableRandom(SEED_FIRST);
        var rollups = new UnkeptRollups(0);
        for (int commit = 0; commit < 100; commit++) {
            var facts = new ArrayList<Fact>();
            for (int i = 0; i < SNAPSHOTS_PER_COMMIT; i++) {
                var at = START.plusSeconds(60L * random.nextInt(10_000_000));
                facts.add(
                        new Fact.Reported(
                                new Snapshot(
                                        Run.device(0),
                                        at,
                                        (long) commit * SNAPSHOTS_PER_COMMIT + i + 1,
                                        Document.of("t", Value.of(1)),
                                        null),
                                null));
            }
            rollups.gather(facts);
            rollups.kept(rollups.next(0, Set.of()));
            assertThat(rollups.minutesGathered())
                    .isLessThanOrEqualTo(UnkeptRollups.MINUTES_GATHERED_MAX + SNAPSHOTS_PER_COMMIT);
        }
    }

    private static final class Run {

        private final long seed;
        private final SplittableRandom random;
        private final UnkeptRollups rollups = new UnkeptRollups(0, 40);
        private final List<Snapshot> all = new ArrayList<>();
        private final Map<FaultyJournal.RollupKey, Rollup> kept = new HashMap<>();
        private long nanos;
        private long mark;

        Run(long seed) {
            this.seed = seed;
            this.random = new SplittableRandom(seed);
        }

        void run() {
            for (int i = 0; i < 120; i++) {
                nanos += random.nextLong(UnkeptRollups.KEPT_EVERY.toNanos() / 4);
                var settled = new HashSet<DeviceId>();
                if (random.nextInt(4) == 0) {
                    settled.add(device(random.nextInt(3)));
                }
                var portion = rollups.next(nanos, settled);
                if (random.nextInt(5) > 0) { // else the commit failed
                    write(portion);
                    settled.forEach(this::isExact);
                }
                gather(random.nextInt(60));
            }
            rollups.hurry(nanos);
            for (var portion = rollups.next(nanos, Set.of());
                    !portion.isEmpty();
                    portion = rollups.next(nanos, Set.of())) {
                write(portion);
            }
            assertThat(kept).as("seed %d", seed).isEqualTo(expected(Long.MAX_VALUE));
            assertThat(mark).isEqualTo(all.getLast().sequence());
        }

        private void write(UnkeptRollups.Portion portion) {
            for (var one : portion.rollups()) {
                kept.merge(FaultyJournal.key(one), one, Rollup::merged);
            }
            mark = Math.max(mark, portion.upTo());
            rollups.kept(portion);
            expected(mark)
                    .forEach((key, least) -> {
                        var one = kept.get(key);
                        assertThat(one).as("seed %d: %s", seed, least).isNotNull();
                        assertThat(one.count()).isGreaterThanOrEqualTo(least.count());
                    });
        }

        private void isExact(DeviceId device) {
            var expected = expected(Long.MAX_VALUE);
            expected.keySet().removeIf(key -> !key.device().equals(device));
            var actual = new HashMap<>(kept);
            actual.keySet().removeIf(key -> !key.device().equals(device));
            assertThat(actual).as("seed %d", seed).isEqualTo(expected);
        }

        private void gather(int count) {
            var facts = new ArrayList<Fact>();
            for (int i = 0; i < count; i++) {
                var one =
                        new Snapshot(
                                device(random.nextInt(3)),
                                START.plusSeconds(60L * random.nextInt(3_000)),
                                all.size() + 1,
                                Document.of("t", Value.of(random.nextInt(100))),
                                null);
                all.add(one);
                facts.add(new Fact.Reported(one, null));
            }
            rollups.gather(facts);
        }

        private Map<FaultyJournal.RollupKey, Rollup> expected(long upTo) {
            var expected = new HashMap<FaultyJournal.RollupKey, Rollup>();
            for (var snapshot : all) {
                if (snapshot.sequence() <= upTo) {
                    for (var one : Promises.rollups(snapshot)) {
                        expected.merge(FaultyJournal.key(one), one, Rollup::merged);
                    }
                }
            }
            return expected;
        }

        private static DeviceId device(int number) {
            return new DeviceId("d" + number);
        }
    }
}
