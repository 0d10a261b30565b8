package org.tethral.ingest;

/// How often a lane commits: at once while little comes in; when more comes in, after a little
/// wait, so that one flush of the disk, which costs 0.2 ms of processor time, stands for several
/// messages. A bucket of permits that fills with time.
final class Allowance {

    static final int COMMITS_PER_SECOND_MAX = 1_000;

    /// So many follow each other without a wait: what commands and short bursts need.
    static final int COMMITS_AT_ONCE_MAX = 50;

    private static final long NANOS_PER_COMMIT = 1_000_000_000L / COMMITS_PER_SECOND_MAX;

    /// When the next permit is there; in the past by as many permits as are saved up.
    private long nextNanos;

    Allowance(long nowNanos) {
        nextNanos = fullSince(nowNanos);
    }

    /// Takes a permit; the caller waits that long before it makes use of it.
    long waitNanos(long nowNanos) {
        var full = fullSince(nowNanos);
        if (nextNanos - full < 0) {
            nextNanos = full;
        }
        nextNanos += NANOS_PER_COMMIT;
        return Math.max(0, nextNanos - nowNanos);
    }

    private static long fullSince(long nowNanos) {
        return nowNanos - NANOS_PER_COMMIT * COMMITS_AT_ONCE_MAX;
    }
}
