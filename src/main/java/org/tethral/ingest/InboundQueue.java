package org.tethral.ingest;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// What waits for its commit. Bounded in messages and in bytes; many threads put in, one takes out.
final class InboundQueue {

    static final int QUEUE_LENGTH_MAX = 32_768;
    static final long QUEUE_BYTES_MAX = 32L * 1024 * 1024;

    /// What is held for a message beside its bytes, roughly.
    private static final int OVERHEAD_BYTES = 256;

    record Entry(Submission submission, int bytes, Ingest.Reply reply, long offeredNanos) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition filled = lock.newCondition();
    private List<Entry> entries = new ArrayList<>();
    private List<Runnable> waitingForRoom = new ArrayList<>();
    private long bytes;
    private boolean closed;
    private boolean rung;

    boolean offer(Submission submission, int size, Ingest.Reply reply) {
        lock.lock();
        try {
            if (closed || entries.size() >= QUEUE_LENGTH_MAX || bytes >= QUEUE_BYTES_MAX) {
                return false;
            }
            entries.add(new Entry(submission, size, reply, System.nanoTime()));
            bytes += size + OVERHEAD_BYTES;
            if (entries.size() == 1) {
                filled.signal();
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Waits until there is something, or the time is over, or somebody rings; takes up to `max`,
    /// oldest first, and no more than `bytesMax` unless a single one is larger.
    List<Entry> take(int max, long bytesMax, long timeoutNanos) throws InterruptedException {
        lock.lock();
        try {
            var left = timeoutNanos;
            while (entries.isEmpty() && !closed && !rung && left > 0) {
                left = filled.awaitNanos(left);
            }
            rung = false;
            if (entries.size() <= max && bytes <= bytesMax) {
                var taken = entries;
                entries = new ArrayList<>(taken.size());
                bytes = 0;
                return taken;
            }
            return takeSome(max, bytesMax);
        } finally {
            lock.unlock();
        }
    }

    private List<Entry> takeSome(int max, long bytesMax) {
        var count = 0;
        var takenBytes = 0L;
        while (count < Math.min(max, entries.size())) {
            var next = entries.get(count).bytes() + OVERHEAD_BYTES;
            if (count > 0 && takenBytes + next > bytesMax) {
                break;
            }
            takenBytes += next;
            count++;
        }
        var head = entries.subList(0, count);
        var taken = new ArrayList<>(head);
        head.clear();
        bytes -= takenBytes;
        return taken;
    }

    /// Actions that wait for room, once there is: to be run by the caller.
    List<Runnable> relieved() {
        lock.lock();
        try {
            if (waitingForRoom.isEmpty()
                    || entries.size() > QUEUE_LENGTH_MAX / 2
                    || bytes > QUEUE_BYTES_MAX / 2) {
                return List.of();
            }
            var relieved = waitingForRoom;
            waitingForRoom = new ArrayList<>();
            return relieved;
        } finally {
            lock.unlock();
        }
    }

    void whenRoom(Runnable action) {
        lock.lock();
        try {
            waitingForRoom.add(action);
            rung = true;
            filled.signal();
        } finally {
            lock.unlock();
        }
    }

    void ring() {
        lock.lock();
        try {
            rung = true;
            filled.signal();
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return entries.size();
        } finally {
            lock.unlock();
        }
    }

    /// Takes nothing more; what is in it can still be taken out.
    void close() {
        lock.lock();
        try {
            closed = true;
            filled.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean closedAndEmpty() {
        lock.lock();
        try {
            return closed && entries.isEmpty();
        } finally {
            lock.unlock();
        }
    }
}
