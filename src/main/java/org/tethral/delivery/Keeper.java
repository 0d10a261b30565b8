package org.tethral.delivery;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.kernel.StorageException;

/// Writes down the progress of all subscriptions, many in one commit. While the database is away it
/// keeps what it has and tries again.
final class Keeper implements AutoCloseable {

    /// Each subscription has one progress under way at most; of twice as many some may be ending.
    private static final int WAITING_MAX = 2 * Subscription.SUBSCRIPTIONS_MAX;

    /// What comes in so short a time is written together.
    private static final Duration GATHERED_FOR = Duration.ofMillis(20);

    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);

    enum Outcome {
        KEPT,
        /// Somebody else works on the subscription by now.
        LOST
    }

    private record Note(Progress progress, Consumer<Outcome> done) {}

    private final DeliveryStore store;
    private final BlockingQueue<Note> notes = new ArrayBlockingQueue<>(WAITING_MAX);
    private final Thread thread = Thread.ofVirtual().name("delivery-keeper").unstarted(this::run);
    private volatile Counts counts = Counts.NONE;
    private volatile boolean closed;

    Keeper(DeliveryStore store) {
        this.store = store;
    }

    void start() {
        thread.start();
    }

    /// @param done told on the keeper's thread: must return at once
    void keep(Progress progress, Consumer<Outcome> done) {
        notes.add(new Note(progress, done));
    }

    /// Of all progress that was written here.
    Counts counts() {
        return counts;
    }

    private void run() {
        try {
            var gathered = new ArrayList<Note>();
            while (!closed || !notes.isEmpty()) {
                var first = notes.poll(100, TimeUnit.MILLISECONDS);
                if (first == null) {
                    continue;
                }
                if (!closed) {
                    Thread.sleep(GATHERED_FOR);
                }
                gathered.add(first);
                notes.drainTo(gathered);
                write(gathered);
                gathered.clear();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write(List<Note> gathered) throws InterruptedException {
        var told = false;
        while (true) {
            try {
                var kept = counts;
                var lost = store.keep(gathered.stream().map(Note::progress).toList());
                for (var note : gathered) {
                    var isLost = lost.contains(note.progress().subscription());
                    if (!isLost) {
                        kept = kept.plus(note.progress().since());
                    }
                    note.done().accept(isLost ? Outcome.LOST : Outcome.KEPT);
                }
                counts = kept;
                return;
            } catch (StorageException e) {
                if (!told) {
                    LOG.atWarn()
                            .addKeyValue("reason", e.getMessage())
                            .log("progress of deliveries cannot be written; trying again");
                }
                told = true;
                if (closed) {
                    return; // what is not written is delivered again
                }
                Thread.sleep(PAUSE);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join(CLOSE_WAIT_MAX);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
