package org.tethral.kernel;

import java.time.Duration;
import java.util.function.Consumer;

/// Work that is done again and again on a thread of its own, with a pause in between. What it
/// throws is told, and does not end it.
public final class Routine implements AutoCloseable {

    @FunctionalInterface
    public interface Work {
        void once() throws InterruptedException;
    }

    private static final Duration END_WAIT_MAX = Duration.ofSeconds(5);

    private final Duration pause;
    private final Work work;
    private final Consumer<RuntimeException> failed;
    private final Thread thread;

    /// @param name of its thread
    /// @param failed must not throw
    public Routine(String name, Duration pause, Work work, Consumer<RuntimeException> failed) {
        this.pause = pause;
        this.work = work;
        this.failed = failed;
        this.thread = Thread.ofVirtual().name(name).unstarted(this::run);
    }

    /// The first time comes after a pause.
    public void start() {
        thread.start();
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(pause);
                try {
                    work.once();
                } catch (RuntimeException e) {
                    failed.accept(e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Interrupts what is under way, and returns when it has ended, or did not within 5 s.
    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(END_WAIT_MAX);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
