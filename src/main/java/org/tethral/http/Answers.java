package org.tethral.http;

import io.vertx.core.Context;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/// The messages of one event loop that wait for their commit. Their answers come from the lanes'
/// threads and are brought back to the event loop once per commit, not once per message.
///
/// Bounded by the inbound queue: what is not in it (or just coming out of it) does not wait here.
final class Answers {

    static final Duration WAIT_MAX = Duration.ofSeconds(30);

    private final Context context;
    private final Duration waitMax;
    private final Queue<Exchange> answered = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean draining = new AtomicBoolean();
    private final ArrayDeque<Exchange> waiting =
            new ArrayDeque<>(); // oldest first; event loop only

    /// @param waitMax without a commit for that long, a client is told that its message may yet be
    ///   stored
    Answers(Context context, Duration waitMax) {
        this.context = context;
        this.waitMax = waitMax;
    }

    /// On the event loop.
    void await(Exchange exchange) {
        waiting.add(exchange);
    }

    /// On any thread: sent with the next [#flush].
    void add(Exchange exchange) {
        answered.add(exchange);
    }

    /// On any thread: all answers of a commit were added.
    void flush() {
        if (!answered.isEmpty() && draining.compareAndSet(false, true)) {
            context.runOnContext(_ -> drain());
        }
    }

    private void drain() {
        draining.set(false);
        for (var exchange = answered.poll(); exchange != null; exchange = answered.poll()) {
            exchange.send();
        }
    }

    /// On the event loop, every second or so.
    void sweep(long nowNanos) {
        for (var oldest = waiting.peek(); oldest != null; oldest = waiting.peek()) {
            if (!oldest.isDone()) {
                if (nowNanos - oldest.sinceNanos() < waitMax.toNanos()) {
                    return;
                }
                oldest.giveUp();
            }
            waiting.poll();
        }
    }
}
