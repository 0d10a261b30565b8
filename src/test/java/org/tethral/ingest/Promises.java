package org.tethral.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Value;
import org.tethral.state.Bucket;
import org.tethral.state.Readings;
import org.tethral.state.Rollup;
import org.tethral.state.Snapshot;
import org.tethral.state.StateName;

/// What must hold of the store and the answers together.
record Promises(FaultyJournal store, List<Sent> sent) {

    void all() {
        everyAnsweredReportIsThereOnce();
        snapshotsOfADeviceKeepItsOrder();
        stateHistoryJoinsUp();
        eventsAreThereOnce();
        documentsAreWhatTheReportsMake();
        rollupsAreExact();
    }

    void everyAnsweredReportIsThereOnce() {
        var bySequence = new HashMap<Long, Snapshot>();
        var numbers = new HashSet<Value>();
        for (var snapshot : store.snapshots) {
            must(bySequence.put(snapshot.sequence(), snapshot) == null, "sequence twice", snapshot);
            must(numbers.add(snapshot.values().find("n").orElseThrow()), "stored twice", snapshot);
        }
        for (var one : sent) {
            if (one.message instanceof Inbound.Report report && one.answer != null) {
                switch (one.answer) {
                    case Answer.Stored(var sequences) -> {
                        must(
                                sequences.size() == report.measurements().size(),
                                "a sequence each",
                                one);
                        for (int i = 0; i < sequences.size(); i++) {
                            var stored = bySequence.get(sequences.get(i));
                            must(
                                    stored != null
                                            && stored.values()
                                                    .equals(report.measurements().get(i).values()),
                                    "answered and not stored",
                                    report);
                        }
                    }
                    case Answer.UnknownDevice _ ->
                            assertThat(report.device().id().value()).isEqualTo("nobody");
                    case Answer.Unstorable _ ->
                            assertThat(report.measurements())
                                    .anyMatch(m ->
                                            m.values()
                                                    .values()
                                                    .containsValue(FaultyJournal.POISON));
                    case Answer.DisabledDevice _, Answer.VersionIsNow _, Answer.UnknownCommand _ ->
                            throw new AssertionError(one.answer);
                }
            }
        }
    }

    void snapshotsOfADeviceKeepItsOrder() {
        var last = new HashMap<DeviceId, Long>();
        for (var snapshot : store.snapshots) {
            var before = last.put(snapshot.device(), snapshot.sequence());
            must(before == null || before < snapshot.sequence(), "out of order", snapshot);
        }
        var answered = new HashMap<DeviceId, Long>();
        for (var one : sent) {
            if (one.message instanceof Inbound.Report report
                    && !one.again
                    && one.answer instanceof Answer.Stored(var sequences)) {
                for (int i = 0; i < sequences.size(); i++) {
                    var before = answered.put(report.device().id(), sequences.get(i));
                    must(before == null || before < sequences.get(i), "out of order", report);
                }
            }
        }
    }

    void stateHistoryJoinsUp() {
        var current = new HashMap<DeviceId, StateName>();
        for (var change : store.changes) {
            var from = current.put(change.device(), change.to());
            must(
                    change.from().equals(from == null ? StateName.UNKNOWN : from)
                            && !change.from().equals(change.to()),
                    "does not join up",
                    change);
        }
        store.situations()
                .forEach((device, situation) ->
                        assertThat(situation.values().current())
                                .isEqualTo(current.getOrDefault(device, StateName.UNKNOWN)));
    }

    void eventsAreThereOnce() {
        var ids = new HashSet<String>();
        var last = 0L;
        for (var logged : store.events) {
            must(ids.add(logged.event().id()), "told twice", logged);
            must(logged.sequence() > last, "out of order", logged);
            last = logged.sequence();
        }
        for (var one : sent) {
            if (one.message instanceof Inbound.EventReport report
                    && one.answer instanceof Answer.Stored(var sequences)) {
                assertThat(store.events)
                        .anyMatch(logged ->
                                logged.sequence() == sequences.getFirst()
                                        && logged.event().id().equals(report.event().id()));
            }
        }
    }

    void documentsAreWhatTheReportsMake() {
        var arrivals = new HashMap<Value, Instant>();
        for (var one : sent) {
            if (one.message instanceof Inbound.Report report) {
                report.measurements()
                        .forEach(m -> arrivals.put(number(m.values()), report.receivedAt()));
            }
        }
        for (var situation : store.situations().values()) {
            var placed = new ArrayList<Placed>();
            for (var snapshot : store.snapshots) {
                if (snapshot.device().equals(situation.device())) {
                    placed.add(placed(snapshot, arrivals.get(number(snapshot.values())), placed));
                }
            }
            var count = placed.size();
            placed.sort(Comparator.comparing(Placed::at)); // stable: then by arrival
            var reported = Document.EMPTY;
            for (var one : placed) {
                reported = reported.merged(one.values());
            }
            must(
                    situation.values().reported().equals(reported)
                            && situation.values().reportedVersion() == count,
                    "reported",
                    situation);
        }
    }

    private record Placed(Instant at, Document values) {}

    /// At its own time; without one, behind all that were there.
    private static Placed placed(Snapshot snapshot, Instant receivedAt, List<Placed> before) {
        var arrived = Micros.truncated(receivedAt);
        var own = Micros.truncated(snapshot.timestamp());
        var newest = arrived;
        for (var one : before) {
            newest = one.at().isAfter(newest) ? one.at() : newest;
        }
        var isSetBack = Duration.between(arrived, newest).compareTo(Duration.ofMinutes(1)) > 0;
        var late = own.isBefore(arrived) && !isSetBack;
        return new Placed(late ? own : newest, snapshot.values());
    }

    private static Value number(Document values) {
        return values.find("n").orElseThrow();
    }

    void rollupsAreExact() {
        must(store.rollups.equals(expected(Long.MAX_VALUE)), "roll-ups", store.rollups);
    }

    /// What a crash leaves: all that the mark says is in there, and nothing twice.
    void rollupsUpToTheMark() {
        var least = expected(store.rolledUpTo);
        var most = expected(Long.MAX_VALUE);
        least.forEach((key, rollup) -> {
            var kept = store.rollups.get(key);
            must(kept != null && kept.count() >= rollup.count(), "missing below the mark", rollup);
        });
        store.rollups.forEach((key, rollup) -> {
            var possible = most.get(key);
            must(possible != null && rollup.count() <= possible.count(), "counted twice", rollup);
        });
    }

    private static void must(boolean holds, String what, Object of) {
        if (!holds) {
            throw new AssertionError(what + ": " + of);
        }
    }

    private Map<FaultyJournal.RollupKey, Rollup> expected(long upTo) {
        var expected = new HashMap<FaultyJournal.RollupKey, Rollup>();
        for (var snapshot : store.snapshots) {
            if (snapshot.sequence() <= upTo) {
                rollups(snapshot)
                        .forEach(
                                one -> expected.merge(FaultyJournal.key(one), one, Rollup::merged));
            }
        }
        return expected;
    }

    static List<Rollup> rollups(Snapshot snapshot) {
        var all = new ArrayList<Rollup>();
        var at = Micros.of(snapshot.timestamp());
        Readings.forEach(
                snapshot.values(),
                (metric, value) -> {
                    for (var bucket : Bucket.values()) {
                        all.add(Rollup.of(snapshot.device(), metric, bucket, at, value));
                    }
                });
        return all;
    }
}
