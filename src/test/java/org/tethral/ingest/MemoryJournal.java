package org.tethral.ingest;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.command.Dispatch;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.DeviceId;
import org.tethral.kernel.StorageException;

/// A journal in memory for tests: keeps what is committed, and holds commits back or fails them on
/// command. A commit that fails leaves nothing behind. Roll-ups are not kept. May be watched from
/// any thread while a lane uses it.
public final class MemoryJournal implements Journal {

    /// Where a commit that is to fail does so.
    public enum Failure {
        /// Nothing is stored.
        BEFORE_COMMIT,
        /// All is stored, but the answer is lost.
        AFTER_COMMIT
    }

    private final MemoryTables tables = new MemoryTables();
    private final List<Fact> facts = new ArrayList<>();
    private final List<Integer> commits = new ArrayList<>();
    private boolean keepingFacts = true;
    private boolean held;
    private int waiting;
    private int failures;
    private Failure failure = Failure.BEFORE_COMMIT;
    private StorageException.Cause cause = StorageException.Cause.UNAVAILABLE;
    private Predicate<Fact> poison = _ -> false;
    private long lastCommitted;
    private long reports;
    private boolean closed;

    /// Makes a device known, enabled and never heard of.
    public synchronized ConnectingDevice register(String id) {
        return register(new DeviceId(id), true);
    }

    public synchronized ConnectingDevice register(DeviceId id, boolean enabled) {
        tables.register(id, enabled);
        return new ConnectingDevice(
                id,
                CommunityId.DEFAULT,
                enabled,
                Duration.ofSeconds(30),
                MemoryTables.OFFLINE_AFTER);
    }

    public synchronized void remove(DeviceId id) {
        tables.situations.remove(id);
    }

    /// From now on commits wait until [#release].
    public synchronized void hold() {
        held = true;
    }

    /// How many commits wait.
    public synchronized int held() {
        return waiting;
    }

    public synchronized void release() {
        held = false;
        notifyAll();
    }

    /// The next commits fail.
    public synchronized void failNext(int times, Failure where, StorageException.Cause why) {
        failures = times;
        failure = where;
        cause = why;
    }

    /// Commits with such a fact are refused, as by a database that can never take it.
    public synchronized void refuse(Predicate<Fact> what) {
        poison = what;
    }

    /// For long runs: facts are counted, not kept.
    public synchronized void forgetFacts() {
        keepingFacts = false;
    }

    /// A command is under way, as if it had been issued.
    public synchronized void add(Dispatch dispatch) {
        tables.dispatches.put(dispatch.key(), dispatch);
    }

    public synchronized Optional<Dispatch> dispatch(Dispatch.Key key) {
        return Optional.ofNullable(tables.dispatches.get(key));
    }

    public synchronized List<Dispatch> dispatches(DeviceId device) {
        return tables.dispatches.values().stream()
                .filter(one -> one.device().equals(device))
                .toList();
    }

    /// All committed facts, in their order.
    public synchronized List<Fact> facts() {
        return List.copyOf(facts);
    }

    public synchronized <T extends Fact> List<T> facts(Class<T> kind) {
        return facts.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /// Committed snapshots.
    public synchronized long reports() {
        return reports;
    }

    /// Facts per commit.
    public synchronized List<Integer> commits() {
        return List.copyOf(commits);
    }

    public synchronized Optional<Situation> situation(DeviceId device) {
        return Optional.ofNullable(tables.situations.get(device));
    }

    public synchronized boolean closed() {
        return closed;
    }

    @Override
    public synchronized boolean commit(long number, Consumer<Transaction> work) {
        while (held) {
            await();
        }
        if (number == lastCommitted) {
            return false;
        }
        if (number != lastCommitted + 1) {
            throw new AssertionError("commit " + number + " after " + lastCommitted);
        }
        var failing = failures > 0;
        if (failing) {
            failures--;
            if (failure == Failure.BEFORE_COMMIT) {
                throw new StorageException(cause, "commit " + number + " (on command)");
            }
        }
        var draft = tables.new Draft();
        work.accept(draft);
        apply(draft.writes());
        lastCommitted = number;
        if (failing) {
            throw new StorageException(cause, "commit " + number + ": answer lost (on command)");
        }
        return true;
    }

    private void apply(@Nullable Writes writes) {
        if (writes == null) {
            return;
        }
        if (writes.facts().stream().anyMatch(poison)) {
            throw new StorageException(StorageException.Cause.REFUSED, "write (on command)");
        }
        tables.commit(writes);
        for (var fact : writes.facts()) {
            reports += fact instanceof Fact.Reported ? 1 : 0;
        }
        if (keepingFacts) {
            facts.addAll(writes.facts());
            commits.add(writes.facts().size());
        }
    }

    @SuppressWarnings("WaitNotInLoop") // the callers loop
    private void await() {
        waiting++;
        try {
            wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            held = false;
            throw new StorageException(StorageException.Cause.UNAVAILABLE, "wait for release", e);
        } finally {
            waiting--;
        }
    }

    @Override
    public synchronized long lastCommitted() {
        return lastCommitted;
    }

    @Override
    public synchronized void close() {
        closed = true;
    }
}
