package org.tethral.coap;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/// The threads of the protocol. What waits for them is counted, so that datagrams can be dropped
/// where they arrive, as the network would, when too much does.
final class Stage extends ScheduledThreadPoolExecutor {

    private final AtomicInteger waiting = new AtomicInteger();

    Stage(int threads, ThreadFactory factory) {
        super(threads, factory);
        setRemoveOnCancelPolicy(true);
        setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /// Tasks that wait for a thread, timers not counted.
    int waiting() {
        return waiting.get();
    }

    @Override
    public void execute(Runnable task) {
        waiting.incrementAndGet();
        try {
            super.execute(() -> {
                waiting.decrementAndGet();
                task.run();
            });
        } catch (RuntimeException e) {
            waiting.decrementAndGet();
            throw e;
        }
    }
}
