package org.tethral.ingest;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.command.Dispatch;
import org.tethral.device.DeviceId;
import org.tethral.device.Status;
import org.tethral.kernel.Document;
import org.tethral.state.Latest;
import org.tethral.state.StateName;

/// What a journal in memory has committed: as much as a lane reads again.
final class MemoryTables {

    static final Duration OFFLINE_AFTER = Duration.ofSeconds(90);
    private static final Instant BEGINNING = Instant.parse("2026-01-01T00:00:00Z");

    final Map<DeviceId, Situation> situations = new TreeMap<>();
    final Map<Dispatch.Key, Dispatch> dispatches = new HashMap<>();
    private final Map<Receipt, Long> receipts = new HashMap<>();
    private final Map<String, Long> events = new HashMap<>();
    private long nextSnapshot = 1;
    private long nextEvent = 1;

    /// Makes a device known, never heard of.
    void register(DeviceId device, boolean enabled) {
        var values =
                new Situation.Values(
                        StateName.UNKNOWN,
                        BEGINNING,
                        BEGINNING,
                        Latest.NOTHING,
                        0,
                        Document.EMPTY,
                        0,
                        Document.EMPTY,
                        0);
        situations.put(
                device,
                new Situation(
                        device,
                        CommunityId.DEFAULT,
                        enabled,
                        OFFLINE_AFTER,
                        new Situation.Presence(Status.UNKNOWN, null, null, null),
                        values));
    }

    /// Commits, and fails the test when a message is stored for the second time.
    void commit(Journal.Writes writes) {
        for (var fact : writes.facts()) {
            switch (fact) {
                case Fact.Reported(var snapshot, _) when snapshot.messageId() != null -> {
                    var receipt = new Receipt(snapshot.device(), snapshot.messageId());
                    if (receipts.put(receipt, snapshot.sequence()) != null) {
                        throw new AssertionError("stored twice: " + snapshot);
                    }
                }
                case Fact.Happened(_, var logged) ->
                        events.put(logged.event().id(), logged.sequence());
                case Fact.DispatchMoved(_, var after, _) ->
                        dispatches.put(after.key(), after.written());
                case Fact.Reported _,
                        Fact.StateMoved _,
                        Fact.Linked _,
                        Fact.DesiredChanged _,
                        Fact.Configured _ -> {}
            }
        }
        writes.changes().forEach(change -> situations.put(change.after().device(), change.after()));
    }

    /// Reads what is committed; what it writes counts when its journal commits it.
    final class Draft implements Journal.Transaction {

        private Journal.@Nullable Writes writes;

        /// Null: nothing was written.
        Journal.@Nullable Writes writes() {
            return writes;
        }

        @Override
        public Map<DeviceId, Situation> situations(Collection<DeviceId> devices) {
            return known(situations, devices);
        }

        @Override
        public Map<Receipt, Long> receipts(Collection<Receipt> wanted) {
            return known(receipts, wanted);
        }

        @Override
        public Map<Dispatch.Key, Dispatch> dispatches(Collection<Dispatch.Key> keys) {
            return known(dispatches, keys);
        }

        @Override
        public Map<String, Long> events(Collection<String> eventIds) {
            return known(events, eventIds);
        }

        private static <K, V> Map<K, V> known(Map<K, V> all, Collection<K> wanted) {
            var found = new HashMap<K, V>();
            for (var key : wanted) {
                var value = all.get(key);
                if (value != null) {
                    found.put(key, value);
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
        public void write(Journal.Writes all) {
            writes = all;
        }
    }
}
