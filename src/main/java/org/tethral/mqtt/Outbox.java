package org.tethral.mqtt;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What other threads have for the connections of one event loop. It is gathered, and the loop is
/// woken once for all of it: a commit of thousands of messages is one wake-up, not thousands.
///
/// Bounded by what its users bound: unanswered messages, and one entry per connection for
/// everything else.
final class Outbox {

    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);

    private final ReentrantLock lock = new ReentrantLock();
    private final Executor loop;
    private final Runnable afterwards;
    private List<Runnable> entries = new ArrayList<>();
    private List<Runnable> spare = new ArrayList<>();
    private boolean rung;

    /// @param loop runs what it is given on the event loop
    /// @param afterwards runs on the loop when all that was gathered has run
    Outbox(Executor loop, Runnable afterwards) {
        this.loop = loop;
        this.afterwards = afterwards;
    }

    /// To be run on the loop after the next [#ring].
    void add(Runnable entry) {
        lock.lock();
        try {
            entries.add(entry);
        } finally {
            lock.unlock();
        }
    }

    void ring() {
        lock.lock();
        try {
            if (entries.isEmpty() || rung) {
                return;
            }
            rung = true;
        } finally {
            lock.unlock();
        }
        try {
            loop.execute(this::empty);
        } catch (RejectedExecutionException e) {
            LOG.atDebug().log("event loop has ended");
        }
    }

    void addAndRing(Runnable entry) {
        add(entry);
        ring();
    }

    private void empty() {
        List<Runnable> taken;
        lock.lock();
        try {
            taken = entries;
            entries = spare;
            rung = false;
        } finally {
            lock.unlock();
        }
        for (var entry : taken) {
            try {
                entry.run();
            } catch (RuntimeException e) {
                LOG.atError().setCause(e).log("a connection could not be served");
            }
        }
        taken.clear();
        spare = taken;
        afterwards.run();
    }
}
