package org.tethral.delivery;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tethral.event.Event;

/// Events under way to a receiver, on a thread of their own.
final class Attempt {

    final List<Window.Entry> entries;
    private final long deadlineNanos;
    private final Thread thread;
    private volatile Sink.@Nullable Outcome outcome;
    private boolean givenUp; // by the worker, which alone looks at it

    private Attempt(
            List<Window.Entry> entries,
            Way way,
            Duration timeout,
            ThreadFactory threads,
            Consumer<Attempt> landed) {
        this.entries = entries;
        this.deadlineNanos = System.nanoTime() + timeout.toNanos();
        var events = entries.stream().map(entry -> entry.logged).toList();
        this.thread =
                threads.newThread(() -> {
                    outcome = outcome(way, events);
                    landed.accept(this);
                });
    }

    /// @param landed told on the attempt's thread when it is over, however late
    static Attempt start(
            List<Window.Entry> entries,
            Way way,
            Duration timeout,
            ThreadFactory threads,
            Consumer<Attempt> landed) {
        var attempt = new Attempt(entries, way, timeout, threads, landed);
        attempt.thread.start();
        return attempt;
    }

    private static Sink.Outcome outcome(Way way, List<Event.Logged> events) {
        try {
            return way.sink().deliver(events);
        } catch (InterruptedException e) {
            return new Sink.Outcome.Failed("interrupted", null);
        } catch (Exception | LinkageError | StackOverflowError | OutOfMemoryError e) {
            var message = e.getMessage();
            return new Sink.Outcome.Failed(message == null ? e.toString() : message, null);
        }
    }

    /// Null: not yet over.
    Sink.@Nullable Outcome outcome() {
        return outcome;
    }

    /// How long it may still take; zero or less: it is late.
    long nanosLeft(long nanos) {
        return deadlineNanos - nanos;
    }

    /// Its outcome is no longer of interest. It occupies its place until its thread ends.
    void giveUp() {
        givenUp = true;
        thread.interrupt();
    }

    boolean isGivenUp() {
        return givenUp;
    }
}
