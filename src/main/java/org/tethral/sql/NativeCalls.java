package org.tethral.sql;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Runs native code for virtual threads on threads of its own. A virtual thread inside native code
/// keeps its carrier, of which there are as many as processors: a few slow queries would stop all
/// virtual threads of the process.
final class NativeCalls implements AutoCloseable {

    private static final long IDLE_SECONDS_MAX = 30;

    private final ExecutorService threads;

    /// @param callsMax how many calls there are at once, at the most: the callers see to it
    NativeCalls(int callsMax) {
        // a thread that has just answered may not be idle yet when the next call comes
        this.threads =
                new ThreadPoolExecutor(
                        0,
                        2 * callsMax,
                        IDLE_SECONDS_MAX,
                        TimeUnit.SECONDS,
                        new SynchronousQueue<>(),
                        Thread.ofPlatform().name("sqlite-", 0).daemon().factory());
    }

    /// Returns when the call has ended, also where the caller is interrupted meanwhile.
    <T> T call(Callable<T> call) throws Exception {
        if (!Thread.currentThread().isVirtual()) {
            return call.call();
        }
        var task = new FutureTask<>(call);
        threads.execute(task);
        var interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    switch (e.getCause()) {
                        case Exception cause -> throw cause;
                        case Error cause -> throw cause;
                        case null, default -> throw e;
                    }
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
