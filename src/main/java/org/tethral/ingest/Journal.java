package org.tethral.ingest;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.command.Dispatch;
import org.tethral.device.DeviceId;
import org.tethral.state.Rollup;

/// One lane's way to the database: transactions that each carry many messages. Used by one thread.
public interface Journal extends AutoCloseable {

    /// Runs `work` in one transaction and commits it under `number` (rising by one from
    /// [#lastCommitted] + 1). Returns when it is durable. False: that number is committed already,
    /// by an attempt whose answer was lost; `work` was not run.
    ///
    /// @throws org.tethral.kernel.StorageException nothing is known to be committed; the kind says
    ///   what to do next
    boolean commit(long number, Consumer<Transaction> work);

    /// The number of the last commit of this lane, 0 before the first.
    long lastCommitted();

    @Override
    void close();

    interface Transaction {

        /// The situations of those devices that exist.
        Map<DeviceId, Situation> situations(Collection<DeviceId> devices);

        /// The snapshot sequences of those message ids that are known.
        Map<Receipt, Long> receipts(Collection<Receipt> receipts);

        /// The sequences of those events that are in the log.
        Map<String, Long> events(Collection<String> eventIds);

        /// Those of the dispatches that are there.
        Map<Dispatch.Key, Dispatch> dispatches(Collection<Dispatch.Key> dispatches);

        /// The first of `count` consecutive snapshot numbers, above all given before.
        long reserveSnapshots(int count);

        /// Rising event numbers, above all given before; those that are not used leave gaps.
        long[] reserveEvents(int count);

        void write(Writes writes);
    }

    /// @param changes one per device that changed, however many messages it sent
    /// @param rollups to be merged into those that are kept, see [Rollup]
    /// @param rolledUpTo all snapshots of this lane up to this number are in the kept roll-ups once
    ///   this is committed; 0: leave the mark where it is
    /// @param heard how many messages of devices these are, for the dashboard
    record Writes(
            List<Fact> facts,
            List<Posting> postings,
            List<Change> changes,
            Collection<Rollup> rollups,
            long rolledUpTo,
            List<Heard> heard,
            Instant at) {

        public Writes(
                List<Fact> facts,
                List<Posting> postings,
                List<Change> changes,
                Collection<Rollup> rollups,
                long rolledUpTo,
                Instant at) {
            this(facts, postings, changes, rollups, rolledUpTo, List.of(), at);
        }
    }

    /// So many messages of devices of that community said something that is kept.
    record Heard(@Nullable CommunityId community, long messages) {}

    /// @param overdueAt when the device is overdue if it is not heard of again; null while it is
    ///   offline
    record Change(Situation before, Situation after, @Nullable Instant overdueAt) {
        public boolean presenceChanged() {
            return !before.presence().equals(after.presence());
        }

        @SuppressWarnings("ReferenceEquality") // values that nothing was written to stay one object
        public boolean valuesChanged() {
            return before.values() != after.values();
        }

        /// Desired values or configuration.
        public boolean wantedChanged() {
            return before.values().desiredVersion() != after.values().desiredVersion()
                    || !before.values().configuration().equals(after.values().configuration());
        }
    }
}
