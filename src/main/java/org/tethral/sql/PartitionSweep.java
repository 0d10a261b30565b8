package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import org.tethral.kernel.Document;
import org.tethral.kernel.StorageException;
import org.tethral.retention.Ages;
import org.tethral.retention.RetentionStore.Sweep;

/// Snapshots on PostgreSQL: a month goes as a whole when its last moment is too old for everybody.
/// Row by row go only those of devices whose profile keeps less than others do, and those in the
/// default partition; on CockroachDB, where there are no months, all.
final class PartitionSweep implements Sweep {

    private final Queue<Sweep> sweeps = new ArrayDeque<>();

    PartitionSweep(Database database, Ages ages, Collection<Document> profiles) {
        var partitioned = database.dialect() == Dialect.POSTGRESQL;
        var earliest = ages.earliest(profiles);
        if (partitioned) {
            for (var month : database.read("list months", PartitionSweep::months)) {
                if (!month.attached() || earliest != null && month.endsBy(earliest)) {
                    sweeps.add(new MonthSweep(database, month, ages.now()));
                }
            }
            if (earliest != null) {
                sweeps.add(new DefaultPartition(database, ages, earliest));
            }
        }
        var latest = ages.latest(profiles);
        if (!partitioned || latest != null && !latest.equals(earliest)) {
            sweeps.add(new OfDevices(database, "device_state_snapshots", ages));
        }
    }

    @Override
    public Step step() {
        var sweep = sweeps.peek();
        if (sweep == null) {
            return new Step(0, true);
        }
        var step = sweep.step();
        if (step.last()) {
            sweeps.remove();
        }
        return new Step(step.removed(), sweeps.isEmpty());
    }

    /// @param attached false: left by a sweep that did not end
    record Month(String table, boolean attached) {

        static final String TABLES = "device_state_snapshots\\_____\\___";

        YearMonth month() {
            return YearMonth.parse(table.substring(table.length() - 7).replace('_', '-'));
        }

        boolean endsBy(Instant time) {
            var end = month().plusMonths(1).atDay(1).atStartOfDay().toInstant(ZoneOffset.UTC);
            return !end.isAfter(time);
        }
    }

    private static List<Month> months(Session session) throws SQLException {
        return session.sql(
                        """
                        SELECT relname AS name, relispartition AS attached FROM pg_class
                        WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relname LIKE ?
                        ORDER BY relname
                        """)
                .set(Month.TABLES)
                .list(row -> new Month(row.text("name"), row.flag("attached")));
    }

    /// Rows of devices, from whichever partition.
    private static class OfDevices extends DeviceSweep {
        private final String table;

        OfDevices(Database database, String table, Ages ages) {
            super(database, new DeviceWalk(table, "", ages));
            this.table = table;
        }

        @Override
        int remove(Session session, String device, Instant from, int limit) throws SQLException {
            return (int)
                    session.sql(
                                    """
                                    WITH gone AS (
                                        DELETE FROM %1$s WHERE device_id = ? AND timestamp < ? AND (timestamp, sequence) IN (
                                            SELECT timestamp, sequence FROM %1$s WHERE device_id = ? AND timestamp < ?
                                            ORDER BY timestamp, sequence LIMIT ?)
                                        RETURNING device_id, message_id, sequence),
                                    forgotten AS (
                                        DELETE FROM message_receipts r USING gone g
                                        WHERE r.device_id = g.device_id AND r.message_id = g.message_id
                                            AND r.sequence = g.sequence)
                                    SELECT count(*) FROM gone
                                    """
                                            .formatted(table))
                            .set(device)
                            .set(from)
                            .set(device)
                            .set(from)
                            .set(limit)
                            .number();
        }
    }

    /// What devices with wrong clocks reported.
    private static final class DefaultPartition extends OfDevices {
        private final Instant earliest;

        DefaultPartition(Database database, Ages ages, Instant earliest) {
            super(database, "device_state_snapshots_default", ages);
            this.earliest = earliest;
        }

        @Override
        int remove(Session session, String device, Instant from, int limit) throws SQLException {
            return super.remove(session, device, earliest.isAfter(from) ? earliest : from, limit);
        }
    }

    /// Takes one month away: first the message ids that lead to it, in parts; then it leaves the
    /// table, for which all others have to wait for a moment, or which is tried again; then what
    /// came meanwhile, and the month itself.
    private static final class MonthSweep implements Sweep {
        private static final int ROWS_PER_STEP = 5_000;
        private static final int ATTEMPTS_MAX = 20;
        private static final String LOCK_WAIT_MAX = "200ms";

        private final Database database;
        private final String table;
        private final boolean kept;
        private boolean attached;
        private boolean forgotten;
        private int attempts;
        private Key reached = new Key("", Instant.EPOCH, 0, 0);

        private record Key(String device, Instant at, long sequence, long rows) {}

        /// @param now an empty month that the next look would make again is left alone
        MonthSweep(Database database, Month month, Instant now) {
            this.database = database;
            this.table = month.table();
            this.attached = month.attached();
            this.kept =
                    !month.month()
                            .isBefore(
                                    YearMonth.from(now.atOffset(ZoneOffset.UTC))
                                            .minusMonths(Partitions.MONTHS_BEFORE));
        }

        @Override
        public Step step() {
            if (attached && !forgotten) {
                return forget();
            }
            if (attached) {
                return detach();
            }
            database.write("drop " + table, this::drop);
            return new Step(0, true);
        }

        private Step forget() {
            var next = database.write("forget message ids of " + table, this::forgetSome);
            if (next.isEmpty()) {
                forgotten = true;
                var empty = reached.device().isEmpty();
                return new Step(0, empty && kept);
            }
            reached = next.getFirst();
            return new Step((int) reached.rows(), false);
        }

        private List<Key> forgetSome(Session session) throws SQLException {
            return session.sql(
                            """
                            WITH part AS (
                                SELECT device_id, timestamp, sequence, message_id FROM %s
                                WHERE (device_id, timestamp, sequence) > (?, ?, ?)
                                ORDER BY device_id, timestamp, sequence LIMIT ?),
                            forgotten AS (
                                DELETE FROM message_receipts r USING part p
                                WHERE r.device_id = p.device_id AND r.message_id = p.message_id AND r.sequence = p.sequence)
                            SELECT device_id, timestamp, sequence, count(*) OVER () AS rows FROM part
                            ORDER BY device_id DESC, timestamp DESC, sequence DESC LIMIT 1
                            """
                                    .formatted(table))
                    .set(reached.device())
                    .set(reached.at())
                    .set(reached.sequence())
                    .set(ROWS_PER_STEP)
                    .list(row ->
                            new Key(
                                    row.text("device_id"),
                                    row.time("timestamp"),
                                    row.number("sequence"),
                                    row.number("rows")));
        }

        private Step detach() {
            try {
                database.write(
                        "take " + table + " away",
                        session -> {
                            session.sql("SET LOCAL lock_timeout = '" + LOCK_WAIT_MAX + "'")
                                    .update();
                            return session.sql(
                                            "ALTER TABLE device_state_snapshots DETACH PARTITION "
                                                    + table)
                                    .update();
                        });
                attached = false;
                return new Step(0, false);
            } catch (StorageException e) {
                if (++attempts >= ATTEMPTS_MAX) {
                    throw e;
                }
                return new Step(0, false); // somebody reads it just now
            }
        }

        private int drop(Session session) throws SQLException {
            session.sql(
                            """
                            DELETE FROM message_receipts r USING %s s
                            WHERE r.device_id = s.device_id AND r.message_id = s.message_id AND r.sequence = s.sequence
                            """
                                    .formatted(table))
                    .update();
            return session.sql("DROP TABLE " + table).update();
        }
    }
}
