package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.tethral.account.Actor;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Page;
import org.tethral.kernel.StorageException;
import org.tethral.space.Cause;
import org.tethral.space.Reservation;
import org.tethral.space.ReservationId;
import org.tethral.space.ReservationStore;
import org.tethral.space.SpaceEvents;
import org.tethral.space.SpaceId;

public final class SqlReservationStore implements ReservationStore {

    private static final String LIST = "reservations";

    private final Database database;
    private final SpaceTurns turns;

    public SqlReservationStore(SpaceTurns turns) {
        this.database = turns.database();
        this.turns = turns;
    }

    @Override
    public Outcome add(Reservation asked) {
        try {
            return database.write("reserve a space", session -> add(session, asked));
        } catch (StorageException e) {
            if (!(e.getCause() instanceof SQLException reason)) {
                throw e;
            }
            if (SqlErrors.isDuplicate(reason)) {
                return repeated(asked);
            }
            if (SqlErrors.isOverlap(reason)) {
                return overlapping(asked);
            }
            throw e;
        }
    }

    private Outcome add(Session session, Reservation asked) throws SQLException {
        var there = SpaceRows.lock(session, asked.space()).isPresent();
        var requestId = asked.requestId();
        if (requestId != null) {
            var before = ReservationRows.ofRequest(session, requestId);
            if (before.isPresent()) {
                return repetition(before.get(), asked);
            }
        }
        if (!there) {
            return new Outcome.NoSuchSpace();
        }
        // the database would refuse it, too; but so it is known by whom the space is taken
        var inTheWay =
                ReservationRows.booked(session, asked.space(), asked.startsAt(), asked.endsAt(), 1);
        if (!inTheWay.isEmpty()) {
            return new Outcome.Overlaps(inTheWay.getFirst());
        }
        var by = asked.createdBy();
        ReservationRows.insert(session, asked);
        tell(session, asked, by, asked.createdAt());
        var now = asked.at(asked.createdAt());
        if (now.status() != asked.status()) {
            ReservationRows.update(session, now);
            tell(session, now, by, asked.createdAt());
        }
        turns.settle(session, asked.space(), Cause.reservation(now), asked.createdAt());
        return new Outcome.Done(now);
    }

    private void tell(Session session, Reservation reservation, Actor by, Instant at)
            throws SQLException {
        EventRows.append(database, session, List.of(SpaceEvents.reservation(reservation, by, at)));
    }

    private static Outcome repetition(Reservation before, Reservation asked) {
        return before.asksForTheSameAs(asked)
                ? new Outcome.Repeated(before)
                : new Outcome.RequestIdTaken();
    }

    /// Somebody asked the same at the same time.
    private Outcome repeated(Reservation asked) {
        return database.read(
                "find a reservation by its request",
                session -> {
                    var requestId = asked.requestId();
                    return (requestId == null
                                    ? Optional.<Reservation>empty()
                                    : ReservationRows.ofRequest(session, requestId))
                            .map(before -> repetition(before, asked))
                            .orElseGet(Outcome.RequestIdTaken::new);
                });
    }

    private Outcome overlapping(Reservation asked) {
        var booked = booked(asked.space(), asked.startsAt(), asked.endsAt());
        return new Outcome.Overlaps(booked.isEmpty() ? null : booked.getFirst());
    }

    @FunctionalInterface
    private interface Change {
        Reservation of(Reservation before);
    }

    @Override
    public Outcome confirm(ReservationId id, Actor by, Instant at) {
        return change(id, by, at, before -> before.confirmed(at).at(at));
    }

    @Override
    public Outcome cancel(ReservationId id, Actor by, Instant at) {
        return change(id, by, at, before -> before.cancelled(at));
    }

    private Outcome change(ReservationId id, Actor by, Instant time, Change change) {
        var at = Micros.truncated(time);
        return database.write(
                "change reservation " + id,
                session -> {
                    var known = ReservationRows.find(session, id);
                    if (known.isEmpty()) {
                        return new Outcome.Unknown();
                    }
                    var there = SpaceRows.lock(session, known.get().space()).isPresent();
                    var before = ReservationRows.find(session, id).orElse(known.get()).at(at);
                    var after = change.of(before);
                    if (after.status() == known.get().status()) {
                        return after.status().blocks()
                                ? new Outcome.Done(after)
                                : new Outcome.IsOver(after);
                    }
                    ReservationRows.update(session, after);
                    tell(session, after, by, at);
                    if (there) {
                        turns.settle(session, after.space(), Cause.reservation(after), at);
                    }
                    return after.status() == Reservation.Status.CANCELLED || after.status().blocks()
                            ? new Outcome.Done(after)
                            : new Outcome.IsOver(after);
                });
    }

    @Override
    public Optional<Reservation> find(ReservationId id) {
        return database.read(
                "find reservation " + id, session -> ReservationRows.find(session, id));
    }

    @Override
    public Page<Reservation> list(Filter filter, Page.Request page) {
        var where = where(filter);
        var after = Cursor.decode(LIST, 2, page);
        if (after != null) {
            var at = Micros.toInstant(after.number(0));
            var id = after.parsed(1, UUID::fromString);
            where.and("(starts_at, id) > (?, ?)", sql -> sql.set(at).set(id));
        }
        var rows =
                database.read(
                        "list reservations",
                        session ->
                                where.in(
                                                session,
                                                ReservationRows.SELECT
                                                        + "ORDER BY starts_at, id LIMIT ?")
                                        .set(page.limit() + 1)
                                        .list(ReservationRows::read));
        return Cursor.page(
                LIST,
                rows,
                page,
                one -> Cursor.of(Long.toString(Micros.of(one.startsAt())), one.id().toString()));
    }

    private static Where where(Filter filter) {
        var where = new Where();
        var from = filter.from();
        if (from != null) {
            where.and("ends_at > ?", sql -> sql.set(from));
        }
        var to = filter.to();
        if (to != null) {
            where.and("starts_at < ?", sql -> sql.set(to));
        }
        return where.equal("space_id", filter.space() == null ? null : filter.space().value())
                .equal("status", filter.status() == null ? null : filter.status().word())
                .equal(
                        "community_id",
                        filter.community() == null ? null : filter.community().value());
    }

    @Override
    public List<Reservation> booked(SpaceId space, Instant from, Instant to) {
        return database.read(
                "find who booked space " + space,
                session -> ReservationRows.booked(session, space, from, to, BOOKED_MAX));
    }
}
