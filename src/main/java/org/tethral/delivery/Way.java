package org.tethral.delivery;

import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/// A sink that is opened when it is first needed, by whoever needs it.
final class Way {

    private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(5);

    private final SinkKinds kinds;
    private final Subscription subscription;
    private @Nullable Sink open;
    private boolean closed;

    Way(SinkKinds kinds, Subscription subscription) {
        this.kinds = kinds;
        this.subscription = subscription;
    }

    synchronized Sink sink() throws Exception {
        if (closed) {
            throw new InterruptedException("closed");
        }
        var sink = open;
        if (sink == null) {
            sink = kinds.open(subscription.name(), subscription.sink());
            open = sink;
        }
        return sink;
    }

    /// Waits a little only: a sink may hang.
    void close(ThreadFactory threads) throws InterruptedException {
        var closing = threads.newThread(this::close);
        closing.start();
        closing.join(CLOSE_WAIT_MAX);
    }

    private synchronized void close() {
        closed = true;
        if (open != null) {
            open.close();
        }
    }
}
