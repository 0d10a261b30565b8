package org.tethral.ingest;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tethral.device.DeviceId;
import org.tethral.state.Bucket;
import org.tethral.state.Rollup;
import org.tethral.state.RollupLedger;

/// Roll-ups of what a lane committed, on their way into the database: gathered for a minute, then
/// written in portions beside the messages of the next commits, so that no commit waits long for
/// them.
///
/// What is lost with the process is made again from the snapshots above the mark: see
/// [Journal.Writes#rolledUpTo].
final class UnkeptRollups {

    static final Duration KEPT_EVERY = Duration.ofSeconds(60);

    /// Three metrics of 100,000 devices, about 60 MB: each of their minutes is written once. A
    /// fleet that reports more is written before the minute is over, several times a minute.
    static final int MINUTES_GATHERED_MAX = 300_000;

    /// So many snapshots are gone through again after a crash, at the most.
    static final int SNAPSHOTS_GATHERED_MAX = 500_000;

    /// More only where more comes in: see [#perCommit].
    static final int ROLLUPS_PER_COMMIT_MAX = 2_000;

    /// A minute is written as itself, and with its hour and its day.
    private static final int ROLLUPS_PER_MINUTE_MAX = Bucket.values().length;

    /// What one commit writes of them.
    ///
    /// @param upTo the mark that holds with it, 0: the one before
    record Portion(List<Rollup> rollups, long upTo) {

        static final Portion NONE = new Portion(List.of(), 0);

        boolean isEmpty() {
            return rollups.isEmpty() && upTo == 0;
        }
    }

    private record Key(DeviceId device, String metric, Bucket bucket, long start) {
        static Key of(Rollup rollup) {
            return new Key(rollup.device(), rollup.metric(), rollup.bucket(), rollup.bucketStart());
        }
    }

    private RollupLedger ledger = new RollupLedger();
    private RollupLedger leaving = new RollupLedger();
    private List<Rollup> handedOut = List.of(); // in a portion, and not known to be kept
    private long leavingUpTo;
    private long gatheredUpTo;
    private long markedUpTo;
    private boolean markHeld;
    private final int rollupsPerCommit;
    private int snapshots;
    private int minutesBefore;
    private long dueNanos;

    UnkeptRollups(long nowNanos) {
        this(nowNanos, ROLLUPS_PER_COMMIT_MAX);
    }

    UnkeptRollups(long nowNanos, int rollupsPerCommit) {
        this.rollupsPerCommit = rollupsPerCommit;
        dueNanos = nowNanos + KEPT_EVERY.toNanos();
    }

    void gather(Collection<Fact> facts) {
        for (var fact : facts) {
            if (fact instanceof Fact.Reported(var snapshot, _)) {
                ledger.add(snapshot);
                snapshots++;
                gatheredUpTo = Math.max(gatheredUpTo, snapshot.sequence());
            }
        }
    }

    /// Until the next portion is due; 0 when it is.
    long waitNanos(long nowNanos) {
        return leaving.isEmpty()
                        && handedOut.isEmpty()
                        && ledger.size() <= MINUTES_GATHERED_MAX
                        && snapshots <= SNAPSHOTS_GATHERED_MAX
                ? Math.max(0, dueNanos - nowNanos)
                : 0;
    }

    /// All are due now.
    void hurry(long nowNanos) {
        dueNanos = nowNanos;
    }

    /// What the next commit is to write: of these devices everything, and what the one before did
    /// not get written.
    Portion next(long nowNanos, Set<DeviceId> settled) {
        if (leaving.isEmpty() && handedOut.isEmpty() && waitNanos(nowNanos) == 0) {
            leaving = ledger;
            leavingUpTo = gatheredUpTo;
            ledger = new RollupLedger();
            snapshots = 0;
            dueNanos = nowNanos + KEPT_EVERY.toNanos();
        }
        var perCommit = perCommit();
        var rollups = new LinkedHashMap<Key, Rollup>();
        merge(rollups, handedOut);
        for (var device : settled) {
            merge(rollups, leaving.take(device));
            merge(rollups, ledger.take(device));
        }
        while (rollups.size() < perCommit && !leaving.isEmpty()) {
            merge(rollups, leaving.takeSome(perCommit - rollups.size()));
        }
        handedOut = List.copyOf(rollups.values());
        var marks = leaving.isEmpty() && leavingUpTo > markedUpTo && !markHeld;
        return new Portion(handedOut, marks ? leavingUpTo : 0);
    }

    private static void merge(Map<Key, Rollup> rollups, List<Rollup> later) {
        later.forEach(rollup -> rollups.merge(Key.of(rollup), rollup, Rollup::merged));
    }

    /// Whoever sends a history fills minutes faster than they are written by the usual portion:
    /// then each commit pays for what came in since the one before, so that what leaves has left
    /// before as much is gathered again.
    private int perCommit() {
        var come = Math.max(0, ledger.size() - minutesBefore);
        minutesBefore = ledger.size();
        return Math.max(rollupsPerCommit, ROLLUPS_PER_MINUTE_MAX * come);
    }

    int minutesGathered() {
        return ledger.size();
    }

    /// That portion is committed.
    void kept(Portion portion) {
        handedOut = List.of();
        markedUpTo = Math.max(markedUpTo, portion.upTo());
    }

    /// The database will not take the portion that was handed out: it is left out, and the mark
    /// stays where it is, so that the next start makes these roll-ups again.
    void giveUp() {
        handedOut = List.of();
        markHeld = true;
    }
}
