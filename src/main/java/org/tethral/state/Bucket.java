package org.tethral.state;

import java.time.Duration;

/// The lengths of time for which roll-ups are kept, aligned to 1970-01-01T00:00:00Z.
public enum Bucket {
    MINUTE("1m", Duration.ofMinutes(1)),
    HOUR("1h", Duration.ofHours(1)),
    DAY("1d", Duration.ofDays(1));

    private final String word;
    private final long micros;

    Bucket(String word, Duration length) {
        this.word = word;
        this.micros = length.toSeconds() * 1_000_000;
    }

    public String word() {
        return word;
    }

    public long micros() {
        return micros;
    }

    /// The start of the bucket in which that time (microseconds) lies.
    public long startOf(long timestampMicros) {
        return Math.floorDiv(timestampMicros, micros) * micros;
    }
}
