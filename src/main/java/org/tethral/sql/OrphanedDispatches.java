package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.command.CommandEvents;
import org.tethral.command.Dispatch;
import org.tethral.command.DispatchStep;
import org.tethral.device.DeviceId;
import org.tethral.event.Event;

/// The open dispatches of a device that is not there any more, or not for those who sent them.
final class OrphanedDispatches {

    private static final Actor MOVE = Actor.system("device_moved");

    private OrphanedDispatches() {}

    /// Cancels them, and counts them where their commands are counted.
    ///
    /// @return the events that tell of it
    static List<Event> end(Session session, DeviceId device, Actor by, Instant at)
            throws SQLException {
        return end(session, open(session, device), by, at);
    }

    /// The device is of another community now: what its former one wanted of it is cancelled, by no
    /// name that the former one does not know. What the platform sent to devices of several
    /// communities goes on.
    ///
    /// @return the events that tell the former one of it
    static List<Event> endOfOthers(
            Session session, DeviceId device, @Nullable CommunityId now, Instant at)
            throws SQLException {
        var foreign =
                open(session, device).stream()
                        .filter(dispatch ->
                                dispatch.terms().community() != null
                                        && !dispatch.terms().community().equals(now))
                        .toList();
        return end(session, foreign, MOVE, at);
    }

    private static List<Dispatch> open(Session session, DeviceId device) throws SQLException {
        return session.sql(
                        DispatchRows.SELECT
                                + "WHERE d.device_id = ? AND d.ended_at IS NULL ORDER BY d.command_id"
                                + session.dialect().choose("", " FOR UPDATE OF d"))
                .set(device)
                .list(DispatchRows::dispatch);
    }

    private static List<Event> end(Session session, List<Dispatch> open, Actor by, Instant at)
            throws SQLException {
        var events = new ArrayList<Event>(open.size());
        for (var dispatch : open) {
            var ended = dispatch.after(new DispatchStep.Cancelled(by), at);
            write(session, ended);
            count(session, dispatch, at);
            events.add(CommandEvents.ended(ended, dispatch.terms().community(), at));
        }
        return events;
    }

    private static void write(Session session, Dispatch ended) throws SQLException {
        session.sql(
                        """
                        UPDATE command_dispatches SET status = ?, next_attempt_at = NULL, ended_at = ?, cancelled_by = ?,
                            error = NULL, node = NULL, revision = revision + 1
                        WHERE command_id = ? AND device_id = ?
                        """)
                .set(ended.stage().status().word())
                .set(ended.endedAt())
                .set(DispatchRows.cancelledBy(ended))
                .set(ended.command().value())
                .set(ended.device())
                .update();
    }

    /// A command has one dispatch to a device.
    private static void count(Session session, Dispatch was, Instant at) throws SQLException {
        session.sql(
                        """
                        UPDATE command_logs SET %1$s_count = %1$s_count - 1, cancelled_count = cancelled_count + 1,
                            completed_at = CASE WHEN pending_count + sent_count + delivered_count = 1 THEN ?
                                ELSE completed_at END
                        WHERE command_id = ?
                        """
                                .formatted(was.stage().status().word()))
                .set(at)
                .set(was.command().value())
                .update();
    }

    /// Forgets what the device said. That it was sent something stays, as commands are counted.
    static void forgetAnswers(Session session, DeviceId device) throws SQLException {
        session.sql(
                        """
                        UPDATE command_dispatches SET response = '{}', message = NULL,
                            error = CASE status WHEN 'timeout' THEN error END
                        WHERE device_id = ? AND answer IS NOT NULL
                        """)
                .set(device)
                .update();
    }
}
