package org.tethral.dispatch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.tethral.command.Dispatch;

/// That devices have received a command waits here a little before it is written: most answer right
/// after, and then one commit says all. Can be lost: nothing was promised to the device.
final class Receipts implements AutoCloseable {

    static final Duration HELD_FOR = Duration.ofMillis(100);

    static final int HELD_MAX = Routes.IN_FLIGHT_MAX;

    /// @param attempt that was received
    record Receipt(Dispatch.Key key, int attempt) {}

    /// Keeps a receipt; on any thread.
    interface Keeper {
        void keep(Receipt receipt);
    }

    private record Held(Receipt receipt, long dueNanos) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition filled = lock.newCondition();
    private final Map<Dispatch.Key, Held> held = new LinkedHashMap<>();
    private final Keeper keeper;
    private final Thread thread;

    Receipts(Keeper keeper) {
        this.keeper = keeper;
        this.thread = Thread.ofVirtual().name("command-receipts").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    void hold(Dispatch.Key key, int attempt) {
        var receipt = new Receipt(key, attempt);
        if (!held(receipt)) {
            keeper.keep(receipt);
        }
    }

    private boolean held(Receipt receipt) {
        lock.lock();
        try {
            if (held.size() >= HELD_MAX) {
                return false;
            }
            held.remove(receipt.key()); // to be the last
            held.put(receipt.key(), new Held(receipt, System.nanoTime() + HELD_FOR.toNanos()));
            if (held.size() == 1) {
                filled.signal();
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// The dispatch has gone on: that it was received says nothing any more.
    void drop(Dispatch.Key key) {
        lock.lock();
        try {
            held.remove(key);
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            while (true) {
                awaitDue().forEach(keeper::keep);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<Receipt> awaitDue() throws InterruptedException {
        lock.lock();
        try {
            var due = List.<Receipt>of();
            while (due.isEmpty()) {
                if (held.isEmpty()) {
                    filled.await();
                } else {
                    var first = held.values().iterator().next();
                    var _ = filled.awaitNanos(first.dueNanos() - System.nanoTime());
                }
                due = take(System.nanoTime());
            }
            return due;
        } finally {
            lock.unlock();
        }
    }

    private List<Receipt> take(long nowNanos) {
        var due = new ArrayList<Receipt>();
        var each = held.values().iterator();
        while (each.hasNext()) {
            var one = each.next();
            if (one.dueNanos() - nowNanos > 0) {
                break;
            }
            due.add(one.receipt());
            each.remove();
        }
        return due;
    }

    /// Keeps at once what it holds.
    @Override
    public void close() {
        thread.interrupt();
        lock.lock();
        try {
            held.values().forEach(one -> keeper.keep(one.receipt()));
            held.clear();
        } finally {
            lock.unlock();
        }
    }
}
