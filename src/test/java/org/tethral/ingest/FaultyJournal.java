package org.tethral.ingest;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.command.Dispatch;
import org.tethral.device.DeviceId;
import org.tethral.device.Status;
import org.tethral.event.Event;
import org.tethral.kernel.Document;
import org.tethral.kernel.StorageException;
import org.tethral.kernel.Value;
import org.tethral.state.Bucket;
import org.tethral.state.Rollup;
import org.tethral.state.Snapshot;
import org.tethral.state.StateChange;
import org.tethral.state.StateName;

/// A database in memory that fails as real ones do, as a seed commands: it goes away, refuses, is
/// overtaken by another writer, or commits and loses the answer. What is committed outlives the
/// lane.
final class FaultyJournal implements Journal {

    /// A value that it never takes.
    static final Value POISON = Value.of("poison");

    private static final Instant BEGINNING = Instant.parse("2026-01-01T00:00:00Z");

    record RollupKey(DeviceId device, String metric, Bucket bucket, long start) {}

    final Map<DeviceId, Situation> situations = new TreeMap<>();
    final List<Snapshot> snapshots = new ArrayList<>();
    final List<StateChange> changes = new ArrayList<>();
    final List<Event.Logged> events = new ArrayList<>();
    final Map<RollupKey, Rollup> rollups = new HashMap<>();
    private final Map<Dispatch.Key, Dispatch> dispatches = new HashMap<>();
    private final Map<Receipt, Long> receipts = new HashMap<>();
    private final SplittableRandom random;
    private final double faults;
    private long committed;
    private long nextSnapshot = 1;
    private long nextEvent = 1;
    private int away;
    long rolledUpTo;

    /// @param faults the share of commits that meet one
    FaultyJournal(SplittableRandom random, double faults) {
        this.random = random;
        this.faults = faults;
    }

    void register(DeviceId device, boolean enabled) {
        situations.put(
                device,
                new Situation(
                        device,
                        CommunityId.DEFAULT,
                        enabled,
                        Duration.ofSeconds(90),
                        new Situation.Presence(Status.UNKNOWN, null, null, null),
                        new Situation.Values(
                                StateName.UNKNOWN,
                                BEGINNING,
                                BEGINNING,
                                Document.EMPTY,
                                0,
                                Document.EMPTY,
                                0,
                                Document.EMPTY,
                                0)));
    }

    /// Somebody else writes to the device's row.
    private void overtake() {
        situations.replaceAll((_, situation) ->
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
        var draft = new Draft();
        work.accept(draft);
        if (fault == 2) {
            throw unavailable("lost in the transaction");
        }
        if (draft.writes != null) {
            check(draft.writes);
            apply(draft.writes);
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
            var kept = situations.get(change.before().device());
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
        for (var fact : writes.facts()) {
            switch (fact) {
                case Fact.Reported(var snapshot, _) -> {
                    snapshots.add(snapshot);
                    if (snapshot.messageId() != null) {
                        var known =
                                receipts.put(
                                        new Receipt(snapshot.device(), snapshot.messageId()),
                                        snapshot.sequence());
                        if (known != null) {
                            throw new AssertionError("stored twice: " + snapshot);
                        }
                    }
                }
                case Fact.StateMoved(var change, _) -> changes.add(change);
                case Fact.Happened(_, var logged) -> events.add(logged);
                case Fact.DispatchMoved(_, var after, _) -> dispatches.put(after.key(), after);
                case Fact.Linked _, Fact.DesiredChanged _, Fact.Configured _ -> {}
            }
        }
        writes.changes().forEach(change -> situations.put(change.after().device(), change.after()));
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

    private final class Draft implements Transaction {

        private @Nullable Writes writes;

        @Override
        public Map<DeviceId, Situation> situations(Collection<DeviceId> devices) {
            var found = new HashMap<>(situations);
            found.keySet().retainAll(devices);
            return found;
        }

        @Override
        public Map<Receipt, Long> receipts(Collection<Receipt> wanted) {
            var found = new HashMap<>(receipts);
            found.keySet().retainAll(wanted);
            return found;
        }

        @Override
        public Map<Dispatch.Key, Dispatch> dispatches(Collection<Dispatch.Key> keys) {
            var known = new HashMap<Dispatch.Key, Dispatch>();
            for (var key : keys) {
                var dispatch = dispatches.get(key);
                if (dispatch != null) {
                    known.put(key, dispatch);
                }
            }
            return known;
        }

        @Override
        public Map<String, Long> events(Collection<String> eventIds) {
            var found = new HashMap<String, Long>();
            for (var logged : events) {
                if (eventIds.contains(logged.event().id())) {
                    found.put(logged.event().id(), logged.sequence());
                }
            }
            return found;
        }

        @Override
        public long reserveSnapshots(int count) {
            var first = nextSnapshot;
            nextSnapshot += count;
            return first;
        }

        @Override
        public long[] reserveEvents(int count) {
            var numbers = new long[count];
            for (int i = 0; i < count; i++) {
                numbers[i] = nextEvent++;
            }
            return numbers;
        }

        @Override
        public void write(Writes all) {
            writes = all;
        }
    }
}
