package org.tethral.state;

import java.util.ArrayList;
import java.util.List;
import org.tethral.device.DeviceId;

/// Readings of one metric of one device in one bucket, summed up; two of the same bucket merge into
/// one.
///
/// @param bucketStart microseconds, aligned
/// @param firstAt the time (microseconds) of the earliest reading, `lastAt` of the latest; where
///   two readings have the same time, the one that was committed first is the first, and the later
///   one the last
public record Rollup(
        DeviceId device,
        String metric,
        Bucket bucket,
        long bucketStart,
        long count,
        double min,
        double max,
        double sum,
        double first,
        long firstAt,
        double last,
        long lastAt) {

    public static Rollup of(
            DeviceId device, String metric, Bucket bucket, long atMicros, double value) {
        return new Rollup(
                device,
                metric,
                bucket,
                bucket.startOf(atMicros),
                1,
                value,
                value,
                value,
                value,
                atMicros,
                value,
                atMicros);
    }

    /// This one and a later committed one of the same bucket.
    public Rollup merged(Rollup later) {
        var earlierFirst = later.firstAt < firstAt;
        var laterLast = later.lastAt >= lastAt;
        return new Rollup(
                device,
                metric,
                bucket,
                bucketStart,
                count + later.count,
                Math.min(min, later.min),
                Math.max(max, later.max),
                sum + later.sum,
                earlierFirst ? later.first : first,
                earlierFirst ? later.firstAt : firstAt,
                laterLast ? later.last : last,
                laterLast ? later.lastAt : lastAt);
    }

    /// The same readings in longer buckets.
    ///
    /// @param parts of one metric of one device, in the order of time
    public static List<Rollup> merged(List<Rollup> parts, Bucket into) {
        var merged = new ArrayList<Rollup>();
        for (var part : parts) {
            var one = part.in(into);
            if (!merged.isEmpty() && merged.getLast().bucketStart() == one.bucketStart()) {
                merged.set(merged.size() - 1, merged.getLast().merged(one));
            } else {
                merged.add(one);
            }
        }
        return merged;
    }

    private Rollup in(Bucket longer) {
        return new Rollup(
                device,
                metric,
                longer,
                longer.startOf(bucketStart),
                count,
                min,
                max,
                sum,
                first,
                firstAt,
                last,
                lastAt);
    }
}
