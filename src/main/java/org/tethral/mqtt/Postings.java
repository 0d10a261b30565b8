package org.tethral.mqtt;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.locks.ReentrantLock;
import org.tethral.broker.SessionChange;
import org.tethral.ingest.Ingest;
import org.tethral.ingest.Posting;

/// The way of session changes into the commit, in their order. What the queue has no room for waits
/// here; who brought it is told, and brings no more until there is room. Thread-safe.
final class Postings {

    private record Waiting(Posting.Sessions posting, int bytes, Ingest.Reply reply) {}

    private final Ingest ingest;
    private final ReentrantLock lock = new ReentrantLock();
    private final Queue<Waiting> backlog = new ArrayDeque<>();
    private List<Runnable> relieved = new ArrayList<>();

    Postings(Ingest ingest) {
        this.ingest = ingest;
    }

    /// Takes the changes in any case. False: bring no more until [#whenRoom].
    boolean post(List<SessionChange> changes, int bytes, Ingest.Reply reply) {
        var posting = new Posting.Sessions(changes);
        lock.lock();
        try {
            if (backlog.isEmpty() && ingest.post(posting, bytes, reply)) {
                return true;
            }
            backlog.add(new Waiting(posting, bytes, reply));
            if (backlog.size() == 1) {
                ingest.whenRoomToPost(posting, this::again);
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    boolean full() {
        lock.lock();
        try {
            return !backlog.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /// Runs the action when there is room, on any thread; at once if there is.
    void whenRoom(Runnable action) {
        lock.lock();
        try {
            if (!backlog.isEmpty()) {
                relieved.add(action);
                return;
            }
        } finally {
            lock.unlock();
        }
        action.run();
    }

    private void again() {
        List<Runnable> told;
        lock.lock();
        try {
            for (var next = backlog.peek(); next != null; next = backlog.peek()) {
                if (!ingest.post(next.posting(), next.bytes(), next.reply())) {
                    ingest.whenRoomToPost(next.posting(), this::again);
                    return;
                }
                backlog.remove();
            }
            told = relieved;
            relieved = new ArrayList<>();
        } finally {
            lock.unlock();
        }
        told.forEach(Runnable::run);
    }
}
