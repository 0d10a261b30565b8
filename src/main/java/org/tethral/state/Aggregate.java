package org.tethral.state;

import java.time.Instant;

/// The readings of one metric in one interval, summed up. Never of no reading at all.
///
/// @param start of the interval
/// @param first the reading with the earliest time, `last` the one with the latest (of equals, by
///   sequence)
public record Aggregate(
        Instant start, long count, double min, double max, double sum, double first, double last) {

    public double average() {
        return sum / count;
    }
}
