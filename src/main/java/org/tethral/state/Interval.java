package org.tethral.state;

import java.time.Duration;
import java.time.Instant;

/// A span of time: `from` belongs to it, `to` does not.
public record Interval(Instant from, Instant to) {

    public Interval {
        if (!from.isBefore(to)) {
            throw new IllegalArgumentException("'from' must be before 'to'");
        }
    }

    public Duration length() {
        return Duration.between(from, to);
    }
}
