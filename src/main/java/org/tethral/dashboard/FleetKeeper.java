package org.tethral.dashboard;

import java.time.Duration;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.kernel.Routine;
import org.tethral.kernel.StorageException;

/// Keeps the fleet's counts short and right, on a thread of its own: sums up their changes, and
/// from time to time counts everything to see that both agree. Several nodes may do the same.
public final class FleetKeeper implements AutoCloseable {

    static final Duration LOOK_EVERY = Duration.ofSeconds(2);
    static final Duration COMPARED_EVERY = Duration.ofMinutes(10);

    /// Longer than an hour, which is what is shown.
    static final Duration MESSAGES_KEPT = Duration.ofHours(2);

    /// In one transaction.
    static final int SUMMED_UP_MAX = 5_000;

    private static final Logger LOG = LoggerFactory.getLogger(FleetKeeper.class);

    private final FleetStore store;
    private final InstantSource clock;
    private final Routine looking =
            new Routine("fleet-counts", LOOK_EVERY, this::look, FleetKeeper::failed);
    private volatile boolean trusted;
    private long comparedNanos;
    private boolean compared;

    public FleetKeeper(FleetStore store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
    }

    public void start() {
        looking.start();
    }

    /// Whether the counts that are kept were found right, or made right, when everything was
    /// counted last.
    public boolean trusted() {
        return trusted;
    }

    private static void failed(RuntimeException failure) {
        switch (failure) {
            case StorageException e ->
                    LOG.atDebug()
                            .addKeyValue("reason", e.getMessage())
                            .log("cannot look after the fleet's counts now");
            default ->
                    LOG.atError().setCause(failure).log("looking after the fleet's counts failed");
        }
    }

    /// One look.
    public void look() {
        if (store.maintains()) {
            while (store.sumUp(SUMMED_UP_MAX) == SUMMED_UP_MAX) {
                if (Thread.currentThread().isInterrupted()) {
                    return;
                }
            }
        }
        var now = System.nanoTime();
        if (!compared || now - comparedNanos >= COMPARED_EVERY.toNanos()) {
            compare();
            store.forgetMessages(clock.instant().minus(MESSAGES_KEPT));
            comparedNanos = now;
            compared = true;
        }
    }

    private void compare() {
        if (!store.maintains()) {
            return;
        }
        try {
            var wrong = store.repair();
            if (wrong > 0) {
                LOG.atWarn()
                        .addKeyValue("communities", wrong)
                        .log("the fleet's counts were wrong, and are corrected");
            }
            trusted = true;
        } catch (StorageException e) {
            trusted = false;
            throw e;
        }
    }

    @Override
    public void close() {
        looking.close();
    }
}
