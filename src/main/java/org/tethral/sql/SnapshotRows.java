package org.tethral.sql;

import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;
import org.tethral.device.MessageId;
import org.tethral.kernel.Micros;
import org.tethral.state.Snapshot;

/// Snapshots of one device in the order of their keys.
final class SnapshotRows {

    /// Rows that are read at once from one bucket on SQLite.
    private static final int CHUNK = 128;

    private SnapshotRows() {}

    /// A device's snapshots are ordered by time, then by number.
    record Key(long at, long sequence) implements Comparable<Key> {

        static final Comparator<Key> ORDER =
                Comparator.comparingLong(Key::at).thenComparingLong(Key::sequence);

        static Key of(Snapshot snapshot) {
            return new Key(Micros.of(snapshot.timestamp()), snapshot.sequence());
        }

        @Override
        public int compareTo(Key other) {
            return ORDER.compare(this, other);
        }
    }

    /// What is asked for.
    ///
    /// @param from microseconds; belongs to it, `to` does not
    /// @param after the last one of the part before
    record Request(
            DeviceId device,
            long from,
            long to,
            boolean newestFirst,
            @Nullable Key after,
            int limit) {

        /// Where the range begins that is still to be read: this key and those before belong to
        /// none of it.
        Key above() {
            return newestFirst || after == null ? new Key(from, -1) : after;
        }

        Key below() {
            return newestFirst && after != null ? after : new Key(to, -1);
        }

        Request following(Snapshot last, int next) {
            return new Request(device, from, to, newestFirst, Key.of(last), next);
        }
    }

    static List<Snapshot> read(Session session, Request request) throws SQLException {
        return switch (session.dialect()) {
            case SQLITE -> new Walk(session, request).rows();
            case POSTGRESQL, COCKROACHDB -> ordered(session, request);
        };
    }

    private static List<Snapshot> ordered(Session session, Request request) throws SQLException {
        var order = request.newestFirst() ? "DESC" : "ASC";
        return session.sql(
                        """
                        SELECT timestamp, sequence, state_data, message_id FROM device_state_snapshots
                        WHERE device_id = ? AND (timestamp, sequence) > (?, ?) AND (timestamp, sequence) < (?, ?)
                            AND timestamp >= ? AND timestamp <= ?
                        ORDER BY timestamp %1$s, sequence %1$s LIMIT ?
                        """
                                .formatted(order))
                .set(request.device().value())
                .set(Micros.toInstant(request.above().at()))
                .set(request.above().sequence())
                .set(Micros.toInstant(request.below().at()))
                .set(request.below().sequence())
                .set(Micros.toInstant(request.above().at()))
                .set(Micros.toInstant(request.below().at()))
                .set(request.limit())
                .list(row -> snapshot(request.device(), row));
    }

    private static Snapshot snapshot(DeviceId device, Row row) throws SQLException {
        var message = row.maybeText("message_id");
        return new Snapshot(
                device,
                row.time("timestamp"),
                row.number("sequence"),
                row.document("state_data"),
                message == null ? null : new MessageId(message));
    }

    /// Merges the buckets of SQLite: opens one only when it may hold the next row, so that a part
    /// of a range is read from one or two of them, and late data and wrong clocks still come in
    /// their order.
    private static final class Walk {

        private final Session session;
        private final Request request;
        private final Comparator<Key> order;
        private final ArrayDeque<Span> unopened;
        private final PriorityQueue<Opened> opened;

        /// @param nearest of its times to where the walk begins
        private record Span(long bucket, long nearest) {}

        private static final class Opened {
            final long bucket;
            final ArrayDeque<Snapshot> rows = new ArrayDeque<>();
            boolean exhausted;

            Opened(long bucket) {
                this.bucket = bucket;
            }

            Key head() {
                return Key.of(rows.element());
            }
        }

        Walk(Session session, Request request) throws SQLException {
            this.session = session;
            this.request = request;
            this.order = request.newestFirst() ? Key.ORDER.reversed() : Key.ORDER;
            this.opened = new PriorityQueue<>(Comparator.comparing(Opened::head, order));
            this.unopened = new ArrayDeque<>(spans());
        }

        private List<Span> spans() throws SQLException {
            return session.sql(
                            """
                            SELECT bucket, %s AS nearest FROM snapshot_buckets
                            WHERE last_timestamp >= ? AND first_timestamp <= ? ORDER BY nearest %s
                            """
                                    .formatted(
                                            request.newestFirst()
                                                    ? "last_timestamp"
                                                    : "first_timestamp",
                                            request.newestFirst() ? "DESC" : "ASC"))
                    .set(request.above().at())
                    .set(request.below().at())
                    .list(row -> new Span(row.number("bucket"), row.number("nearest")));
        }

        List<Snapshot> rows() throws SQLException {
            var rows = new ArrayList<Snapshot>(Math.min(request.limit(), 1_024));
            while (rows.size() < request.limit()) {
                openWhatMayComeNext();
                var next = opened.poll();
                if (next == null) {
                    break;
                }
                rows.add(next.rows.remove());
                if (next.rows.isEmpty() && !next.exhausted) {
                    fill(next, Key.of(rows.getLast()));
                }
                if (!next.rows.isEmpty()) {
                    opened.add(next);
                }
            }
            return rows;
        }

        private void openWhatMayComeNext() throws SQLException {
            while (!unopened.isEmpty() && mayComeNext(unopened.element())) {
                var bucket = new Opened(unopened.remove().bucket());
                fill(bucket, null);
                if (!bucket.rows.isEmpty()) {
                    opened.add(bucket);
                }
            }
        }

        private boolean mayComeNext(Span span) {
            var first = opened.peek();
            if (first == null) {
                return true;
            }
            return request.newestFirst()
                    ? span.nearest() >= first.head().at()
                    : span.nearest() <= first.head().at();
        }

        private void fill(Opened bucket, @Nullable Key last) throws SQLException {
            var above = last != null && !request.newestFirst() ? last : request.above();
            var below = last != null && request.newestFirst() ? last : request.below();
            var limit = Math.min(CHUNK, request.limit());
            session.sql(
                            """
                            SELECT timestamp, sequence, state_data, message_id FROM device_state_snapshots
                            WHERE bucket = ? AND device_id = ?
                                AND (timestamp, sequence) > (?, ?) AND (timestamp, sequence) < (?, ?)
                            ORDER BY timestamp %1$s, sequence %1$s LIMIT ?
                            """
                                    .formatted(request.newestFirst() ? "DESC" : "ASC"))
                    .set(bucket.bucket)
                    .set(request.device().value())
                    .set(above.at())
                    .set(above.sequence())
                    .set(below.at())
                    .set(below.sequence())
                    .set(limit)
                    .each(row -> bucket.rows.add(snapshot(request.device(), row)));
            bucket.exhausted = bucket.rows.size() < limit;
        }
    }
}
