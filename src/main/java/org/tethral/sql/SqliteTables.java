package org.tethral.sql;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.device.ConnectionLog;
import org.tethral.device.Status;
import org.tethral.event.Event;
import org.tethral.ingest.Journal;
import org.tethral.ingest.Receipt;
import org.tethral.json.Json;
import org.tethral.kernel.Micros;
import org.tethral.kernel.StorageException;
import org.tethral.state.Rollup;
import org.tethral.state.Snapshot;
import org.tethral.state.StateChange;

/// Bulk writes on SQLite: prepared statements that are kept, and `executeBatch`, which was measured
/// to be the fastest form of call here (rows of several values lose to it).
final class SqliteTables implements JournalTables {

    /// Rows of `device_state_snapshots` that lie together.
    static final long SNAPSHOTS_PER_BUCKET = 200_000;

    private final SqliteDatabase database;
    private final String writer;
    private final TimeOrderedIds ids;

    SqliteTables(SqliteDatabase database, String writer, TimeOrderedIds ids) {
        this.database = database;
        this.writer = writer;
        this.ids = ids;
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
        moves(session, rows.moves(), rows.at());
        events(session, rows.events());
        links(session, rows.links(), rows.at());
        rollups(session, rows.rollups());
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

    private static void states(Session session, List<Journal.Change> changes) throws SQLException {
        if (changes.isEmpty()) {
            return;
        }
        var update =
                session.prepare(
                        """
                        UPDATE device_states SET current_state = ?, state_since = ?, last_updated = ?, reported = ?,
                            reported_version = ?, revision = ?
                        WHERE device_id = ? AND revision = ?
                        """);
        for (var change : changes) {
            var values = change.after().values();
            update.setString(1, values.current().value());
            setTime(update, 2, values.since());
            setTime(update, 3, values.updatedAt());
            update.setString(4, Json.write(values.reported()));
            update.setLong(5, values.reportedVersion());
            update.setLong(6, values.revision());
            update.setString(7, change.after().device().value());
            update.setLong(8, change.before().values().revision());
            update.addBatch();
        }
        expectOneEach(update.executeBatch(), "the state of a device");
    }

    private static void presences(Session session, List<Journal.Change> changes)
            throws SQLException {
        if (changes.isEmpty()) {
            return;
        }
        var update =
                session.prepare(
                        """
                        UPDATE devices SET status = ?, is_online = ?, connection_id = ?, connection_protocol = ?,
                            connection_address = ?, connection_node = ?, connected_at = ?, last_seen_at = ?,
                            last_heartbeat = ?, overdue_at = ?
                        WHERE device_id = ? AND connection_id IS ?
                        """);
        for (var change : changes) {
            var presence = change.after().presence();
            var link = presence.link();
            var before = change.before().presence().link();
            update.setString(1, presence.status().word());
            update.setInt(2, presence.status() == Status.ONLINE ? 1 : 0);
            update.setString(3, link == null ? null : link.id().toString());
            update.setString(4, link == null ? null : link.protocol().word());
            update.setString(5, link == null ? null : link.remoteAddress());
            update.setString(6, link == null ? null : link.node());
            setTime(update, 7, presence.connectedAt());
            setTime(update, 8, presence.seenAt());
            setTime(update, 9, presence.seenAt());
            setTime(update, 10, change.overdueAt());
            update.setString(11, change.after().device().value());
            update.setString(12, before == null ? null : before.id().toString());
            update.addBatch();
        }
        expectOneEach(update.executeBatch(), "the connection of a device");
    }

    private static void expectOneEach(int[] counts, String what) {
        for (var count : counts) {
            if (count != 1) {
                throw new StorageException(StorageException.Cause.CONFLICT, what + OVERTAKEN);
            }
        }
    }

    private void moves(Session session, List<StateChange> moves, Instant at) throws SQLException {
        if (moves.isEmpty()) {
            return;
        }
        var insert =
                session.prepare(
                        """
                        INSERT INTO state_changes (id, device_id, from_state, to_state, timestamp, reason, actor)
                        VALUES (?, ?, ?, ?, ?, ?, ?)
                        """);
        for (var move : moves) {
            insert.setString(1, ids.next(at).toString());
            insert.setString(2, move.device().value());
            insert.setString(3, move.from().value());
            insert.setString(4, move.to().value());
            setTime(insert, 5, move.at());
            insert.setString(6, move.reason());
            insert.setString(7, move.actor().toString());
            insert.addBatch();
        }
        insert.executeBatch();
    }

    private static void events(Session session, List<Event.Logged> events) throws SQLException {
        if (events.isEmpty()) {
            return;
        }
        var insert =
                session.prepare(
                        """
                        INSERT INTO events (sequence, event_id, event_type, source, device_id, community_id, timestamp,
                                            data, metadata, priority, ttl)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """);
        for (var logged : events) {
            var event = logged.event();
            insert.setLong(1, logged.sequence());
            insert.setString(2, event.id());
            insert.setString(3, event.type().value());
            insert.setString(4, event.source());
            insert.setString(5, event.device() == null ? null : event.device().value());
            insert.setString(6, text(event.community()));
            setTime(insert, 7, event.timestamp());
            insert.setString(8, Json.write(event.data()));
            insert.setString(9, Json.write(event.metadata()));
            insert.setString(10, event.priority().word());
            setNumber(insert, 11, event.ttl() == null ? null : (Long) event.ttl().toSeconds());
            insert.addBatch();
        }
        insert.executeBatch();
    }

    private void links(Session session, List<ConnectionLog.Entry> links, Instant at)
            throws SQLException {
        if (links.isEmpty()) {
            return;
        }
        var insert =
                session.prepare(
                        """
                        INSERT INTO device_connection_logs
                            (id, device_id, event, protocol, remote_address, node, reason, session_seconds, timestamp)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """);
        for (var link : links) {
            insert.setString(1, ids.next(at).toString());
            insert.setString(2, link.device());
            insert.setString(3, link.kind().word());
            insert.setString(4, link.protocol().word());
            insert.setString(5, link.remoteAddress());
            insert.setString(6, link.node());
            insert.setString(7, link.reason());
            if (link.session() == null) {
                insert.setNull(8, Types.REAL);
            } else {
                insert.setDouble(8, link.session().toMillis() / 1_000.0);
            }
            setTime(insert, 9, link.at());
            insert.addBatch();
        }
        insert.executeBatch();
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

    private static @Nullable String text(@Nullable CommunityId community) {
        return community == null ? null : community.toString();
    }

    private static void setTime(PreparedStatement statement, int index, @Nullable Instant time)
            throws SQLException {
        setNumber(statement, index, time == null ? null : (Long) Micros.of(time));
    }

    private static void setNumber(PreparedStatement statement, int index, @Nullable Long number)
            throws SQLException {
        if (number == null) {
            statement.setNull(index, Types.INTEGER);
        } else {
            statement.setLong(index, number);
        }
    }
}
