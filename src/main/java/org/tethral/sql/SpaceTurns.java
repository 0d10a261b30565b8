package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Micros;
import org.tethral.kernel.TimeOrderedIds;
import org.tethral.space.Actuation;
import org.tethral.space.ActuationStep;
import org.tethral.space.Cause;
import org.tethral.space.Course;
import org.tethral.space.SharedDisplay;
import org.tethral.space.Space;
import org.tethral.space.SpaceEvents;
import org.tethral.space.SpaceId;
import org.tethral.space.SpaceState;

/// What follows, inside the same transaction, when something has changed that bears on a space: its
/// state, the event, and the actuation of its display. Locks are taken in the order space, display,
/// actuations.
public final class SpaceTurns {

    private final Database database;
    private final TimeOrderedIds ids;

    public SpaceTurns(Database database, RandomGenerator random) {
        this.database = database;
        this.ids = new TimeOrderedIds(random);
    }

    public Database database() {
        return database;
    }

    synchronized UUID newId(Instant at) {
        return ids.next(at);
    }

    /// Makes the space what it is by all that is written of it now.
    ///
    /// @throws SQLException also where there is no such space
    Space settle(Session session, SpaceId id, Cause cause, Instant at) throws SQLException {
        var now = Micros.truncated(at);
        var space =
                SpaceRows.lock(session, id)
                        .orElseThrow(() -> new SQLException("there is no space " + id));
        var reservation = ReservationRows.at(session, id, now).orElse(null);
        var state = space.standing(reservation).stateAt(now);
        if (state == space.state()) {
            return space;
        }
        session.sql("UPDATE spaces SET current_state = ?, state_since = ? WHERE id = ?")
                .set(state.word())
                .set(now)
                .set(id.value())
                .update();
        var turned =
                SpaceRows.find(session, id)
                        .orElseThrow(() -> new SQLException("there is no space " + id));
        EventRows.append(
                database, session, List.of(SpaceEvents.changed(turned, space.state(), cause)));
        show(session, turned, space.state(), cause, now, false);
        return turned;
    }

    /// Tells the space's display what it is to show, where that is news to it.
    ///
    /// @param previous what the space was before
    /// @param anyway also where it was told the same before
    void show(
            Session session,
            Space space,
            SpaceState previous,
            Cause cause,
            Instant now,
            boolean anyway)
            throws SQLException {
        var id = space.serving().display();
        var display = id == null ? null : DisplayRows.lock(session, id).orElse(null);
        if (display == null) {
            keep(session, space, previous, cause, null, new Course.None(now, null), now);
            return;
        }
        var about = display.about();
        var shows = SharedDisplay.shows(SpaceRows.statesAt(session, about.device()));
        if (shows == display.wanted() && !anyway) {
            var why = "the display goes on to show " + shows.word();
            keep(session, space, previous, cause, null, new Course.None(now, why), now);
            return;
        }
        DisplayRows.want(session, about.device(), shows);
        overtake(session, about.device(), now);
        var code = about.codes().of(shows);
        if (code.isEmpty()) {
            var why = "the display has no code for " + shows.word();
            keep(session, space, previous, cause, null, new Course.None(now, why), now);
            return;
        }
        var order =
                new Actuation.Order(
                        about.device(),
                        about.devEui(),
                        shows,
                        code.get(),
                        about.fport(),
                        about.confirmedDownlinks());
        keep(session, space, previous, cause, order, new Course.Queued(0, now, null, null), now);
    }

    /// What it was told before is not to be sent (again).
    void overtake(Session session, DeviceId display, Instant now) throws SQLException {
        for (var older : ActuationRows.open(session, display.value())) {
            ActuationRows.update(session, older.after(new ActuationStep.Overtaken(), now));
        }
    }

    private void keep(
            Session session,
            Space space,
            SpaceState previous,
            Cause cause,
            Actuation.@Nullable Order order,
            Course course,
            Instant now)
            throws SQLException {
        if (course instanceof Course.None && previous == space.state()) {
            return; // nothing changed, and nothing is sent
        }
        ActuationRows.insert(
                session,
                new Actuation(
                        newId(now),
                        space.id(),
                        space.about().community(),
                        cause,
                        previous,
                        space.state(),
                        order,
                        course,
                        false,
                        now,
                        now.plus(Actuation.USEFUL_FOR)));
    }
}
