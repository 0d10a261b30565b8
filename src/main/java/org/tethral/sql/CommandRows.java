package org.tethral.sql;

import static org.tethral.sql.Columns.longs;
import static org.tethral.sql.Columns.numbers;
import static org.tethral.sql.Columns.texts;
import static org.tethral.sql.Columns.time;
import static org.tethral.sql.Columns.times;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tethral.command.CommandStatus;
import org.tethral.command.Dispatch;
import org.tethral.command.TargetDocument;
import org.tethral.json.Json;
import org.tethral.kernel.Micros;
import org.tethral.kernel.StorageException;

/// Bulk writes of `command_logs` and `command_dispatches`, on each engine as the other tables of a
/// commit.
final class CommandRows {

    private static final String WHAT = "a command on its way";
    private static final Pipeline.Miss OVERTAKEN =
            new Pipeline.Miss(StorageException.Cause.CONFLICT, WHAT + JournalTables.OVERTAKEN);
    private static final Pipeline.Miss ROWS_LOST =
            new Pipeline.Miss(
                    StorageException.Cause.UNAVAILABLE, "the database did not take all commands");

    private CommandRows() {}

    static void onSqlite(Session session, CommandMoves moves) throws SQLException {
        insertDispatches(session, moves.added());
        insertCommands(session, moves.issued());
        updateDispatches(session, moves.moved());
        updateCounts(session, moves.counts());
    }

    private static void insertCommands(Session session, List<CommandMoves.Issued> issued)
            throws SQLException {
        if (issued.isEmpty()) {
            return;
        }
        var insert =
                session.sql(
                        """
                        INSERT INTO command_logs (command_id, device_type, target, command_name, payload, priority,
                            target_device_count, issued_by, idempotency_key, community_id, created_at, expires_at,
                            timeout_ms, max_attempts, one_way, node, pending_count, sent_count, delivered_count,
                            success_count, error_count, timeout_count, expired_count, cancelled_count)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0, 0)
                        """);
        for (var one : issued) {
            var command = one.command();
            var terms = command.terms();
            insert.set(command.id().value())
                    .set(command.deviceType())
                    .set(TargetDocument.of(command.target()))
                    .set(terms.name().value())
                    .set(command.payload())
                    .set(terms.priority().word())
                    .set(command.targetCount())
                    .set(command.issuedBy().toString())
                    .set(command.idempotencyKey())
                    .set(terms.community())
                    .set(terms.createdAt())
                    .set(terms.expiresAt())
                    .set(terms.timeout().toMillis())
                    .set(terms.attemptsMax())
                    .set(terms.oneWay())
                    .set(terms.node())
                    .set(one.counts().of(CommandStatus.PENDING))
                    .set(one.counts().of(CommandStatus.SENT))
                    .add();
        }
        insert.batch();
    }

    private static void insertDispatches(Session session, List<Dispatch> added)
            throws SQLException {
        if (added.isEmpty()) {
            return;
        }
        var insert =
                session.sql(
                        """
                        INSERT INTO command_dispatches (command_id, device_id, status, attempts, rank, expires_at,
                            next_attempt_at, sent_at, node)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """);
        for (var dispatch : added) {
            insert.set(dispatch.command().value())
                    .set(dispatch.device())
                    .set(dispatch.stage().status().word())
                    .set(dispatch.stage().attempts())
                    .set(DispatchRows.rank(dispatch))
                    .set(dispatch.terms().expiresAt())
                    .set(DispatchRows.nextAt(dispatch))
                    .set(dispatch.stage().sentAt())
                    .set(DispatchRows.node(dispatch))
                    .add();
        }
        insert.batch();
    }

    private static void updateDispatches(Session session, List<Dispatch> moved)
            throws SQLException {
        if (moved.isEmpty()) {
            return;
        }
        var update =
                session.sql(
                        """
                        UPDATE command_dispatches SET status = ?, attempts = ?, next_attempt_at = ?, sent_at = ?,
                            delivered_at = coalesce(?, delivered_at), acked_at = ?, ended_at = ?, answer = ?,
                            response = ?, message = ?, error = ?, response_time_ms = ?, cancelled_by = ?, node = ?,
                            revision = revision + 1
                        WHERE command_id = ? AND device_id = ? AND revision = ?
                        """);
        for (var dispatch : moved) {
            update.set(dispatch.stage().status().word())
                    .set(dispatch.stage().attempts())
                    .set(DispatchRows.nextAt(dispatch))
                    .set(dispatch.stage().sentAt())
                    .set(DispatchRows.deliveredAt(dispatch))
                    .set(DispatchRows.ackedAt(dispatch))
                    .set(dispatch.endedAt())
                    .set(DispatchRows.answer(dispatch))
                    .set(DispatchRows.response(dispatch))
                    .set(DispatchRows.message(dispatch))
                    .set(DispatchRows.error(dispatch))
                    .setNumber(DispatchRows.responseMillis(dispatch))
                    .set(DispatchRows.cancelledBy(dispatch))
                    .set(DispatchRows.node(dispatch))
                    .set(dispatch.command().value())
                    .set(dispatch.device())
                    .set(dispatch.revision())
                    .add();
        }
        for (var count : update.batch()) {
            if (count != 1) {
                throw new StorageException(OVERTAKEN.kind(), OVERTAKEN.why());
            }
        }
    }

    private static void updateCounts(Session session, List<CommandMoves.Counts> counts)
            throws SQLException {
        if (counts.isEmpty()) {
            return;
        }
        var update =
                session.sql(
                        """
                        UPDATE command_logs SET pending_count = pending_count + ?1, sent_count = sent_count + ?2,
                            delivered_count = delivered_count + ?3, success_count = success_count + ?4,
                            error_count = error_count + ?5, timeout_count = timeout_count + ?6,
                            expired_count = expired_count + ?7, cancelled_count = cancelled_count + ?8,
                            completed_at = CASE
                                WHEN pending_count + sent_count + delivered_count + ?1 + ?2 + ?3 = 0 THEN ?9
                                ELSE completed_at END
                        WHERE command_id = ?10
                        """);
        for (var one : counts) {
            for (var status : CommandStatus.values()) {
                update.set(one.of(status));
            }
            update.set(one.endedAt()).set(one.command().value()).add();
        }
        update.batch();
    }

    static void onPostgresql(Pipeline pipeline, CommandMoves moves) {
        addDispatches(pipeline, moves.added());
        addCommands(pipeline, moves.issued());
        move(pipeline, moves.moved(), moves.counts());
    }

    private static void addCommands(Pipeline pipeline, List<CommandMoves.Issued> issued) {
        if (issued.isEmpty()) {
            return;
        }
        pipeline.add(
                """
                INSERT INTO command_logs (command_id, device_type, target, command_name, payload, priority,
                    target_device_count, issued_by, idempotency_key, community_id, created_at, expires_at,
                    timeout_ms, max_attempts, one_way, node, pending_count, sent_count, delivered_count,
                    success_count, error_count, timeout_count, expired_count, cancelled_count)
                SELECT id::uuid, device_type, target::jsonb, name, payload::jsonb, priority, targets, issued_by, key,
                    community::uuid, %s, %s, timeout_ms, attempts, one_way = 1, node, pending, sent, 0, 0, 0, 0, 0, 0
                FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[],
                        ?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[],
                        ?::text[], ?::bigint[], ?::bigint[])
                    AS x (id, device_type, target, name, payload, priority, targets, issued_by, key, community,
                        created, expires, timeout_ms, attempts, one_way, node, pending, sent)
                """
                        .formatted(time("created"), time("expires")),
                issued.size(),
                ROWS_LOST,
                texts(issued, one -> one.command().id().toString()),
                texts(issued, one -> one.command().deviceType()),
                texts(issued, one -> Json.write(TargetDocument.of(one.command().target()))),
                texts(issued, one -> one.command().terms().name().value()),
                texts(issued, one -> Json.write(one.command().payload())),
                texts(issued, one -> one.command().terms().priority().word()),
                longs(issued, one -> one.command().targetCount()),
                texts(issued, one -> one.command().issuedBy().toString()),
                texts(issued, one -> one.command().idempotencyKey()),
                texts(
                        issued,
                        one -> {
                            var community = one.command().terms().community();
                            return community == null ? null : community.toString();
                        }),
                longs(issued, one -> Micros.of(one.command().terms().createdAt())),
                longs(issued, one -> Micros.of(one.command().terms().expiresAt())),
                longs(issued, one -> one.command().terms().timeout().toMillis()),
                longs(issued, one -> one.command().terms().attemptsMax()),
                longs(issued, one -> one.command().terms().oneWay() ? 1 : 0),
                texts(issued, one -> one.command().terms().node()),
                longs(issued, one -> one.counts().of(CommandStatus.PENDING)),
                longs(issued, one -> one.counts().of(CommandStatus.SENT)));
    }

    private static void addDispatches(Pipeline pipeline, List<Dispatch> added) {
        if (added.isEmpty()) {
            return;
        }
        pipeline.add(
                """
                INSERT INTO command_dispatches (command_id, device_id, status, attempts, rank, expires_at,
                    next_attempt_at, sent_at, node)
                SELECT id::uuid, device_id, status, attempts, rank, %s, %s, %s, node
                FROM unnest(?::text[], ?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[],
                        ?::bigint[], ?::text[])
                    AS x (id, device_id, status, attempts, rank, expires, next, sent, node)
                """
                        .formatted(time("expires"), time("next"), time("sent")),
                added.size(),
                ROWS_LOST,
                texts(added, dispatch -> dispatch.command().toString()),
                texts(added, dispatch -> dispatch.device().value()),
                texts(added, dispatch -> dispatch.stage().status().word()),
                longs(added, dispatch -> dispatch.stage().attempts()),
                longs(added, dispatch -> DispatchRows.rank(dispatch)),
                longs(added, dispatch -> Micros.of(dispatch.terms().expiresAt())),
                times(added, DispatchRows::nextAt),
                times(added, dispatch -> dispatch.stage().sentAt()),
                texts(added, DispatchRows::node));
    }

    private static final String MOVE_DISPATCHES =
            """
            UPDATE command_dispatches d SET status = x.status, attempts = x.attempts, next_attempt_at = %s,
                sent_at = %s, delivered_at = coalesce(%s, d.delivered_at), acked_at = %s, ended_at = %s,
                answer = x.answer, response = x.response::jsonb, message = x.message, error = x.error,
                response_time_ms = x.response_ms, cancelled_by = x.cancelled_by, node = x.node,
                revision = x.revision + 1
            FROM unnest(?::text[], ?::text[], ?::bigint[], ?::text[], ?::bigint[], ?::bigint[], ?::bigint[],
                    ?::bigint[], ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[],
                    ?::text[], ?::text[])
                AS x (id, device_id, revision, status, attempts, next, sent, delivered, acked, ended, answer,
                    response, message, error, response_ms, cancelled_by, node)
            WHERE d.command_id = x.id::uuid AND d.device_id = x.device_id AND d.revision = x.revision
            """
                    .formatted(
                            time("x.next"),
                            time("x.sent"),
                            time("x.delivered"),
                            time("x.acked"),
                            time("x.ended"));

    /// The counts follow all dispatches or none: those of one that somebody else has moved would be
    /// refused for good, before anybody saw that it was overtaken.
    private static final String MOVE_WITH_COUNTS =
            """
            WITH moved AS (%s RETURNING 1)
            UPDATE command_logs l SET pending_count = l.pending_count + x.pending,
                sent_count = l.sent_count + x.sent, delivered_count = l.delivered_count + x.delivered,
                success_count = l.success_count + x.success, error_count = l.error_count + x.error,
                timeout_count = l.timeout_count + x.timeout, expired_count = l.expired_count + x.expired,
                cancelled_count = l.cancelled_count + x.cancelled,
                completed_at = CASE WHEN l.pending_count + l.sent_count + l.delivered_count
                    + x.pending + x.sent + x.delivered = 0 THEN %s ELSE l.completed_at END
            FROM unnest(?::text[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[],
                    ?::bigint[], ?::bigint[], ?::bigint[])
                AS x (id, pending, sent, delivered, success, error, timeout, expired, cancelled, ended)
            WHERE l.command_id = x.id::uuid AND (SELECT count(*) FROM moved) = ?
            """
                    .formatted(MOVE_DISPATCHES, time("x.ended"));

    private static void move(
            Pipeline pipeline, List<Dispatch> moved, List<CommandMoves.Counts> counts) {
        if (counts.isEmpty()) {
            if (!moved.isEmpty()) {
                pipeline.add(MOVE_DISPATCHES, moved.size(), OVERTAKEN, columns(moved));
            }
            return;
        }
        var values = new ArrayList<@Nullable Object>(Arrays.asList(columns(moved)));
        values.addAll(Arrays.asList(columnsOfCounts(counts)));
        values.add((long) moved.size());
        pipeline.add(MOVE_WITH_COUNTS, counts.size(), OVERTAKEN, values.toArray());
    }

    private static @Nullable Object[] columns(List<Dispatch> moved) {
        return new @Nullable Object[] {
            texts(moved, dispatch -> dispatch.command().toString()),
            texts(moved, dispatch -> dispatch.device().value()),
            longs(moved, Dispatch::revision),
            texts(moved, dispatch -> dispatch.stage().status().word()),
            longs(moved, dispatch -> dispatch.stage().attempts()),
            times(moved, DispatchRows::nextAt),
            times(moved, dispatch -> dispatch.stage().sentAt()),
            times(moved, DispatchRows::deliveredAt),
            times(moved, DispatchRows::ackedAt),
            times(moved, Dispatch::endedAt),
            texts(moved, DispatchRows::answer),
            texts(moved, DispatchRows::response),
            texts(moved, DispatchRows::message),
            texts(moved, DispatchRows::error),
            numbers(moved, DispatchRows::responseMillis),
            texts(moved, DispatchRows::cancelledBy),
            texts(moved, DispatchRows::node)
        };
    }

    private static @Nullable Object[] columnsOfCounts(List<CommandMoves.Counts> counts) {
        return new @Nullable Object[] {
            texts(counts, one -> one.command().toString()),
            longs(counts, one -> one.of(CommandStatus.PENDING)),
            longs(counts, one -> one.of(CommandStatus.SENT)),
            longs(counts, one -> one.of(CommandStatus.DELIVERED)),
            longs(counts, one -> one.of(CommandStatus.ACK_SUCCESS)),
            longs(counts, one -> one.of(CommandStatus.ACK_ERROR)),
            longs(counts, one -> one.of(CommandStatus.TIMEOUT)),
            longs(counts, one -> one.of(CommandStatus.EXPIRED)),
            longs(counts, one -> one.of(CommandStatus.CANCELLED)),
            times(counts, CommandMoves.Counts::endedAt)
        };
    }
}
