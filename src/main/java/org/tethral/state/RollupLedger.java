package org.tethral.state;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Micros;

/// Roll-ups of committed snapshots that are not kept yet: they are gathered for a minute, because
/// one merge into the database then stands for many readings. Not thread-safe.
///
/// Only minutes are summed up here, hours and days are made of them when they are asked for.
public final class RollupLedger {

    private static final int METRICS_USUAL = 4;

    /// Linked, so that the first is found at once, however many were taken out before it.
    private final SequencedMap<DeviceId, Map<String, Minutes>> gathered = new LinkedHashMap<>();

    private int size;

    public void add(Snapshot snapshot) {
        var metrics =
                gathered.computeIfAbsent(snapshot.device(), _ -> new HashMap<>(METRICS_USUAL));
        var at = Micros.of(snapshot.timestamp());
        Readings.forEach(
                snapshot.values(),
                (metric, value) -> {
                    if (metrics.computeIfAbsent(metric, _ -> new Minutes()).add(at, value)) {
                        size++;
                    }
                });
    }

    /// How many minutes are gathered, of all metrics.
    public int size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    /// Takes out what is gathered of a device: per metric first the minutes, then the hours, then
    /// the days.
    public List<Rollup> take(DeviceId device) {
        var taken = new ArrayList<Rollup>();
        gathered.getOrDefault(device, Map.of())
                .forEach((metric, minutes) -> taken.addAll(take(device, metric, minutes, size)));
        gathered.remove(device);
        return taken;
    }

    /// Takes out some minutes of one metric of any device, the earliest first, with what they add
    /// to their hours and days. Nothing, when it is empty.
    public List<Rollup> takeSome(int minutesMax) {
        for (var first = gathered.firstEntry(); first != null; first = gathered.firstEntry()) {
            var metrics = first.getValue().entrySet().iterator();
            if (metrics.hasNext()) {
                var metric = metrics.next();
                var minutes = metric.getValue();
                var taken = take(first.getKey(), metric.getKey(), minutes, minutesMax);
                if (minutes.count() == 0) {
                    metrics.remove();
                }
                return taken;
            }
            gathered.pollFirstEntry();
        }
        return List.of();
    }

    private List<Rollup> take(DeviceId device, String metric, Minutes minutes, int max) {
        var sums = minutes.take(max);
        size -= sums.size();
        var rollups = sums.stream().map(sum -> sum.rollup(device, metric)).toList();
        var all = new ArrayList<>(rollups);
        all.addAll(Rollup.merged(rollups, Bucket.HOUR));
        all.addAll(Rollup.merged(rollups, Bucket.DAY));
        return all;
    }

    /// The minutes of one metric. A device's readings mostly fall into the minute of the one
    /// before.
    private static final class Minutes {

        private @Nullable Sum latest;
        private @Nullable TreeMap<Long, Sum> others;

        /// True when it is the first reading of its minute.
        boolean add(long at, double value) {
            var start = Bucket.MINUTE.startOf(at);
            if (latest != null && latest.start == start) {
                latest.add(at, value);
                return false;
            }
            if (latest != null) {
                if (others == null) {
                    others = new TreeMap<>();
                }
                others.put(latest.start, latest);
            }
            var known = others == null ? null : others.remove(start);
            latest = known == null ? new Sum(start, at, value) : known;
            if (known != null) {
                known.add(at, value);
            }
            return known == null;
        }

        int count() {
            return (latest == null ? 0 : 1) + (others == null ? 0 : others.size());
        }

        /// In the order of time.
        List<Sum> take(int max) {
            var taken = new ArrayList<Sum>();
            while (others != null && !others.isEmpty() && taken.size() < max) {
                if (latest != null && latest.start < others.firstKey()) {
                    others.put(latest.start, latest);
                    latest = null;
                }
                taken.add(others.pollFirstEntry().getValue());
            }
            if (latest != null && taken.size() < max) {
                taken.add(latest);
                latest = null;
            }
            return taken;
        }
    }

    private static final class Sum {

        private final long start;
        private long count = 1;
        private double min;
        private double max;
        private double sum;
        private double first;
        private long firstAt;
        private double last;
        private long lastAt;

        Sum(long start, long at, double value) {
            this.start = start;
            min = max = sum = first = last = value;
            firstAt = lastAt = at;
        }

        void add(long at, double value) {
            count++;
            min = Math.min(min, value);
            max = Math.max(max, value);
            sum += value;
            if (at < firstAt) {
                first = value;
                firstAt = at;
            }
            if (at >= lastAt) {
                last = value;
                lastAt = at;
            }
        }

        Rollup rollup(DeviceId device, String metric) {
            return new Rollup(
                    device,
                    metric,
                    Bucket.MINUTE,
                    start,
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
}
