package org.tethral.sql;

import static org.tethral.sql.Columns.doubles;
import static org.tethral.sql.Columns.longs;
import static org.tethral.sql.Columns.numbers;
import static org.tethral.sql.Columns.texts;
import static org.tethral.sql.Columns.time;
import static org.tethral.sql.Columns.times;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;
import org.tethral.device.Link;
import org.tethral.device.MessageId;
import org.tethral.event.Event;
import org.tethral.ingest.Fact;
import org.tethral.ingest.Journal;
import org.tethral.ingest.Receipt;
import org.tethral.ingest.Situation;
import org.tethral.json.Json;
import org.tethral.kernel.Micros;
import org.tethral.kernel.StorageException;
import org.tethral.kernel.TimeOrderedIds;
import org.tethral.state.Rollup;
import org.tethral.state.Snapshot;
import org.tethral.state.StateChange;

/// Bulk writes on PostgreSQL and CockroachDB: one statement per table, its columns as arrays, all
/// statements of a commit in one round trip.
final class PostgresTables implements JournalTables {

    private static final Pipeline.Miss CONNECTION_OVERTAKEN =
            overtaken("the connection of a device");
    private static final Pipeline.Miss ID_OVERTAKEN = overtaken("a message id");
    private static final Pipeline.Miss EVENT_OVERTAKEN = overtaken("an event id");
    private static final Pipeline.Miss ROWS_LOST =
            new Pipeline.Miss(
                    StorageException.Cause.UNAVAILABLE, "the database did not take all rows");

    private final String writer;
    private final TimeOrderedIds ids;
    private final SnapshotBlocks blocks = new SnapshotBlocks();

    PostgresTables(String writer, TimeOrderedIds ids) {
        this.writer = writer;
        this.ids = ids;
    }

    static Pipeline.Miss overtaken(String what) {
        return new Pipeline.Miss(StorageException.Cause.CONFLICT, what + JournalTables.OVERTAKEN);
    }

    @Override
    public Map<Receipt, Long> receipts(Session session, Collection<Receipt> receipts)
            throws SQLException {
        var known = new HashMap<Receipt, Long>();
        session.sql(
                        """
                        SELECT r.device_id, r.message_id, r.sequence
                        FROM unnest(?::text[], ?::text[]) AS x (device_id, message_id)
                        JOIN message_receipts r ON r.device_id = x.device_id AND r.message_id = x.message_id
                        """)
                .set(receipts.stream().map(receipt -> receipt.device().value()).toList())
                .set(receipts.stream().map(receipt -> receipt.message().value()).toList())
                .each(row ->
                        known.put(
                                new Receipt(
                                        new DeviceId(row.text("device_id")),
                                        new MessageId(row.text("message_id"))),
                                row.number("sequence")));
        return known;
    }

    @Override
    public long reserveSnapshots(Session session, int count) throws SQLException {
        return blocks.reserve(session, count);
    }

    @Override
    public void committed() {
        blocks.kept();
    }

    @Override
    public void write(Session session, long number, JournalRows rows) throws SQLException {
        blocks.rolledUp(rows.rolledUpTo());
        var pipeline = new Pipeline();
        progress(
                pipeline, number,
                rows); // first: whoever commits the same number waits for this row
        snapshots(pipeline, rows.snapshots());
        receipts(pipeline, rows.receipts(), rows.at());
        PostgresStates.wanted(pipeline, rows.states());
        PostgresStates.states(pipeline, rows.states());
        presences(pipeline, rows.presences());
        moves(pipeline, rows.moves(), rows.at());
        events(pipeline, rows.events());
        links(pipeline, rows.links(), rows.at());
        rollups(pipeline, rows.rollups());
        CommandRows.onPostgresql(pipeline, rows.commands());
        HeardRows.onPostgresql(pipeline, writer, rows);
        pipeline.run(session);
    }

    private void progress(Pipeline pipeline, long number, JournalRows rows) {
        pipeline.add(
                """
                UPDATE ingest_progress SET committed = ?, rolled_up_to = greatest(rolled_up_to, ?),
                    blocks = coalesce(string_to_array(?, ',')::bigint[], blocks), updated_at = %s
                WHERE writer = ? AND committed < ?
                """
                        .formatted(time("?")),
                1,
                new Pipeline.Miss(
                        StorageException.Cause.UNAVAILABLE, JournalTables.notAlone(writer)),
                number,
                rows.rolledUpTo(),
                blocks.unkept(),
                Micros.of(rows.at()),
                writer,
                number);
    }

    private static void snapshots(Pipeline pipeline, List<Snapshot> snapshots) {
        if (snapshots.isEmpty()) {
            return;
        }
        pipeline.add(
                """
                INSERT INTO device_state_snapshots (device_id, timestamp, sequence, state_data, message_id)
                SELECT device_id, %s, sequence, state_data::jsonb, message_id
                FROM unnest(?::text[], ?::bigint[], ?::bigint[], ?::text[], ?::text[])
                    AS x (device_id, at, sequence, state_data, message_id)
                """
                        .formatted(time("at")),
                snapshots.size(),
                ROWS_LOST,
                texts(snapshots, snapshot -> snapshot.device().value()),
                longs(snapshots, snapshot -> Micros.of(snapshot.timestamp())),
                longs(snapshots, Snapshot::sequence),
                texts(snapshots, snapshot -> Json.write(snapshot.values())),
                texts(
                        snapshots,
                        snapshot ->
                                snapshot.messageId() == null
                                        ? null
                                        : snapshot.messageId().value()));
    }

    private static void receipts(Pipeline pipeline, List<Snapshot> receipts, Instant at) {
        if (receipts.isEmpty()) {
            return;
        }
        pipeline.add(
                """
                INSERT INTO message_receipts (device_id, message_id, sequence, received_at)
                SELECT device_id, message_id, sequence, %s
                FROM unnest(?::text[], ?::text[], ?::bigint[]) AS x (device_id, message_id, sequence)
                ON CONFLICT (device_id, message_id) DO NOTHING
                """
                        .formatted(time("?")),
                receipts.size(),
                ID_OVERTAKEN,
                Micros.of(at),
                texts(receipts, snapshot -> snapshot.device().value()),
                texts(receipts, snapshot -> String.valueOf(snapshot.messageId())),
                longs(receipts, Snapshot::sequence));
    }

    private static void presences(Pipeline pipeline, List<Journal.Change> changes) {
        if (changes.isEmpty()) {
            return;
        }
        pipeline.add(
                """
                UPDATE devices d SET status = x.status, is_online = x.status = 'online',
                    connection_id = x.link::uuid, connection_protocol = x.protocol, connection_address = x.address,
                    connection_node = x.node, connected_at = %s, last_seen_at = %s, last_heartbeat = %s,
                    overdue_at = %s
                FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[],
                        ?::bigint[], ?::bigint[])
                    AS x (device_id, before, status, link, protocol, address, node, connected, seen, overdue)
                WHERE d.device_id = x.device_id AND d.connection_id IS NOT DISTINCT FROM x.before::uuid
                """
                        .formatted(
                                time("x.connected"),
                                time("x.seen"),
                                time("x.seen"),
                                time("x.overdue")),
                changes.size(),
                CONNECTION_OVERTAKEN,
                texts(changes, change -> change.after().device().value()),
                texts(changes, change -> link(change.before(), link -> link.id().toString())),
                texts(changes, change -> change.after().presence().status().word()),
                texts(changes, change -> link(change.after(), link -> link.id().toString())),
                texts(
                        changes,
                        change -> {
                            var protocol = change.after().presence().protocol();
                            return protocol == null ? null : protocol.word();
                        }),
                texts(changes, change -> link(change.after(), Link::remoteAddress)),
                texts(changes, change -> link(change.after(), Link::node)),
                times(changes, change -> change.after().presence().connectedAt()),
                times(changes, change -> change.after().presence().seenAt()),
                times(changes, Journal.Change::overdueAt));
    }

    private static @Nullable String link(
            Situation situation, Function<Link, @Nullable String> part) {
        var link = situation.presence().link();
        return link == null ? null : part.apply(link);
    }

    private void moves(Pipeline pipeline, List<StateChange> moves, Instant at) {
        if (moves.isEmpty()) {
            return;
        }
        pipeline.add(
                """
                INSERT INTO state_changes (id, device_id, from_state, to_state, timestamp, reason, actor)
                SELECT id::uuid, device_id, from_state, to_state, %s, reason, actor
                FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::text[])
                    AS x (id, device_id, from_state, to_state, at, reason, actor)
                """
                        .formatted(time("at")),
                moves.size(),
                ROWS_LOST,
                texts(moves, _ -> ids.next(at).toString()),
                texts(moves, move -> move.device().value()),
                texts(moves, move -> move.from().value()),
                texts(moves, move -> move.to().value()),
                longs(moves, move -> Micros.of(move.at())),
                texts(moves, StateChange::reason),
                texts(moves, move -> move.actor().toString()));
    }

    private static void events(Pipeline pipeline, List<Event.Logged> events) {
        if (events.isEmpty()) {
            return;
        }
        pipeline.add(
                """
                INSERT INTO events (sequence, event_id, event_type, source, device_id, community_id, timestamp, data,
                    metadata, priority, ttl)
                SELECT sequence, event_id, event_type, source, device_id, community_id::uuid, %s, data::jsonb,
                    metadata::jsonb, priority, ttl
                FROM unnest(?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[],
                        ?::text[], ?::text[], ?::bigint[])
                    AS x (sequence, event_id, event_type, source, device_id, community_id, at, data, metadata,
                        priority, ttl)
                ON CONFLICT (event_id) DO NOTHING
                """
                        .formatted(time("at")),
                events.size(),
                EVENT_OVERTAKEN,
                longs(events, Event.Logged::sequence),
                texts(events, logged -> logged.event().id()),
                texts(events, logged -> logged.event().type().value()),
                texts(events, logged -> logged.event().source()),
                texts(events, logged -> text(logged.event().device())),
                texts(events, logged -> text(logged.event().community())),
                longs(events, logged -> Micros.of(logged.event().timestamp())),
                texts(events, logged -> Json.write(logged.event().data())),
                texts(events, logged -> Json.write(logged.event().metadata())),
                texts(events, logged -> logged.event().priority().word()),
                numbers(
                        events,
                        logged ->
                                logged.event().ttl() == null
                                        ? null
                                        : (Long) logged.event().ttl().toSeconds()));
    }

    private void links(Pipeline pipeline, List<Fact.Linked> links, Instant at) {
        if (links.isEmpty()) {
            return;
        }
        pipeline.add(
                """
                INSERT INTO device_connection_logs
                    (id, device_id, event, protocol, remote_address, node, reason, session_seconds, timestamp,
                     community_id)
                SELECT id::uuid, device_id, event, protocol, address, node, reason, session / 1000.0, %s,
                    community::uuid
                FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[],
                        ?::bigint[], ?::text[])
                    AS x (id, device_id, event, protocol, address, node, reason, session, at, community)
                """
                        .formatted(time("at")),
                links.size(),
                ROWS_LOST,
                texts(links, _ -> ids.next(at).toString()),
                texts(links, link -> link.entry().device()),
                texts(links, link -> link.entry().kind().word()),
                texts(links, link -> link.entry().protocol().word()),
                texts(links, link -> link.entry().remoteAddress()),
                texts(links, link -> link.entry().node()),
                texts(links, link -> link.entry().reason()),
                numbers(links, link -> millis(link.entry().session())),
                longs(links, link -> Micros.of(link.entry().at())),
                texts(links, link -> text(link.community())));
    }

    private static void rollups(Pipeline pipeline, Collection<Rollup> rollups) {
        if (rollups.isEmpty()) {
            return;
        }
        pipeline.add(
                """
                INSERT INTO reading_rollups AS r (%s)
                SELECT device_id, metric, bucket, %s, count, min, max, sum, first, %s, last, %s
                FROM unnest(?::text[], ?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::float8[], ?::float8[],
                        ?::float8[], ?::float8[], ?::bigint[], ?::float8[], ?::bigint[])
                    AS x (device_id, metric, bucket, start, count, min, max, sum, first, first_at, last, last_at)
                """
                                .formatted(
                                        RollupRows.COLUMNS,
                                        time("start"),
                                        time("first_at"),
                                        time("last_at"))
                        + RollupRows.merge("least", "greatest"),
                rollups.size(),
                ROWS_LOST,
                texts(rollups, rollup -> rollup.device().value()),
                texts(rollups, Rollup::metric),
                texts(rollups, rollup -> rollup.bucket().word()),
                longs(rollups, Rollup::bucketStart),
                longs(rollups, Rollup::count),
                doubles(rollups, Rollup::min),
                doubles(rollups, Rollup::max),
                doubles(rollups, Rollup::sum),
                doubles(rollups, Rollup::first),
                longs(rollups, Rollup::firstAt),
                doubles(rollups, Rollup::last),
                longs(rollups, Rollup::lastAt));
    }

    private static @Nullable Long millis(@Nullable Duration time) {
        return time == null ? null : (Long) time.toMillis();
    }

    private static @Nullable String text(@Nullable Object id) {
        return id == null ? null : id.toString();
    }
}
