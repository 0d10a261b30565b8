package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.retention.Ages;
import org.tethral.retention.RetentionStore.Sweep;

/// Snapshots on SQLite, bucket by bucket: one whose newest is too old for everybody goes from its
/// beginning to its end, without looking at its devices; in the others, which hold what is too old
/// for some, each device is looked up. With a snapshot goes the message id that led to it.
final class BucketSweep implements Sweep {

    private final Database database;
    private final Ages ages;
    private final List<Document> profiles;
    private @Nullable Queue<Bucket> buckets;
    private @Nullable Sweep devices;

    private record Bucket(long number, boolean old) {}

    BucketSweep(Database database, Ages ages, List<Document> profiles) {
        this.database = database;
        this.ages = ages;
        this.profiles = profiles;
    }

    @Override
    public Step step() {
        var waiting = buckets;
        if (waiting == null) {
            waiting = new ArrayDeque<>(database.read("list parts of snapshots", this::list));
            buckets = waiting;
        }
        var bucket = waiting.peek();
        if (bucket == null) {
            return new Step(0, true);
        }
        var step = bucket.old() ? whole(bucket.number()) : byDevice(bucket.number());
        if (step.last()) {
            waiting.remove();
            devices = null;
        }
        return new Step(step.removed(), waiting.isEmpty());
    }

    private List<Bucket> list(Session session) throws SQLException {
        var earliest = ages.earliest(profiles);
        var latest = ages.latest(profiles);
        return session.sql(
                        """
                        SELECT bucket, last_timestamp FROM snapshot_buckets WHERE first_timestamp < ? ORDER BY bucket
                        """)
                .set(latest)
                .list(row ->
                        new Bucket(
                                row.number("bucket"),
                                earliest != null && row.time("last_timestamp").isBefore(earliest)));
    }

    private Step byDevice(long bucket) {
        var sweep = devices;
        if (sweep == null) {
            sweep = new InBucket(database, bucket, ages);
            devices = sweep;
        }
        return sweep.step();
    }

    private record Chosen(String device, long at, long sequence, @Nullable String message) {
        static Chosen of(Row row) throws SQLException {
            return new Chosen(
                    row.text("device_id"),
                    row.number("timestamp"),
                    row.number("sequence"),
                    row.maybeText("message_id"));
        }
    }

    private Step whole(long bucket) {
        return database.write("remove old snapshots", session -> whole(session, bucket));
    }

    private static Step whole(Session session, long bucket) throws SQLException {
        var rows =
                session.sql(
                                """
                                SELECT device_id, timestamp, sequence, message_id FROM device_state_snapshots
                                WHERE bucket = ? ORDER BY device_id, timestamp, sequence LIMIT ?
                                """)
                        .set(bucket)
                        .set(SqlRetention.ROWS_PER_STEP)
                        .list(Chosen::of);
        forget(session, rows);
        if (!rows.isEmpty()) {
            var last = rows.getLast();
            session.sql(
                            """
                            DELETE FROM device_state_snapshots
                            WHERE bucket = ? AND (device_id, timestamp, sequence) <= (?, ?, ?)
                            """)
                    .set(bucket)
                    .set(last.device())
                    .set(last.at())
                    .set(last.sequence())
                    .update();
        }
        if (rows.size() == SqlRetention.ROWS_PER_STEP) {
            return new Step(rows.size(), false);
        }
        session.sql("DELETE FROM snapshot_buckets WHERE bucket = ?").set(bucket).update();
        return new Step(rows.size(), true);
    }

    /// A message id may have been used again since, when the one before was too old.
    private static void forget(Session session, List<Chosen> rows) throws SQLException {
        if (rows.stream().allMatch(row -> row.message() == null)) {
            return;
        }
        var delete =
                session.sql(
                        "DELETE FROM message_receipts WHERE device_id = ? AND message_id = ? AND sequence = ?");
        for (var row : rows) {
            if (row.message() != null) {
                delete.set(row.device()).set(row.message()).set(row.sequence()).add();
            }
        }
        delete.batch();
    }

    private static final class InBucket extends DeviceSweep {
        private final long bucket;

        InBucket(Database database, long bucket, Ages ages) {
            super(database, new DeviceWalk("device_state_snapshots", "bucket = " + bucket, ages));
            this.bucket = bucket;
        }

        @Override
        int remove(Session session, String device, Instant from, int limit) throws SQLException {
            var rows =
                    session.sql(
                                    """
                                    SELECT device_id, timestamp, sequence, message_id FROM device_state_snapshots
                                    WHERE bucket = ? AND device_id = ? AND timestamp < ?
                                    ORDER BY timestamp, sequence LIMIT ?
                                    """)
                            .set(bucket)
                            .set(device)
                            .set(Micros.of(from))
                            .set(limit)
                            .list(Chosen::of);
            if (rows.isEmpty()) {
                return 0;
            }
            forget(session, rows);
            var last = rows.getLast();
            return session.sql(
                            """
                            DELETE FROM device_state_snapshots
                            WHERE bucket = ? AND device_id = ? AND (timestamp, sequence) <= (?, ?)
                            """)
                    .set(bucket)
                    .set(device)
                    .set(last.at())
                    .set(last.sequence())
                    .update();
        }
    }
}
