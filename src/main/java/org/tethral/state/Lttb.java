package org.tethral.state;

import java.util.ArrayList;
import java.util.List;
import org.tethral.kernel.Micros;

/// Largest-Triangle-Three-Buckets: fewer points that look the same in a chart (S. Steinarsson,
/// "Downsampling Time Series for Visual Representation", University of Iceland, 2013, section 4.2).
public final class Lttb {

    public static final int POINTS_MIN = 3;

    private Lttb() {}

    /// At most `points` of the readings, which are in the order of time: the first, the last, and
    /// of each of the equal shares between them the one that makes the largest triangle with the
    /// point chosen before and the average of the share after. All of them, when there are no more
    /// than that.
    ///
    /// @throws IllegalArgumentException fewer than [#POINTS_MIN] points are asked for
    public static List<Reading> sample(List<Reading> readings, int points) {
        if (points < POINTS_MIN) {
            throw new IllegalArgumentException("at least " + POINTS_MIN + " points");
        }
        var size = readings.size();
        if (size <= points) {
            return List.copyOf(readings);
        }
        var chosen = new ArrayList<Reading>(points);
        var share = (size - 2) / (double) (points - 2);
        var last = 0;
        chosen.add(readings.getFirst());
        for (int i = 0; i < points - 2; i++) {
            var start = (int) (i * share) + 1;
            var end = (int) ((i + 1) * share) + 1;
            var nextEnd = Math.min((int) ((i + 2) * share) + 1, size);
            last = largest(readings, last, start, end, nextEnd);
            chosen.add(readings.get(last));
        }
        chosen.add(readings.getLast());
        return chosen;
    }

    /// Which reading from `start` to before `end` makes the largest triangle with `before` and the
    /// average of those from `end` to before `nextEnd`.
    private static int largest(
            List<Reading> readings, int before, int start, int end, int nextEnd) {
        var origin = readings.get(before);
        var averageX = 0.0;
        var averageY = 0.0;
        for (int i = end; i < nextEnd; i++) {
            averageX += seconds(origin, readings.get(i));
            averageY += readings.get(i).value();
        }
        averageX /= nextEnd - end;
        averageY /= nextEnd - end;
        var largest = start;
        var largestArea = -1.0;
        for (int i = start; i < end; i++) {
            var x = seconds(origin, readings.get(i));
            // twice the area, with the origin at the point chosen before
            var area =
                    Math.abs(
                            x * (averageY - origin.value())
                                    - averageX * (readings.get(i).value() - origin.value()));
            if (area > largestArea) {
                largestArea = area;
                largest = i;
            }
        }
        return largest;
    }

    private static double seconds(Reading from, Reading to) {
        return (Micros.of(to.at()) - Micros.of(from.at())) / 1e6;
    }
}
