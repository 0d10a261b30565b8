package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.tethral.retention.Ages;

/// A device's roll-ups lie by metric and length, and inside these by time: each such series is
/// found by one look into the key, and what is old lies together at its beginning.
final class RollupSweep extends DeviceSweep {

    private record Series(String metric, String bucket) {}

    RollupSweep(Database database, Ages ages) {
        super(database, new DeviceWalk("reading_rollups", "", ages));
    }

    @Override
    int remove(Session session, String device, Instant from, int limit) throws SQLException {
        var removed = 0;
        for (var next = next(session, device, new Series("", ""));
                !next.isEmpty() && removed < limit;
                next = next(session, device, next.getFirst())) {
            var series = next.getFirst();
            removed +=
                    session.sql(
                                    """
                                    DELETE FROM reading_rollups WHERE (device_id, metric, bucket, bucket_start) IN (
                                        SELECT device_id, metric, bucket, bucket_start FROM reading_rollups
                                        WHERE device_id = ? AND metric = ? AND bucket = ? AND bucket_start < ?
                                        ORDER BY bucket_start LIMIT ?)
                                    """)
                            .set(device)
                            .set(series.metric())
                            .set(series.bucket())
                            .set(from)
                            .set(limit - removed)
                            .update();
        }
        return removed;
    }

    private static List<Series> next(Session session, String device, Series after)
            throws SQLException {
        return session.sql(
                        """
                        SELECT metric, bucket FROM reading_rollups WHERE device_id = ? AND (metric, bucket) > (?, ?)
                        ORDER BY metric, bucket LIMIT 1
                        """)
                .set(device)
                .set(after.metric())
                .set(after.bucket())
                .list(row -> new Series(row.text("metric"), row.text("bucket")));
    }
}
