package org.tethral.ingest;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
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
    static final int MINUTES_GATHERED_MAX = 50_000;

    /// So many snapshots are gone through again after a crash, at the most.
    static final int SNAPSHOTS_GATHERED_MAX = 500_000;

    /// More only where more comes in: see [#perCommit].
    static final int ROLLUPS_PER_COMMIT_MAX = 2_000;

    /// A minute is written as itself, and with its hour and its day.
    private static final int ROLLUPS_PER_MINUTE_MAX = Bucket.values().length;

    /// What one commit writes of them.
    ///
    /// @param upTo the mark that holds with it, 0: the one before
    /// @param rest what is still to be written after it
    record Portion(List<Rollup> rollups, long upTo, Set<DeviceId> settled, List<Rollup> rest) {

        static final Portion NONE = new Portion(List.of(), 0, Set.of(), List.of());

        boolean isEmpty() {
            return rollups.isEmpty() && upTo == 0;
        }
    }

    private record Key(DeviceId device, String metric, Bucket bucket, long start) {
        static Key of(Rollup rollup) {
            return new Key(rollup.device(), rollup.metric(), rollup.bucket(), rollup.bucketStart());
        }
    }

    private final RollupLedger ledger = new RollupLedger();
    private List<Rollup> leaving = List.of();
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
                        && ledger.size() <= MINUTES_GATHERED_MAX
                        && snapshots <= SNAPSHOTS_GATHERED_MAX
                ? Math.max(0, dueNanos - nowNanos)
                : 0;
    }

    /// All are due now.
    void hurry(long nowNanos) {
        dueNanos = nowNanos;
    }

    /// What the next commit is to write: of these devices everything.
    Portion next(long nowNanos, Set<DeviceId> settled) {
        if (leaving.isEmpty() && waitNanos(nowNanos) == 0) {
            leaving = ledger.all();
            leavingUpTo = gatheredUpTo;
            ledger.clear();
            snapshots = 0;
            dueNanos = nowNanos + KEPT_EVERY.toNanos();
        }
        var perCommit = perCommit();
        if (leaving.isEmpty() && settled.isEmpty()) {
            return leavingUpTo > markedUpTo && !markHeld
                    ? new Portion(List.of(), leavingUpTo, Set.of(), List.of())
                    : Portion.NONE;
        }
        var rollups = new LinkedHashMap<Key, Rollup>();
        var rest = new ArrayList<Rollup>();
        for (var rollup : leaving) {
            if (settled.contains(rollup.device()) || rollups.size() < perCommit) {
                rollups.put(Key.of(rollup), rollup);
            } else {
                rest.add(rollup);
            }
        }
        for (var device : settled) {
            ledger.of(device)
                    .forEach(rollup -> rollups.merge(Key.of(rollup), rollup, Rollup::merged));
        }
        return new Portion(
                List.copyOf(rollups.values()),
                rest.isEmpty() && leavingUpTo > markedUpTo && !markHeld ? leavingUpTo : 0,
                Set.copyOf(settled),
                rest);
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
        leaving = portion.rest();
        portion.settled().forEach(ledger::clear);
        markedUpTo = Math.max(markedUpTo, portion.upTo());
    }

    /// The database will not take that portion: it is left out, and the mark stays where it is, so
    /// that the next start makes these roll-ups again.
    void giveUp(Portion portion) {
        markHeld = true;
        kept(new Portion(List.of(), 0, portion.settled(), portion.rest()));
    }
}
