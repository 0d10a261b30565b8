package org.tethral.cli;

import java.time.Duration;
import java.util.function.LongSupplier;

/// A line that shows how far something is: on a terminal only, and only where it takes longer than
/// two seconds.
final class Progress implements AutoCloseable {

    private static final long SHOWN_AFTER_NANOS = Duration.ofSeconds(2).toNanos();
    private static final long SHOWN_EVERY_NANOS = Duration.ofMillis(200).toNanos();
    private static final int BAR_WIDTH = 30;

    private final Terminal terminal;
    private final String what;
    private final long total;
    private final LongSupplier nanos;
    private final long startNanos;
    private long nextNanos;
    private boolean shown;

    /// @param total 0: nobody knows
    Progress(Terminal terminal, String what, long total) {
        this(terminal, what, total, System::nanoTime);
    }

    Progress(Terminal terminal, String what, long total, LongSupplier nanos) {
        this.nanos = nanos;
        this.startNanos = nanos.getAsLong();
        this.nextNanos = startNanos + SHOWN_AFTER_NANOS;
        this.terminal = terminal;
        this.what = what;
        this.total = total;
    }

    synchronized void reached(long count) {
        var now = nanos.getAsLong();
        if (!terminal.interactive() || now - nextNanos < 0) {
            return;
        }
        nextNanos = now + SHOWN_EVERY_NANOS;
        shown = true;
        var rate = count * 1e9 / (now - startNanos);
        terminal.err()
                .print("\r%s%,d %s, %,.0f/s\u001B[K".formatted(bar(count), count, what, rate));
        terminal.err().flush();
    }

    private String bar(long count) {
        if (total <= 0) {
            return "";
        }
        var full = (int) Math.min(BAR_WIDTH, count * BAR_WIDTH / total);
        return "[" + "#".repeat(full) + " ".repeat(BAR_WIDTH - full) + "] ";
    }

    /// Takes the line away.
    @Override
    public synchronized void close() {
        if (shown) {
            terminal.err().print("\r\u001B[K");
            terminal.err().flush();
        }
    }
}
