package org.tethral.state;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Micros;

/// Roll-ups of committed snapshots that are not kept yet: they are gathered for a minute, because
/// one merge into the database then stands for many readings. Not thread-safe.
///
/// Only minutes are summed up here, hours and days are made of them when they are asked for.
public final class RollupLedger {

    private final Map<DeviceId, Map<String, Minutes>> gathered = new HashMap<>();
    private int size;

    public void add(Snapshot snapshot) {
        var metrics = gathered.computeIfAbsent(snapshot.device(), _ -> new HashMap<>());
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

    /// Per device and metric first the minutes, then the hours, then the days.
    public List<Rollup> all() {
        var all = new ArrayList<Rollup>(size + size / 2);
        gathered.forEach((device, metrics) -> addAll(device, metrics, all));
        return all;
    }

    public List<Rollup> of(DeviceId device) {
        var all = new ArrayList<Rollup>();
        addAll(device, gathered.getOrDefault(device, Map.of()), all);
        return all;
    }

    private static void addAll(
            DeviceId device, Map<String, Minutes> metrics, Collection<Rollup> all) {
        metrics.forEach((metric, minutes) -> minutes.addAll(device, metric, all));
    }

    public void clear() {
        gathered.clear();
        size = 0;
    }

    public void clear(DeviceId device) {
        var gone = gathered.remove(device);
        if (gone != null) {
            gone.values().forEach(minutes -> size -= minutes.count());
        }
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

        void addAll(DeviceId device, String metric, Collection<Rollup> all) {
            var sums = new TreeMap<Long, Sum>();
            if (others != null) {
                sums.putAll(others);
            }
            if (latest != null) {
                sums.put(latest.start, latest);
            }
            var minutes = sums.values().stream().map(sum -> sum.rollup(device, metric)).toList();
            all.addAll(minutes);
            all.addAll(Rollup.merged(minutes, Bucket.HOUR));
            all.addAll(Rollup.merged(minutes, Bucket.DAY));
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
