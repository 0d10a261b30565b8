package org.tethral.mqtt;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Work that may block, off the event loops: each on a virtual thread of its own, some at a time,
/// in their order.
final class Lookups implements AutoCloseable {

    /// How many reads run at once: more would only wait for the database.
    static final int READS_RUNNING_MAX = 16;

    /// How many may wait. All devices of a node may come back at once.
    static final int WAITING_MAX = 50_000;

    private static final Logger LOG = LoggerFactory.getLogger(Lookups.class);

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore running;
    private final AtomicInteger present = new AtomicInteger();

    Lookups(int runningMax) {
        this.running = new Semaphore(runningMax, true);
    }

    /// Of both kinds: that run, and that wait.
    int present() {
        return present.get();
    }

    /// False: too many wait already, it will not run.
    boolean start(Runnable work) {
        if (present.incrementAndGet() > WAITING_MAX) {
            present.decrementAndGet();
            return false;
        }
        try {
            threads.execute(() -> run(work));
            return true;
        } catch (RejectedExecutionException e) {
            present.decrementAndGet();
            return false;
        }
    }

    private void run(Runnable work) {
        try {
            running.acquire();
            try {
                work.run();
            } finally {
                running.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closing
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("a look-up failed");
        } finally {
            present.decrementAndGet();
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
