package org.tethral.sql;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tethral.command.CommandId;
import org.tethral.command.CommandName;
import org.tethral.command.CommandStatus;
import org.tethral.command.Dispatch;
import org.tethral.command.Stage;
import org.tethral.command.Terms;
import org.tethral.event.Priority;
import org.tethral.json.Json;

/// The rows of `command_dispatches`, each with the terms of its command, and what their columns
/// are.
final class DispatchRows {

    static final String COLUMNS =
            """
            d.command_id, d.device_id, d.status, d.attempts, d.next_attempt_at, d.sent_at, d.delivered_at, d.acked_at,
            d.ended_at, d.answer, d.response, d.message, d.error, d.cancelled_by, d.node, d.revision,
            l.command_name, l.priority, l.community_id, l.created_at, l.expires_at, l.timeout_ms, l.max_attempts,
            l.one_way, l.node AS issued_on
            """;

    static final String SELECT =
            "SELECT "
                    + COLUMNS
                    + " FROM command_dispatches d JOIN command_logs l ON l.command_id = d.command_id ";

    private DispatchRows() {}

    static Map<Dispatch.Key, Dispatch> read(Session session, Collection<Dispatch.Key> keys)
            throws SQLException {
        var found = new HashMap<Dispatch.Key, Dispatch>();
        if (session.dialect() == Dialect.SQLITE) {
            for (var key : keys) {
                session.sql(SELECT + "WHERE d.command_id = ? AND d.device_id = ?")
                        .set(key.command().value())
                        .set(key.device())
                        .find(DispatchRows::dispatch)
                        .ifPresent(dispatch -> found.put(key, dispatch));
            }
            return found;
        }
        session.sql(
                        SELECT
                                + """
                                JOIN unnest(?::text[], ?::text[]) AS x (command_id, device_id)
                                    ON d.command_id = x.command_id::uuid AND d.device_id = x.device_id
                                """)
                .set(keys.stream().map(key -> key.command().toString()).toList())
                .set(keys.stream().map(key -> key.device().value()).toList())
                .each(row -> {
                    var dispatch = dispatch(row);
                    found.put(dispatch.key(), dispatch);
                });
        return found;
    }

    static Dispatch dispatch(Row row) throws SQLException {
        return new Dispatch(
                new CommandId(row.uuid("command_id")),
                row.device(),
                terms(row, "issued_on"),
                stage(row),
                row.number("revision"));
    }

    static Terms terms(Row row, String node) throws SQLException {
        return new Terms(
                new CommandName(row.text("command_name")),
                Priority.parse(row.text("priority")),
                row.maybeCommunity(),
                row.time("created_at"),
                row.time("expires_at"),
                Duration.ofMillis(row.number("timeout_ms")),
                (int) row.number("max_attempts"),
                row.flag("one_way"),
                row.text(node));
    }

    private static Stage stage(Row row) throws SQLException {
        var attempts = (int) row.number("attempts");
        var sentAt = row.maybeTime("sent_at");
        return switch (CommandStatus.parse(row.text("status"))) {
            case PENDING -> {
                var next = row.time("next_attempt_at");
                yield new Stage.Pending(
                        attempts,
                        sentAt,
                        next.isBefore(row.time("expires_at")) ? next : null,
                        row.maybeText("error"));
            }
            case SENT ->
                    new Stage.Sent(
                            attempts,
                            row.time("sent_at"),
                            row.maybeText("node"),
                            row.time("next_attempt_at"));
            case DELIVERED ->
                    new Stage.Delivered(
                            attempts,
                            row.time("sent_at"),
                            row.time("delivered_at"),
                            row.maybeText("node"),
                            row.time("next_attempt_at"));
            case ACK_SUCCESS, ACK_ERROR ->
                    new Stage.Acknowledged(
                            attempts, row.time("sent_at"), reply(row, row.time("acked_at")));
            case TIMEOUT ->
                    new Stage.TimedOut(
                            attempts,
                            row.time("sent_at"),
                            row.time("ended_at"),
                            row.text("error"),
                            late(row));
            case EXPIRED -> new Stage.Expired(attempts, sentAt, row.time("ended_at"), late(row));
            case CANCELLED ->
                    new Stage.Cancelled(
                            attempts,
                            sentAt,
                            row.time("ended_at"),
                            row.text("cancelled_by"),
                            late(row));
        };
    }

    private static Stage.@Nullable Reply late(Row row) throws SQLException {
        var at = row.maybeTime("acked_at");
        return at == null ? null : reply(row, at);
    }

    private static Stage.Reply reply(Row row, Instant at) throws SQLException {
        return new Stage.Reply(
                at,
                row.text("answer").equals("success"),
                row.json("response"),
                row.maybeText("message"));
    }

    // what stands in which column

    static int rank(Dispatch dispatch) {
        return switch (dispatch.terms().priority()) {
            case LOW -> 0;
            case NORMAL -> 1;
            case HIGH -> 2;
            case CRITICAL -> 3;
        };
    }

    static @Nullable Instant nextAt(Dispatch dispatch) {
        return dispatch.nextAt();
    }

    static @Nullable Instant deliveredAt(Dispatch dispatch) {
        return dispatch.stage() instanceof Stage.Delivered delivered ? delivered.at() : null;
    }

    private static Stage.@Nullable Reply reply(Dispatch dispatch) {
        return switch (dispatch.stage()) {
            case Stage.Pending _, Stage.Sent _, Stage.Delivered _ -> null;
            case Stage.Acknowledged(_, _, var reply) -> reply;
            case Stage.TimedOut ended -> ended.late();
            case Stage.Expired ended -> ended.late();
            case Stage.Cancelled ended -> ended.late();
        };
    }

    static @Nullable Instant ackedAt(Dispatch dispatch) {
        var reply = reply(dispatch);
        return reply == null ? null : reply.at();
    }

    static @Nullable String answer(Dispatch dispatch) {
        var reply = reply(dispatch);
        return reply == null ? null : reply.success() ? "success" : "error";
    }

    static @Nullable String response(Dispatch dispatch) {
        var reply = reply(dispatch);
        return reply == null ? null : Json.write(reply.result());
    }

    static @Nullable String message(Dispatch dispatch) {
        var reply = reply(dispatch);
        return reply == null ? null : reply.message();
    }

    static @Nullable String error(Dispatch dispatch) {
        return switch (dispatch.stage()) {
            case Stage.Pending pending -> pending.trouble();
            case Stage.TimedOut ended -> ended.trouble();
            case Stage.Acknowledged(_, _, var reply) when !reply.success() -> reply.message();
            case Stage.Acknowledged _,
                    Stage.Sent _,
                    Stage.Delivered _,
                    Stage.Expired _,
                    Stage.Cancelled _ ->
                    null;
        };
    }

    static @Nullable Long responseMillis(Dispatch dispatch) {
        var reply = reply(dispatch);
        var sentAt = dispatch.stage().sentAt();
        return reply == null || sentAt == null
                ? null
                : (Long) Math.max(0, Duration.between(sentAt, reply.at()).toMillis());
    }

    static @Nullable String cancelledBy(Dispatch dispatch) {
        return dispatch.stage() instanceof Stage.Cancelled ended ? ended.by() : null;
    }

    static @Nullable String node(Dispatch dispatch) {
        return switch (dispatch.stage()) {
            case Stage.Sent sent -> sent.node();
            case Stage.Delivered delivered -> delivered.node();
            case Stage.Pending _,
                    Stage.Acknowledged _,
                    Stage.TimedOut _,
                    Stage.Expired _,
                    Stage.Cancelled _ ->
                    null;
        };
    }
}
