package org.tethral.event;

import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.kernel.StorageException;

/// Looks whether there is something to do, on a thread of its own: when it is rung for, and from
/// time to time. A database that is away or a fault does not end it; the log tells of the first in
/// a row.
public final class Lookout implements AutoCloseable {

    @FunctionalInterface
    public interface Round {
        /// @return true: more waits, so that it is called again at once
        boolean look() throws InterruptedException;
    }

    private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(5);
    private static final Logger LOG = LoggerFactory.getLogger(Lookout.class);

    private final String name;
    private final Duration every;
    private final Round round;
    private final Consumer<RuntimeException> failed;
    private final Bell bell = new Bell();
    private final Thread thread;
    private volatile boolean over;

    /// @param name of its thread, and in the log
    /// @param failed hears of each round that threw; must not throw
    public Lookout(String name, Duration every, Round round, Consumer<RuntimeException> failed) {
        this.name = name;
        this.every = every;
        this.round = round;
        this.failed = failed;
        this.thread = Thread.ofVirtual().name(name).unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    /// There may be something. On any thread; returns at once.
    public void ring() {
        bell.ring();
    }

    /// It was told to end.
    public boolean isOver() {
        return over;
    }

    private void run() {
        var told = false;
        try {
            while (!over) {
                var rings = bell.rings();
                var more = false;
                try {
                    more = round.look();
                    told = false;
                } catch (RuntimeException e) {
                    failed.accept(e);
                    if (!told) {
                        tell(e);
                    }
                    told = true;
                    rings = bell.rings(); // news does not make it better
                }
                if (!more) {
                    bell.await(rings, every);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tell(RuntimeException failure) {
        switch (failure) {
            case StorageException e ->
                    LOG.atWarn()
                            .addKeyValue("lookout", name)
                            .addKeyValue("reason", e.getMessage())
                            .log("the database is away; trying again");
            default ->
                    LOG.atError()
                            .addKeyValue("lookout", name)
                            .setCause(failure)
                            .log("a round ended by a fault; the next one begins anew");
        }
    }

    /// No round begins any more. Returns at once.
    public void end() {
        over = true;
        bell.ring();
    }

    /// Ends it, and returns when the last round is over, or is not within 5 s.
    @Override
    public void close() {
        end();
        try {
            thread.join(CLOSE_WAIT_MAX);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
