package org.tethral.sql;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Micros;
import org.tethral.state.Aggregate;
import org.tethral.state.Bucket;
import org.tethral.state.Interval;
import org.tethral.state.Readings;
import org.tethral.state.Rollup;

/// One metric of one device, summed up by steps: whole days, hours and minutes out of their
/// roll-ups, the longest that divides the step; what is left at the ends of the interval out of
/// shorter ones, and in the end out of the snapshots.
final class AggregateRows {

    private static final int PART = 1_000;

    private final Session session;
    private final DeviceId device;
    private final String metric;
    private final long step;
    private final List<Aggregate> aggregates = new ArrayList<>();
    private @Nullable Rollup sum;
    private long sumStart;

    AggregateRows(Session session, DeviceId device, String metric, Duration step) {
        this.session = session;
        this.device = device;
        this.metric = metric;
        this.step = step.toNanos() / 1_000;
        if (this.step <= 0) {
            throw new IllegalArgumentException("a step is a microsecond at least");
        }
    }

    List<Aggregate> read(Interval interval) throws SQLException {
        add(ceiling(interval.from()), ceiling(interval.to()), longest());
        end();
        return aggregates;
    }

    /// Times are kept in microseconds: between two of them there is nothing.
    private static long ceiling(Instant time) {
        var cut = Micros.truncated(time);
        return Micros.of(cut) + (cut.equals(time) ? 0 : 1);
    }

    /// The longest kind of roll-up of which a step is a multiple.
    private @Nullable Bucket longest() {
        for (var bucket : List.of(Bucket.DAY, Bucket.HOUR, Bucket.MINUTE)) {
            if (step % bucket.micros() == 0) {
                return bucket;
            }
        }
        return null;
    }

    private static @Nullable Bucket shorter(Bucket bucket) {
        return switch (bucket) {
            case DAY -> Bucket.HOUR;
            case HOUR -> Bucket.MINUTE;
            case MINUTE -> null;
        };
    }

    /// In the order of time.
    private void add(long from, long to, @Nullable Bucket bucket) throws SQLException {
        if (from >= to) {
            return;
        }
        if (bucket == null) {
            addSnapshots(from, to);
            return;
        }
        var firstWhole = bucket.startOf(from + bucket.micros() - 1);
        var endOfWhole = bucket.startOf(to);
        if (firstWhole >= endOfWhole) {
            add(from, to, shorter(bucket));
            return;
        }
        add(from, firstWhole, shorter(bucket));
        addRollups(firstWhole, endOfWhole, bucket);
        add(endOfWhole, to, shorter(bucket));
    }

    private void addRollups(long from, long to, Bucket bucket) throws SQLException {
        session.sql(
                        """
                        SELECT bucket_start, count, min, max, sum, first, first_at, last, last_at FROM reading_rollups
                        WHERE device_id = ? AND metric = ? AND bucket = ? AND bucket_start >= ? AND bucket_start < ?
                        ORDER BY bucket_start
                        """)
                .set(device.value())
                .set(metric)
                .set(bucket.word())
                .set(Micros.toInstant(from))
                .set(Micros.toInstant(to))
                .each(row -> add(RollupRows.read(device, metric, bucket, row)));
    }

    private void addSnapshots(long from, long to) throws SQLException {
        var request = new SnapshotRows.Request(device, from, to, false, null, PART);
        while (true) {
            var rows = SnapshotRows.read(session, request);
            for (var snapshot : rows) {
                var at = Micros.of(snapshot.timestamp());
                Readings.forEach(
                        snapshot.values(),
                        metric,
                        value -> add(Rollup.of(device, metric, Bucket.MINUTE, at, value)));
            }
            if (rows.size() < PART) {
                return;
            }
            request = request.following(rows.getLast(), PART);
        }
    }

    private void add(Rollup part) {
        var start = Math.floorDiv(part.firstAt(), step) * step;
        if (sum != null && start == sumStart) {
            sum = sum.merged(part);
        } else {
            end();
            sum = part;
            sumStart = start;
        }
    }

    private void end() {
        if (sum != null) {
            aggregates.add(
                    new Aggregate(
                            Micros.toInstant(sumStart),
                            sum.count(),
                            sum.min(),
                            sum.max(),
                            sum.sum(),
                            sum.first(),
                            sum.last()));
            sum = null;
        }
    }
}
