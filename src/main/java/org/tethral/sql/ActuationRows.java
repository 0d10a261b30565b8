package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.space.Actuation;
import org.tethral.space.Cause;
import org.tethral.space.Course;
import org.tethral.space.DisplayCode;
import org.tethral.space.SpaceId;
import org.tethral.space.SpaceState;

/// The rows of `actuations`, and what their columns are.
final class ActuationRows {

    static final String SELECT =
            """
            SELECT id, space_id, community_id, trigger_type, trigger_source, previous_state, new_state, status,
                   display_device_id, display_deveui, shown_state, display_code, fport, confirmed, downlink_error,
                   queue_item_id, retry_count, created_at, sent_at, transmitted_at, confirmed_at, ended_at, expires_at,
                   next_attempt_at, overtaken
            FROM actuations {where}
            """;

    private ActuationRows() {}

    static Actuation read(Row row) throws SQLException {
        return new Actuation(
                row.uuid("id"),
                new SpaceId(row.uuid("space_id")),
                row.maybeCommunity(),
                new Cause(
                        Cause.Trigger.parse(row.text("trigger_type")), row.text("trigger_source")),
                SpaceState.parse(row.text("previous_state")),
                SpaceState.parse(row.text("new_state")),
                order(row),
                course(row),
                row.flag("overtaken"),
                row.time("created_at"),
                row.time("expires_at"));
    }

    private static Actuation.@Nullable Order order(Row row) throws SQLException {
        var display = SpaceRows.device(row, "display_device_id");
        return display == null
                ? null
                : new Actuation.Order(
                        display,
                        SpaceRows.devEui(row, "display_deveui"),
                        SpaceState.parse(row.text("shown_state")),
                        new DisplayCode(row.text("display_code")),
                        (int) row.number("fport"),
                        row.flag("confirmed"));
    }

    private static Course course(Row row) throws SQLException {
        var item = row.maybeUuid("queue_item_id");
        var error = row.maybeText("downlink_error");
        var retries = (int) row.number("retry_count");
        var attempts = item == null ? 0 : retries + 1;
        var sentAt = row.maybeTime("sent_at");
        var status = row.text("status");
        return switch (status) {
            case "queued" -> new Course.Queued(attempts, row.time("next_attempt_at"), item, error);
            case "sending" ->
                    new Course.Sending(
                            attempts, row.time("next_attempt_at"), row.uuid("queue_item_id"));
            case "sent" ->
                    new Course.Sent(
                            attempts,
                            row.time("next_attempt_at"),
                            row.uuid("queue_item_id"),
                            row.time("sent_at"));
            case "transmitted" ->
                    new Course.Transmitted(
                            attempts,
                            row.maybeTime("next_attempt_at"),
                            row.uuid("queue_item_id"),
                            sentAt,
                            row.time("transmitted_at"));
            case "confirmed" ->
                    new Course.Confirmed(
                            attempts, row.uuid("queue_item_id"), sentAt, row.time("confirmed_at"));
            case "failed" ->
                    new Course.Failed(
                            attempts,
                            item,
                            sentAt,
                            row.time("ended_at"),
                            error == null ? "" : error);
            case "superseded" ->
                    new Course.Superseded(attempts, item, sentAt, row.time("ended_at"));
            case "expired" ->
                    new Course.Expired(attempts, item, sentAt, row.time("ended_at"), error);
            case "none" -> new Course.None(row.time("ended_at"), error);
            default -> throw new SQLException("no status of an actuation: " + status);
        };
    }

    // what stands in which column

    private static @Nullable Instant endedAt(Actuation actuation) {
        return switch (actuation.course()) {
            case Course.Ended ended -> ended.at();
            case Course.Transmitted sent -> sent.nextAt() == null ? sent.at() : null;
            case Course.Queued _, Course.Sending _, Course.Sent _ -> null;
        };
    }

    private static boolean isSent(Actuation actuation) {
        return switch (actuation.course()) {
            case Course.Sent _, Course.Transmitted _, Course.Confirmed _ -> true;
            case Course.Failed _, Course.Superseded _, Course.Expired _ ->
                    actuation.sentAt() != null;
            case Course.Queued _, Course.Sending _, Course.None _ -> false;
        };
    }

    static void insert(Session session, Actuation one) throws SQLException {
        var order = one.order();
        session.sql(
                        """
                        INSERT INTO actuations (id, space_id, community_id, trigger_type, trigger_source, previous_state,
                            new_state, status, display_device_id, display_deveui, shown_state, display_code, fport,
                            confirmed, downlink_error, created_at, ended_at, expires_at, next_attempt_at)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """)
                .set(one.id())
                .set(one.space().value())
                .set(one.community())
                .set(one.cause().trigger().word())
                .set(one.cause().source())
                .set(one.previous().word())
                .set(one.next().word())
                .set(one.course().word())
                .set(order == null ? null : order.display())
                .set(order == null || order.devEui() == null ? null : order.devEui().value())
                .set(order == null ? null : order.state().word())
                .set(order == null ? null : order.code().hex())
                .setNumber(order == null ? null : (Long) (long) order.fport())
                .set(order != null && order.confirmed())
                .set(one.trouble())
                .set(one.createdAt())
                .set(endedAt(one))
                .set(one.expiresAt())
                .set(one.course().nextAt())
                .update();
    }

    static void update(Session session, Actuation one) throws SQLException {
        var course = one.course();
        var response = one.responseTime();
        session.sql(
                        """
                        UPDATE actuations
                        SET status = ?, downlink_sent = ?, downlink_confirmed = ?, downlink_error = ?, queue_item_id = ?,
                            response_time_ms = ?, retry_count = ?, sent_at = ?, transmitted_at = coalesce(?, transmitted_at),
                            confirmed_at = ?, ended_at = ?, next_attempt_at = ?, overtaken = ?
                        WHERE id = ?
                        """)
                .set(course.word())
                .set(isSent(one))
                .set(course instanceof Course.Confirmed)
                .set(one.trouble())
                .set(course.item())
                .setNumber(response == null ? null : (Long) response.toMillis())
                .set(Math.max(0, course.attempts() - 1))
                .set(one.sentAt())
                .set(course instanceof Course.Transmitted sent ? sent.at() : null)
                .set(course instanceof Course.Confirmed confirmed ? confirmed.at() : null)
                .set(endedAt(one))
                .set(course.nextAt())
                .set(one.overtaken())
                .set(one.id())
                .update();
    }

    /// Of that display, those of which something is still to come, oldest first; nobody else
    /// changes them until this is committed.
    static List<Actuation> open(Session session, String display) throws SQLException {
        return new Where()
                .equal("display_device_id", display)
                .in(
                        session,
                        SELECT
                                + " AND next_attempt_at IS NOT NULL ORDER BY created_at, id"
                                + session.dialect().choose("", " FOR UPDATE"))
                .list(ActuationRows::read);
    }

    static List<Actuation> ofItem(Session session, UUID item) throws SQLException {
        return new Where()
                .equal("queue_item_id", item)
                .in(session, SELECT + session.dialect().choose("", " FOR UPDATE"))
                .list(ActuationRows::read);
    }
}
