package org.tethral.sql;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.tethral.device.DeviceId;
import org.tethral.state.Bucket;
import org.tethral.state.Rollup;

/// The rows of `reading_rollups`.
final class RollupRows {

    static final String COLUMNS =
            "device_id, metric, bucket, bucket_start, count, min, max, sum, first, first_at, last, last_at";

    /// What [Rollup#merged] does, for the row that is there and the one that is added.
    static String merge(String least, String greatest) {
        return """
        ON CONFLICT (device_id, metric, bucket, bucket_start) DO UPDATE SET
            count = r.count + excluded.count,
            min = %1$s(r.min, excluded.min),
            max = %2$s(r.max, excluded.max),
            sum = r.sum + excluded.sum,
            first = CASE WHEN excluded.first_at < r.first_at THEN excluded.first ELSE r.first END,
            first_at = %1$s(r.first_at, excluded.first_at),
            last = CASE WHEN excluded.last_at >= r.last_at THEN excluded.last ELSE r.last END,
            last_at = %2$s(r.last_at, excluded.last_at)
        """
                .formatted(least, greatest);
    }

    private static final String MERGE_ON_SQLITE =
            "INSERT INTO reading_rollups AS r ("
                    + COLUMNS
                    + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)\n"
                    + merge("min", "max");

    /// Puts a row in the place of the one that is there, unless that one knows of more: of readings
    /// whose snapshots are no longer kept.
    static final String REPLACE =
            """
            INSERT INTO reading_rollups AS r (%s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (device_id, metric, bucket, bucket_start) DO UPDATE SET
                count = excluded.count, min = excluded.min, max = excluded.max, sum = excluded.sum,
                first = excluded.first, first_at = excluded.first_at,
                last = excluded.last, last_at = excluded.last_at
            WHERE excluded.count >= r.count
            """
                    .formatted(COLUMNS);

    private RollupRows() {}

    static String mergeOnSqlite() {
        return MERGE_ON_SQLITE;
    }

    /// In the order of [#COLUMNS], times in microseconds.
    static void bind(PreparedStatement statement, Rollup rollup) throws SQLException {
        statement.setString(1, rollup.device().value());
        statement.setString(2, rollup.metric());
        statement.setString(3, rollup.bucket().word());
        statement.setLong(4, rollup.bucketStart());
        statement.setLong(5, rollup.count());
        statement.setDouble(6, rollup.min());
        statement.setDouble(7, rollup.max());
        statement.setDouble(8, rollup.sum());
        statement.setDouble(9, rollup.first());
        statement.setLong(10, rollup.firstAt());
        statement.setDouble(11, rollup.last());
        statement.setLong(12, rollup.lastAt());
    }

    static Rollup read(DeviceId device, String metric, Bucket bucket, Row row) throws SQLException {
        return new Rollup(
                device,
                metric,
                bucket,
                row.micros("bucket_start"),
                row.number("count"),
                row.real("min"),
                row.real("max"),
                row.real("sum"),
                row.real("first"),
                row.micros("first_at"),
                row.real("last"),
                row.micros("last_at"));
    }
}
