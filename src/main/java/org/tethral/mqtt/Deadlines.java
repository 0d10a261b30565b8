package org.tethral.mqtt;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is to be done at its time, unless it is taken back: the ends of sessions and their wills.
/// One or two for each session without a connection. Thread-safe.
final class Deadlines {

    private static final Logger LOG = LoggerFactory.getLogger(Deadlines.class);

    /// @param number in the order of making, to part those of the same time
    record Deadline(long nanos, long number, Runnable action) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final TreeSet<Deadline> due =
            new TreeSet<>(
                    Comparator.<Deadline>comparingLong(Deadline::nanos)
                            .thenComparingLong(Deadline::number));
    private long made;

    /// @param nanos of [System#nanoTime], which must not be further away than its range
    Deadline at(long nanos, Runnable action) {
        lock.lock();
        try {
            var deadline = new Deadline(nanos, made++, action);
            due.add(deadline);
            return deadline;
        } finally {
            lock.unlock();
        }
    }

    /// Nothing happens when its time has come already.
    void cancel(Deadline deadline) {
        lock.lock();
        try {
            due.remove(deadline);
        } finally {
            lock.unlock();
        }
    }

    /// Runs what is due.
    void run(long nanos) {
        var taken = new ArrayList<Deadline>();
        lock.lock();
        try {
            while (!due.isEmpty() && due.first().nanos() <= nanos) {
                taken.add(due.removeFirst());
            }
        } finally {
            lock.unlock();
        }
        for (var deadline : taken) {
            try {
                deadline.action().run();
            } catch (RuntimeException e) {
                LOG.atError().setCause(e).log("the end of a session failed");
            }
        }
    }
}
