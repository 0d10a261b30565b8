package org.tethral.sql;

import static org.tethral.sql.SqliteBinding.setTime;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.tethral.device.Status;
import org.tethral.ingest.Journal;
import org.tethral.ingest.Receipt;
import org.tethral.ingest.Situation;
import org.tethral.json.Json;
import org.tethral.kernel.Micros;
import org.tethral.kernel.StorageException;
import org.tethral.kernel.TimeOrderedIds;
import org.tethral.state.Rollup;
import org.tethral.state.Snapshot;

/// Bulk writes on SQLite: prepared statements that are kept, and `executeBatch`, which was measured
/// to be the fastest form of call here (rows of several values lose to it).
final class SqliteTables implements JournalTables {

    /// Rows of `device_state_snapshots` that lie together.
    static final long SNAPSHOTS_PER_BUCKET = 200_000;

    private final SqliteDatabase database;
    private final String writer;
    private final SqliteLogs logs;

    SqliteTables(SqliteDatabase database, String writer, TimeOrderedIds ids) {
        this.database = database;
        this.writer = writer;
        this.logs = new SqliteLogs(ids);
    }

    static long bucketOf(long sequence) {
        return sequence / SNAPSHOTS_PER_BUCKET;
    }

    @Override
    public Map<Receipt, Long> receipts(Session session, Collection<Receipt> receipts)
            throws SQLException {
        var known = new HashMap<Receipt, Long>();
        var select =
                session.prepare(
                        "SELECT sequence FROM message_receipts WHERE device_id = ? AND message_id = ?");
        for (var receipt : receipts) {
            select.setString(1, receipt.device().value());
            select.setString(2, receipt.message().value());
            try (var result = select.executeQuery()) {
                if (result.next()) {
                    known.put(receipt, result.getLong(1));
                }
            }
        }
        return known;
    }

    @Override
    public long reserveSnapshots(Session session, int count) {
        return database.reserveSnapshots(count);
    }

    @Override
    public void committed() {}

    @Override
    public void write(Session session, long number, JournalRows rows) throws SQLException {
        progress(session, number, rows);
        snapshots(session, rows.snapshots());
        receipts(session, rows.receipts(), rows.at());
        wanted(session, rows.states());
        states(session, rows.states());
        presences(session, rows.presences());
        logs.moves(session, rows.moves(), rows.at());
        SqliteLogs.events(session, rows.events());
        logs.links(session, rows.links(), rows.at());
        rollups(session, rows.rollups());
        CommandRows.onSqlite(session, rows.commands());
        HeardRows.onSqlite(session, writer, rows);
    }

    private void progress(Session session, long number, JournalRows rows) throws SQLException {
        var update =
                session.prepare(
                        """
                        UPDATE ingest_progress SET committed = ?1, rolled_up_to = max(rolled_up_to, ?2), updated_at = ?3
                        WHERE writer = ?4 AND committed < ?1
                        """);
        update.setLong(1, number);
        update.setLong(2, rows.rolledUpTo());
        setTime(update, 3, rows.at());
        update.setString(4, writer);
        if (update.executeUpdate() != 1) {
            throw new StorageException(
                    StorageException.Cause.UNAVAILABLE, JournalTables.notAlone(writer));
        }
    }

    private static void snapshots(Session session, List<Snapshot> snapshots) throws SQLException {
        if (snapshots.isEmpty()) {
            return;
        }
        var insert =
                session.prepare(
                        """
                        INSERT INTO device_state_snapshots
                            (bucket, device_id, timestamp, sequence, state_data, message_id) VALUES (?, ?, ?, ?, ?, ?)
                        """);
        var times = new TreeMap<Long, long[]>(); // of each bucket, the first and the last
        for (var snapshot : snapshots) {
            var at = Micros.of(snapshot.timestamp());
            var bucket = bucketOf(snapshot.sequence());
            insert.setLong(1, bucket);
            insert.setString(2, snapshot.device().value());
            insert.setLong(3, at);
            insert.setLong(4, snapshot.sequence());
            insert.setString(5, Json.write(snapshot.values()));
            insert.setString(6, snapshot.messageId() == null ? null : snapshot.messageId().value());
            insert.addBatch();
            var span = times.computeIfAbsent(bucket, _ -> new long[] {at, at});
            span[0] = Math.min(span[0], at);
            span[1] = Math.max(span[1], at);
        }
        insert.executeBatch();
        var spans =
                session.prepare(
                        """
                        INSERT INTO snapshot_buckets (bucket, first_timestamp, last_timestamp) VALUES (?, ?, ?)
                        ON CONFLICT (bucket) DO UPDATE SET
                            first_timestamp = min(first_timestamp, excluded.first_timestamp),
                            last_timestamp = max(last_timestamp, excluded.last_timestamp)
                        """);
        for (var bucket : times.entrySet()) {
            spans.setLong(1, bucket.getKey());
            spans.setLong(2, bucket.getValue()[0]);
            spans.setLong(3, bucket.getValue()[1]);
            spans.addBatch();
        }
        spans.executeBatch();
    }

    private static void receipts(Session session, List<Snapshot> receipts, Instant at)
            throws SQLException {
        if (receipts.isEmpty()) {
            return;
        }
        var insert =
                session.prepare(
                        """
                        INSERT INTO message_receipts (device_id, message_id, sequence, received_at) VALUES (?, ?, ?, ?)
                        """);
        for (var snapshot : receipts) {
            insert.setString(1, snapshot.device().value());
            insert.setString(2, String.valueOf(snapshot.messageId()));
            insert.setLong(3, snapshot.sequence());
            setTime(insert, 4, at);
            insert.addBatch();
        }
        insert.executeBatch();
    }

    /// Desired values and configuration: changed rarely, by people.
    private static void wanted(Session session, List<Journal.Change> changes) throws SQLException {
        var update =
                session.prepare(
                        """
                        UPDATE device_states SET desired = ?, desired_version = ?, configuration = ? WHERE device_id = ?
                        """);
        var any = false;
        for (var change : changes) {
            if (change.wantedChanged()) {
                var values = change.after().values();
                update.setString(1, Json.write(values.desired()));
                update.setLong(2, values.desiredVersion());
                update.setString(3, Json.write(values.configuration()));
                update.setString(4, change.after().device().value());
                update.addBatch();
                any = true;
            }
        }
        if (any) {
            update.executeBatch();
        }
    }

    /// SQLite writes an index again for each of its columns that a statement sets, also to the same
    /// value: what is indexed is set only where it changed.
    private static void states(Session session, List<Journal.Change> changes) throws SQLException {
        var reports =
                session.prepare(
                        """
                        UPDATE device_states SET last_updated = ?, reported = ?, reported_version = ?, revision = ?,
                            reported_at = ?, reported_times = ?
                        WHERE device_id = ? AND revision = ?
                        """);
        var moves =
                session.prepare(
                        """
                        UPDATE device_states SET last_updated = ?, reported = ?, reported_version = ?, revision = ?,
                            reported_at = ?, reported_times = ?, current_state = ?, state_since = ?
                        WHERE device_id = ? AND revision = ?
                        """);
        var moved = 0;
        for (var change : changes) {
            var values = change.after().values();
            var same = values.current().equals(change.before().values().current());
            var update = same ? reports : moves;
            var i = 0;
            setTime(update, ++i, values.updatedAt());
            update.setString(++i, Json.write(values.reported()));
            update.setLong(++i, values.reportedVersion());
            update.setLong(++i, values.revision());
            setTime(update, ++i, values.latest().at());
            update.setString(++i, SituationRows.times(values.latest()));
            if (!same) {
                update.setString(++i, values.current().value());
                setTime(update, ++i, values.since());
                moved++;
            }
            update.setString(++i, change.after().device().value());
            update.setLong(++i, change.before().values().revision());
            update.addBatch();
        }
        execute(reports, changes.size() - moved, "the state of a device");
        execute(moves, moved, "the state of a device");
    }

    private static void presences(Session session, List<Journal.Change> changes)
            throws SQLException {
        var seen =
                session.prepare(
                        """
                        UPDATE devices SET last_seen_at = ?, last_heartbeat = ?, overdue_at = ?
                        WHERE device_id = ? AND connection_id IS ?
                        """);
        var moves =
                session.prepare(
                        """
                        UPDATE devices SET last_seen_at = ?, last_heartbeat = ?, overdue_at = ?, status = ?,
                            is_online = ?, connection_id = ?, connection_protocol = ?, connection_address = ?,
                            connection_node = ?, connected_at = ?
                        WHERE device_id = ? AND connection_id IS ?
                        """);
        var moved = 0;
        for (var change : changes) {
            var presence = change.after().presence();
            var before = change.before().presence();
            var same = presence.equals(before.seen(presence.seenAt()));
            var update = same ? seen : moves;
            var i = 0;
            setTime(update, ++i, presence.seenAt());
            setTime(update, ++i, presence.seenAt());
            setTime(update, ++i, change.overdueAt());
            if (!same) {
                i = setConnection(update, i, presence);
                moved++;
            }
            update.setString(++i, change.after().device().value());
            update.setString(++i, before.link() == null ? null : before.link().id().toString());
            update.addBatch();
        }
        execute(seen, changes.size() - moved, "the connection of a device");
        execute(moves, moved, "the connection of a device");
    }

    private static int setConnection(
            PreparedStatement update, int before, Situation.Presence presence) throws SQLException {
        var link = presence.link();
        var i = before;
        update.setString(++i, presence.status().word());
        update.setInt(++i, presence.status() == Status.ONLINE ? 1 : 0);
        update.setString(++i, link == null ? null : link.id().toString());
        update.setString(++i, presence.protocol() == null ? null : presence.protocol().word());
        update.setString(++i, link == null ? null : link.remoteAddress());
        update.setString(++i, link == null ? null : link.node());
        setTime(update, ++i, presence.connectedAt());
        return i;
    }

    private static void execute(PreparedStatement batch, int rows, String what)
            throws SQLException {
        if (rows > 0) {
            expectOneEach(batch.executeBatch(), what);
        }
    }

    private static void expectOneEach(int[] counts, String what) {
        for (var count : counts) {
            if (count != 1) {
                throw new StorageException(StorageException.Cause.CONFLICT, what + OVERTAKEN);
            }
        }
    }

    private static void rollups(Session session, Collection<Rollup> rollups) throws SQLException {
        if (rollups.isEmpty()) {
            return;
        }
        var merge = session.prepare(RollupRows.mergeOnSqlite());
        for (var rollup : rollups) {
            RollupRows.bind(merge, rollup);
            merge.addBatch();
        }
        merge.executeBatch();
    }
}
