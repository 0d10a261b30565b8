package org.tethral.state;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.tethral.device.DeviceId;

/// The readings of one metric, thinned out to what a chart can show.
///
/// @param fromRollups there were too many readings to read them all: the points stand for the
///   smallest and the largest of each step, at a quarter and three quarters of it
public record Series(List<Reading> points, boolean fromRollups) {

    /// More readings than that are not read one by one.
    public static final int READINGS_MAX = 50_000;

    public Series {
        points = List.copyOf(points);
    }

    /// At most `points` points, chosen by [Lttb]: of the readings, or, when these are more than
    /// [#READINGS_MAX], of the extremes of steps that are at least half as many as the points.
    public static Series read(
            HistoryStore history, DeviceId device, String metric, Interval interval, int points) {
        var step = step(interval.length(), points);
        if (interval.length().compareTo(step) > 0) {
            var aggregates = history.aggregates(device, metric, interval, step);
            var readings = aggregates.stream().mapToLong(Aggregate::count).sum();
            if (readings == 0) {
                return new Series(List.of(), false);
            }
            if (readings > READINGS_MAX) {
                return new Series(Lttb.sample(extremes(aggregates, interval, step), points), true);
            }
        }
        return new Series(
                Lttb.sample(history.readings(device, metric, interval, READINGS_MAX), points),
                false);
    }

    /// The longest of whole days, hours or minutes of which two points each still make as many
    /// points as asked for.
    static Duration step(Duration length, int points) {
        var ideal = length.multipliedBy(2).dividedBy(points);
        for (var unit : List.of(Duration.ofDays(1), Duration.ofHours(1))) {
            if (ideal.compareTo(unit) >= 0) {
                return unit.multipliedBy(ideal.dividedBy(unit));
            }
        }
        return Duration.ofMinutes(Math.max(1, ideal.toMinutes()));
    }

    private static List<Reading> extremes(
            List<Aggregate> aggregates, Interval interval, Duration step) {
        var extremes = new ArrayList<Reading>(aggregates.size() * 2);
        var quarter = step.dividedBy(4);
        for (var aggregate : aggregates) {
            // when within the step they were is not kept; a rise puts the smallest first
            var rising = aggregate.first() <= aggregate.last();
            var early = within(interval, aggregate.start().plus(quarter));
            var late = within(interval, aggregate.start().plus(quarter.multipliedBy(3)));
            extremes.add(new Reading(early, rising ? aggregate.min() : aggregate.max()));
            extremes.add(new Reading(late, rising ? aggregate.max() : aggregate.min()));
        }
        return extremes;
    }

    /// Steps are aligned to the clock, so the first and the last may reach beyond the interval.
    private static Instant within(Interval interval, Instant at) {
        return at.isBefore(interval.from())
                ? interval.from()
                : at.isAfter(interval.to()) ? interval.to() : at;
    }
}
