package org.tethral.ingest;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.tethral.device.DeviceId;
import org.tethral.event.Event;
import org.tethral.kernel.StorageException;
import org.tethral.kernel.Value;
import org.tethral.state.Bucket;
import org.tethral.state.Rollup;
import org.tethral.state.Snapshot;
import org.tethral.state.StateChange;

/// A database in memory that fails as real ones do, as a seed commands: it goes away, refuses, is
/// overtaken by another writer, or commits and loses the answer. What is committed outlives the
/// lane.
final class FaultyJournal implements Journal {

    /// A value that it never takes.
    static final Value POISON = Value.of("poison");

    record RollupKey(DeviceId device, String metric, Bucket bucket, long start) {}

    private final MemoryTables tables = new MemoryTables();
    final List<Snapshot> snapshots = new ArrayList<>();
    final List<StateChange> changes = new ArrayList<>();
    final List<Event.Logged> events = new ArrayList<>();
    final Map<RollupKey, Rollup> rollups = new HashMap<>();
    private final SplittableRandom random;
    private final double faults;
    private long committed;
    private int away;
    long rolledUpTo;

    /// @param faults the share of commits that meet one
    FaultyJournal(SplittableRandom random, double faults) {
        this.random = random;
        this.faults = faults;
    }

    void register(DeviceId device, boolean enabled) {
        tables.register(device, enabled);
    }

    Map<DeviceId, Situation> situations() {
        return tables.situations;
    }

    /// Somebody else writes to the device's row.
    private void overtake() {
        tables.situations.replaceAll((_, situation) ->
                random.nextBoolean() ? situation.with(situation.values().written()) : situation);
    }

    @Override
    public boolean commit(long number, Consumer<Transaction> work) {
        if (away > 0) {
            away--;
            throw unavailable("away");
        }
        if (committed >= number) {
            return false;
        }
        var fault = random.nextDouble() < faults ? random.nextInt(4) : -1;
        switch (fault) {
            case 0 -> {
                away = random.nextInt(5);
                throw unavailable("lost before the commit");
            }
            case 1 -> overtake();
            default -> {}
        }
        var draft = tables.new Draft();
        work.accept(draft);
        if (fault == 2) {
            throw unavailable("lost in the transaction");
        }
        var writes = draft.writes();
        if (writes != null) {
            check(writes);
            apply(writes);
            committed = number;
        }
        if (fault == 3) {
            away = random.nextInt(3);
            throw unavailable("the answer to the commit was lost");
        }
        return true;
    }

    private static StorageException unavailable(String why) {
        return new StorageException(StorageException.Cause.UNAVAILABLE, why);
    }

    private void check(Writes writes) {
        for (var change : writes.changes()) {
            var kept = tables.situations.get(change.before().device());
            if (kept == null
                    || change.valuesChanged()
                            && kept.values().revision() != change.before().values().revision()) {
                throw new StorageException(StorageException.Cause.CONFLICT, "overtaken");
            }
        }
        for (var fact : writes.facts()) {
            if (fact instanceof Fact.Reported(var snapshot, _)
                    && snapshot.values().values().containsValue(POISON)) {
                throw new StorageException(StorageException.Cause.REFUSED, "poison");
            }
        }
    }

    private void apply(Writes writes) {
        tables.commit(writes);
        for (var fact : writes.facts()) {
            switch (fact) {
                case Fact.Reported(var snapshot, _) -> snapshots.add(snapshot);
                case Fact.StateMoved(var change, _) -> changes.add(change);
                case Fact.Happened(_, var logged) -> events.add(logged);
                case Fact.DispatchMoved _,
                        Fact.Linked _,
                        Fact.DesiredChanged _,
                        Fact.Configured _ -> {}
            }
        }
        for (var rollup : writes.rollups()) {
            rollups.merge(key(rollup), rollup, Rollup::merged);
        }
        rolledUpTo = Math.max(rolledUpTo, writes.rolledUpTo());
    }

    static RollupKey key(Rollup rollup) {
        return new RollupKey(
                rollup.device(), rollup.metric(), rollup.bucket(), rollup.bucketStart());
    }

    @Override
    public long lastCommitted() {
        return committed;
    }

    @Override
    public void close() {}
}
