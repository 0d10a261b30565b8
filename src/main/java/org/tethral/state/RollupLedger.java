package org.tethral.state;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Micros;

/// Roll-ups of committed snapshots that are not kept yet: they are gathered for some seconds,
/// because one merge into the database then stands for many readings. Not thread-safe.
///
/// What is lost with the process is made again from the snapshots: see the mark in
/// [org.tethral.ingest.Journal].
public final class RollupLedger {

    private final Map<DeviceId, Map<String, List<Rollup>>> gathered = new HashMap<>();
    private int size;

    public void add(Snapshot snapshot) {
        var metrics = gathered.computeIfAbsent(snapshot.device(), _ -> new HashMap<>());
        var at = Micros.of(snapshot.timestamp());
        Readings.forEach(
                snapshot.values(),
                (metric, value) -> {
                    var rollups = metrics.computeIfAbsent(metric, _ -> new ArrayList<>(3));
                    for (var bucket : Bucket.values()) {
                        add(rollups, Rollup.of(snapshot.device(), metric, bucket, at, value));
                    }
                });
    }

    private void add(List<Rollup> rollups, Rollup one) {
        // newest last: a device's readings mostly fall into the bucket of the one before
        for (int i = rollups.size() - 1; i >= 0; i--) {
            var known = rollups.get(i);
            if (known.bucket() == one.bucket() && known.bucketStart() == one.bucketStart()) {
                rollups.set(i, known.merged(one));
                return;
            }
        }
        rollups.add(one);
        size++;
    }

    /// How many roll-ups are gathered.
    public int size() {
        return size;
    }

    public List<Rollup> all() {
        var all = new ArrayList<Rollup>(size);
        gathered.values().forEach(metrics -> metrics.values().forEach(all::addAll));
        return all;
    }

    public List<Rollup> of(DeviceId device) {
        return gathered.getOrDefault(device, Map.of()).values().stream()
                .flatMap(Collection::stream)
                .toList();
    }

    public void clear() {
        gathered.clear();
        size = 0;
    }

    public void clear(DeviceId device) {
        var gone = gathered.remove(device);
        if (gone != null) {
            size -= gone.values().stream().mapToInt(List::size).sum();
        }
    }
}
