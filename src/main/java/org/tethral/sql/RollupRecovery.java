package org.tethral.sql;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Micros;
import org.tethral.kernel.StorageException;
import org.tethral.state.Bucket;
import org.tethral.state.Rollup;
import org.tethral.state.RollupLedger;

/// Makes again what a process that was killed had not written of its roll-ups: the minutes in which
/// a snapshot above the lane's mark lies are summed up afresh from the snapshots, then the hours
/// from the minutes and the days from the hours. Replaces, never adds, and may itself be
/// interrupted and repeated.
final class RollupRecovery {

    private static final int DEVICES_PER_TRANSACTION = 100;
    private static final int PART = 1_000;
    private static final Logger LOG = LoggerFactory.getLogger(RollupRecovery.class);

    /// Up to which number the writers of the process that wrote last have all kept their roll-ups.
    static final String LOWEST_MARK_ON_SQLITE =
            """
            SELECT coalesce(min(rolled_up_to), 0) FROM ingest_progress
            WHERE substr(writer, 1, instr(writer, '/')) = (
                SELECT substr(writer, 1, instr(writer, '/')) FROM ingest_progress ORDER BY updated_at DESC LIMIT 1)
            """;

    /// Snapshot numbers, both ends included.
    record Numbers(long first, long last) {
        boolean contain(long sequence) {
            return first <= sequence && sequence <= last;
        }
    }

    private final Database database;
    private final String writer;

    RollupRecovery(Database database, String writer) {
        this.database = database;
        this.writer = writer;
    }

    void run() {
        var doing = "mend roll-ups of " + writer;
        var unkept = database.read(doing, session -> unkept(session, "writer = ?", ""));
        if (unkept.isEmpty()) {
            return;
        }
        var mark = new long[1];
        var minutes = database.read(doing, session -> minutes(session, unkept, mark));
        var devices = List.copyOf(minutes.keySet());
        for (int i = 0; i < devices.size(); i += DEVICES_PER_TRANSACTION) {
            var some = devices.subList(i, Math.min(devices.size(), i + DEVICES_PER_TRANSACTION));
            mendAll(doing, some, minutes);
        }
        database.write(doing, session -> moveMark(session, mark[0]));
        if (!devices.isEmpty()) {
            LOG.atInfo()
                    .addKeyValue("writer", writer)
                    .addKeyValue("devices", devices.size())
                    .log("made the roll-ups again that were not kept when the process ended");
        }
    }

    /// A device whose rows cannot be read, since somebody wrote what is no JSON, keeps nobody else
    /// from starting.
    private void mendAll(String doing, List<DeviceId> devices, Map<DeviceId, Set<Long>> minutes) {
        try {
            database.write(
                    doing,
                    session -> {
                        var others = unkept(session, "writer <> ?", " FOR UPDATE");
                        for (var device : devices) {
                            mend(session, device, minutes.getOrDefault(device, Set.of()), others);
                        }
                        return devices.size();
                    });
        } catch (StorageException e) {
            if (e.kind() != StorageException.Cause.REFUSED) {
                throw e;
            }
            if (devices.size() > 1) {
                devices.forEach(device -> mendAll(doing, List.of(device), minutes));
            } else {
                LOG.atError()
                        .addKeyValue("device_id", devices.getFirst())
                        .addKeyValue("reason", e.getMessage())
                        .log("roll-ups of a device cannot be made again");
            }
        }
    }

    /// The numbers whose snapshots may lack in the kept roll-ups. While the rows are locked, nobody
    /// keeps any.
    private List<Numbers> unkept(Session session, String which, String lock) throws SQLException {
        var numbers = new ArrayList<Numbers>();
        if (database instanceof SqliteDatabase sqlite) {
            var mark =
                    session.sql("SELECT max(rolled_up_to) FROM ingest_progress WHERE " + which)
                            .set(writer)
                            .number();
            if (which.equals("writer = ?") && sqlite.lastSnapshot() > mark) {
                numbers.add(new Numbers(mark + 1, Long.MAX_VALUE));
            }
            return numbers;
        }
        session.sql(
                        "SELECT rolled_up_to, array_to_string(blocks, ',') AS blocks FROM ingest_progress WHERE "
                                + which
                                + " ORDER BY writer"
                                + lock)
                .set(writer)
                .each(row -> numbers.addAll(inBlocks(row)));
        return numbers;
    }

    private static List<Numbers> inBlocks(Row row) throws SQLException {
        var mark = row.number("rolled_up_to");
        return Arrays.stream(row.text("blocks").split(","))
                .filter(start -> !start.isEmpty())
                .mapToLong(Long::parseLong)
                .mapToObj(start ->
                        new Numbers(Math.max(start, mark + 1), start + SnapshotBlocks.SIZE - 1))
                .filter(range -> range.first() <= range.last())
                .toList();
    }

    /// The numbers whose snapshots may lack in the kept roll-ups, of all writers.
    static List<Numbers> unkept(Session session) throws SQLException {
        var numbers = new ArrayList<Numbers>();
        if (session.dialect() == Dialect.SQLITE) {
            var mark = session.sql(LOWEST_MARK_ON_SQLITE).number();
            numbers.add(new Numbers(mark + 1, Long.MAX_VALUE));
            return numbers;
        }
        session.sql(
                        """
                        SELECT rolled_up_to, array_to_string(blocks, ',') AS blocks FROM ingest_progress ORDER BY writer
                        """)
                .each(row -> numbers.addAll(inBlocks(row)));
        return numbers;
    }

    /// Makes them in the transaction of the session, where no server runs.
    ///
    /// @return of how many devices
    static int mend(Session session, List<Numbers> numbers) throws SQLException {
        var minutes = minutes(session, numbers, new long[1]);
        for (var one : minutes.entrySet()) {
            mend(session, one.getKey(), one.getValue(), List.of());
        }
        return minutes.size();
    }

    private static Map<DeviceId, Set<Long>> minutes(
            Session session, List<Numbers> numbers, long[] mark) throws SQLException {
        var minutes = new TreeMap<DeviceId, Set<Long>>();
        for (var range : numbers) {
            var sql =
                    session.sql(
                            """
                            SELECT device_id, %s AS minute, max(sequence) AS highest FROM device_state_snapshots
                            WHERE sequence >= ? AND sequence <= ?%s GROUP BY 1, 2
                            """
                                    .formatted(
                                            session.dialect()
                                                    .choose(
                                                            "timestamp / 60000000 * 60000000",
                                                            "date_trunc('minute', timestamp, 'UTC')"),
                                            session.dialect().choose(" AND bucket >= ?", "")));
            sql.set(range.first()).set(range.last());
            if (session.dialect() == Dialect.SQLITE) {
                sql.set(SqliteTables.bucketOf(range.first()));
            }
            sql.each(row -> {
                minutes.computeIfAbsent(new DeviceId(row.text("device_id")), _ -> new TreeSet<>())
                        .add(row.micros("minute"));
                mark[0] = Math.max(mark[0], row.number("highest"));
            });
        }
        return minutes;
    }

    private static void mend(
            Session session, DeviceId device, Set<Long> minutes, List<Numbers> others)
            throws SQLException {
        var again = new ArrayList<Rollup>();
        for (long minute : minutes) {
            again.addAll(fromSnapshots(session, device, minute, others));
        }
        replace(session, again);
        var hours = longer(session, again, Bucket.HOUR, Bucket.MINUTE);
        replace(session, hours);
        replace(session, longer(session, hours, Bucket.DAY, Bucket.HOUR));
    }

    /// Without those that another lane has not kept yet: it will add them itself.
    private static List<Rollup> fromSnapshots(
            Session session, DeviceId device, long minute, List<Numbers> others)
            throws SQLException {
        var ledger = new RollupLedger();
        var request =
                new SnapshotRows.Request(
                        device, minute, minute + Bucket.MINUTE.micros(), false, null, PART);
        while (true) {
            var rows = SnapshotRows.read(session, request);
            for (var snapshot : rows) {
                if (others.stream().noneMatch(range -> range.contain(snapshot.sequence()))) {
                    ledger.add(snapshot);
                }
            }
            if (rows.size() < PART) {
                return ledger.take(device).stream()
                        .filter(rollup -> rollup.bucket() == Bucket.MINUTE)
                        .toList();
            }
            request = request.following(rows.getLast(), PART);
        }
    }

    private static List<Rollup> longer(
            Session session, Collection<Rollup> changed, Bucket into, Bucket parts)
            throws SQLException {
        record Key(DeviceId device, String metric, long start) {}
        var keys =
                changed.stream()
                        .map(one ->
                                new Key(
                                        one.device(),
                                        one.metric(),
                                        into.startOf(one.bucketStart())))
                        .distinct()
                        .toList();
        var longer = new ArrayList<Rollup>();
        for (var key : keys) {
            var kept =
                    session.sql(
                                    """
                                    SELECT bucket_start, count, min, max, sum, first, first_at, last, last_at
                                    FROM reading_rollups
                                    WHERE device_id = ? AND metric = ? AND bucket = ?
                                        AND bucket_start >= ? AND bucket_start < ? ORDER BY bucket_start
                                    """)
                            .set(key.device().value())
                            .set(key.metric())
                            .set(parts.word())
                            .set(Micros.toInstant(key.start()))
                            .set(Micros.toInstant(key.start() + into.micros()))
                            .list(row -> RollupRows.read(key.device(), key.metric(), parts, row));
            longer.addAll(Rollup.merged(kept, into));
        }
        return longer;
    }

    private static void replace(Session session, List<Rollup> rollups) throws SQLException {
        if (rollups.isEmpty()) {
            return;
        }
        var sql = session.sql(RollupRows.REPLACE);
        for (var rollup : rollups) {
            sql.set(rollup.device().value())
                    .set(rollup.metric())
                    .set(rollup.bucket().word())
                    .set(Micros.toInstant(rollup.bucketStart()))
                    .set(rollup.count())
                    .set(rollup.min())
                    .set(rollup.max())
                    .set(rollup.sum())
                    .set(rollup.first())
                    .set(Micros.toInstant(rollup.firstAt()))
                    .set(rollup.last())
                    .set(Micros.toInstant(rollup.lastAt()))
                    .add();
        }
        sql.batch();
    }

    private int moveMark(Session session, long mark) throws SQLException {
        return session.sql(
                        "UPDATE ingest_progress SET rolled_up_to = "
                                + session.dialect()
                                        .choose(
                                                "max(rolled_up_to, ?)",
                                                "greatest(rolled_up_to, ?), blocks = '{}'")
                                + " WHERE writer = ?")
                .set(mark)
                .set(writer)
                .update();
    }
}
