package org.tethral.http;

import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.tethral.command.CommandId;
import org.tethral.command.Dispatch;
import org.tethral.dispatch.Ends;
import org.tethral.dispatch.Watch;

/// Somebody who waits for what becomes of a command, from now on until closed.
final class Course implements AutoCloseable {

    private final Semaphore news = new Semaphore(0);
    private final AtomicReference<@Nullable Dispatch> newest = new AtomicReference<>();
    private final Watch watch;

    Course(Ends ends, CommandId command) {
        this.watch = ends.watch(command, this::moved);
    }

    private void moved(@Nullable Dispatch dispatch) {
        if (dispatch != null) {
            newest.set(dispatch);
        }
        news.release();
    }

    /// Waits for news, at most [Ends#LOOK_EVERY]. Empty: there are none, or none that are known
    /// here; the database knows.
    Optional<Dispatch> await(long nanosMax) throws InterruptedException {
        var _ =
                news.tryAcquire(
                        Math.min(nanosMax, Ends.LOOK_EVERY.toNanos()), TimeUnit.NANOSECONDS);
        news.drainPermits();
        return Optional.ofNullable(newest.getAndSet(null));
    }

    @Override
    public void close() {
        watch.close();
    }
}
