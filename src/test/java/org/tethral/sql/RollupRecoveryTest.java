package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.tethral.device.DeviceId;
import org.tethral.ingest.Fact;
import org.tethral.ingest.Journal;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Value;
import org.tethral.state.Bucket;
import org.tethral.state.Rollup;
import org.tethral.state.RollupLedger;
import org.tethral.state.Snapshot;

/// A process that was killed left snapshots in the database and not all of their roll-ups.
@EachEngine
class RollupRecoveryTest {

    private static final Instant AT = Instant.parse("2026-07-14T12:00:00Z");
    private static final long SEED = 4_711;
    private static int names;

    private final Database database;
    private final SplittableRandom random = new SplittableRandom(SEED + names);
    private final String node = "killed-" + names++;
    private final List<DeviceId> devices =
            List.of(new DeviceId(node + "-a"), new DeviceId(node + "-b"));
    private final List<Snapshot> all = new ArrayList<>();

    RollupRecoveryTest(TestDatabase test) {
        this.database = test.database();
        System.out.println("seed " + (SEED + names - 1));
    }

    @Test
    void makesTheRollupsAgainThatWereNotKept() {
        killedHalfWay(open(node));
        assertThat(kept()).isNotEqualTo(expected());
        open(node);
        assertThat(kept()).isEqualTo(expected());
    }

    @Test
    void changesNothingWhenItIsDoneAgain() {
        killedHalfWay(open(node));
        open(node);
        open(node);
        assertThat(kept()).isEqualTo(expected());
        var journal = open(node);
        commit(journal, journal.lastCommitted() + 1, 20, new RollupLedger());
        open(node);
        assertThat(kept()).isEqualTo(expected());
    }

    @Test
    void leavesAloneWhatAnotherNodeHasNotKeptYet() {
        if (SqlJournal.lanes(database) == 1) {
            return; // then there is no other
        }
        var ledger = new RollupLedger();
        var other = open(node + "-other");
        commit(other, 1, 50, ledger);
        killedHalfWay(open(node));
        open(node);
        write(other, 2, List.of(), drained(ledger), all.getFirst().sequence() + 49);
        assertThat(kept()).isEqualTo(expected());
    }

    private SqlJournal open(String name) {
        return SqlJournal.open(database, name, 0, random.split());
    }

    /// Some kept under the mark, of one device some kept above it (somebody asked), the rest not at
    /// all.
    private void killedHalfWay(SqlJournal journal) {
        var ledger = new RollupLedger();
        commit(journal, 1, 100, ledger);
        write(journal, 2, List.of(), drained(ledger), all.getLast().sequence());
        commit(journal, 3, 100, ledger);
        write(journal, 4, List.of(), ledger.take(devices.getFirst()), 0);
        commit(journal, 5, 100, ledger);
    }

    static List<Rollup> drained(RollupLedger ledger) {
        var all = new ArrayList<Rollup>();
        while (!ledger.isEmpty()) {
            all.addAll(ledger.takeSome(ledger.size()));
        }
        return all;
    }

    private void commit(SqlJournal journal, long number, int count, RollupLedger ledger) {
        journal.commit(
                number,
                tx -> {
                    var first = tx.reserveSnapshots(count);
                    var facts = new ArrayList<Fact>();
                    for (int i = 0; i < count; i++) {
                        var one = snapshot(first + i);
                        all.add(one);
                        ledger.add(one);
                        facts.add(new Fact.Reported(one, null));
                    }
                    tx.write(new Journal.Writes(facts, List.of(), List.of(), List.of(), 0, AT));
                });
    }

    private static void write(
            SqlJournal journal, long number, List<Fact> facts, List<Rollup> rollups, long upTo) {
        journal.commit(
                number,
                tx -> tx.write(new Journal.Writes(facts, List.of(), List.of(), rollups, upTo, AT)));
    }

    /// Mostly of these minutes, some of hours and days ago.
    private Snapshot snapshot(long sequence) {
        var ago = random.nextInt(5) == 0 ? random.nextInt(400_000) : random.nextInt(200);
        return new Snapshot(
                devices.get(random.nextInt(2)),
                AT.minusSeconds(ago).plusNanos(random.nextInt(1_000_000) * 1_000L),
                sequence,
                Document.of("t", Value.of(random.nextInt(1_000)))
                        .with("air", Document.of("humidity", Value.of(random.nextInt(100) / 4.0))),
                null);
    }

    private Map<List<Object>, Rollup> expected() {
        var model = new RollupLedger();
        all.stream()
                .sorted(
                        Comparator.comparing(Snapshot::timestamp)
                                .thenComparingLong(Snapshot::sequence))
                .forEach(model::add);
        return byKey(drained(model));
    }

    private Map<List<Object>, Rollup> kept() {
        var kept = new ArrayList<Rollup>();
        for (var device : devices) {
            for (var bucket : Bucket.values()) {
                for (var metric : List.of("t", "air.humidity")) {
                    kept.addAll(
                            database.read(
                                    "read",
                                    session ->
                                            session.sql(
                                                            """
                                                            SELECT * FROM reading_rollups
                                                            WHERE device_id = ? AND metric = ? AND bucket = ?
                                                            """)
                                                    .set(device.value())
                                                    .set(metric)
                                                    .set(bucket.word())
                                                    .list(row ->
                                                            RollupRows.read(
                                                                    device, metric, bucket, row))));
                }
            }
        }
        return byKey(kept);
    }

    private static Map<List<Object>, Rollup> byKey(List<Rollup> rollups) {
        var byKey = new HashMap<List<Object>, Rollup>();
        for (var one : rollups) {
            var start = Micros.toInstant(one.bucketStart());
            byKey.put(List.of(one.device(), one.metric(), one.bucket(), start), one);
        }
        return byKey;
    }
}
