package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Page;
import org.tethral.kernel.StorageException;
import org.tethral.space.Assignment;
import org.tethral.space.Cause;
import org.tethral.space.ManualState;
import org.tethral.space.Part;
import org.tethral.space.Space;
import org.tethral.space.SpaceEvents;
import org.tethral.space.SpaceId;
import org.tethral.space.SpaceStore;

public final class SqlSpaceStore implements SpaceStore {

    private static final String LIST = "spaces";
    private static final String HISTORY = "assignments";

    private final Database database;
    private final SpaceTurns turns;

    public SqlSpaceStore(SpaceTurns turns) {
        this.database = turns.database();
        this.turns = turns;
    }

    @Override
    public Outcome add(Space space, Actor by) {
        return unlessTaken(
                space.about(),
                () ->
                        database.write(
                                "add space " + space.about().code(),
                                session -> {
                                    if (!isThere(session, space.about())) {
                                        return new Outcome.NothingThere("location");
                                    }
                                    SpaceRows.insert(session, space);
                                    return done(session, space.id());
                                }));
    }

    @FunctionalInterface
    private interface Attempt {
        Outcome run();
    }

    private static Outcome unlessTaken(Space.About about, Attempt attempt) {
        try {
            return attempt.run();
        } catch (StorageException e) {
            if (e.getCause() instanceof SQLException reason) {
                if (SqlErrors.isDuplicate(reason)) {
                    return new Outcome.CodeTaken(about.code());
                }
                if (SqlErrors.isMissingReference(reason)) {
                    return new Outcome.NothingThere("location");
                }
            }
            throw e;
        }
    }

    /// The location, where one is named, and of the same community.
    private static boolean isThere(Session session, Space.About about) throws SQLException {
        return about.location() == null
                || SqlLocationStore.find(session, about.location())
                        .filter(location -> same(location.community(), about.community()))
                        .isPresent();
    }

    private static boolean same(@Nullable CommunityId one, @Nullable CommunityId other) {
        return one == null ? other == null : one.equals(other);
    }

    private static Outcome done(Session session, SpaceId id) throws SQLException {
        return SpaceRows.find(session, id)
                .<Outcome>map(Outcome.Done::new)
                .orElseGet(Outcome.Unknown::new);
    }

    @Override
    public Optional<Space> find(SpaceId id) {
        return database.read("find space " + id, session -> SpaceRows.find(session, id));
    }

    @Override
    public Page<Space> list(Filter filter, Page.Request page) {
        var where = where(filter);
        var after = Cursor.decode(LIST, 2, page);
        if (after != null) {
            var id = after.parsed(0, UUID::fromString);
            where.and("(code, id) > (?, ?)", sql -> sql.set(after.text(1)).set(id));
        }
        var rows =
                database.read(
                        "list spaces",
                        session ->
                                where.in(session, SpaceRows.SELECT + "ORDER BY code, id LIMIT ?")
                                        .set(page.limit() + 1)
                                        .list(SpaceRows::read));
        return Cursor.page(
                LIST, rows, page, one -> Cursor.of(one.id().toString(), one.about().code()));
    }

    private static Where where(Filter filter) {
        var where = new Where();
        var device = filter.device();
        if (device != null) {
            where.and(
                    "(sensor_device_id = ? OR display_device_id = ?)",
                    sql -> sql.set(device).set(device));
        }
        return where.equal(
                        "community_id",
                        filter.community() == null ? null : filter.community().value())
                .equal("location_id", filter.location() == null ? null : filter.location().value())
                .equal("code", filter.code())
                .equal("current_state", filter.state() == null ? null : filter.state().word())
                .equal(
                        "sensor_deveui",
                        filter.sensorDevEui() == null ? null : filter.sensorDevEui().value())
                .equal(
                        "display_deveui",
                        filter.displayDevEui() == null ? null : filter.displayDevEui().value());
    }

    // --- what is done with one

    @FunctionalInterface
    private interface Change {
        Outcome make(Session session, Space space, Instant at) throws SQLException;
    }

    /// With the space locked, where it still is what the caller means.
    private Outcome act(String doing, SpaceId id, Act act, Change change) {
        return database.write(
                doing + " space " + id,
                session -> {
                    var space = SpaceRows.lock(session, id);
                    if (space.isEmpty()) {
                        return new Outcome.Unknown();
                    }
                    var expected = act.expectedVersion();
                    if (expected != null && expected != space.get().version()) {
                        return new Outcome.VersionIsNow(space.get().version());
                    }
                    return change.make(session, space.get(), Micros.truncated(act.at()));
                });
    }

    @Override
    public Outcome change(SpaceId id, Space.About next, Act act) {
        return unlessTaken(
                next,
                () ->
                        act(
                                "change",
                                id,
                                act,
                                (session, _, _) -> {
                                    if (!isThere(session, next)) {
                                        return new Outcome.NothingThere("location");
                                    }
                                    update(session, id, next);
                                    return done(session, id);
                                }));
    }

    private static void update(Session session, SpaceId id, Space.About next) throws SQLException {
        session.sql(
                        """
                        UPDATE spaces SET name = ?, code = ?, location_id = ?, metadata = ?, version = version + 1
                        WHERE id = ?
                        """)
                .set(next.name())
                .set(next.code())
                .set(next.location() == null ? null : next.location().value())
                .set(next.metadata())
                .set(id.value())
                .update();
    }

    @Override
    public Outcome remove(SpaceId id, Act act) {
        return act(
                "remove",
                id,
                act,
                (session, space, at) -> {
                    for (var part : Part.values()) {
                        Serving.release(session, turns, space, part, "space removed", act.by(), at);
                    }
                    for (var booked :
                            ReservationRows.booked(
                                    session, id, Instant.EPOCH, FOREVER, Integer.MAX_VALUE)) {
                        var cancelled = booked.cancelled(at);
                        ReservationRows.update(session, cancelled);
                        EventRows.append(
                                database,
                                session,
                                List.of(SpaceEvents.reservation(cancelled, act.by(), at)));
                    }
                    session.sql("DELETE FROM spaces WHERE id = ?").set(id.value()).update();
                    return new Outcome.Done(space);
                });
    }

    private static final Instant FOREVER = Instant.parse("9999-01-01T00:00:00Z");

    @Override
    public Outcome assign(
            SpaceId id, Part part, @Nullable DeviceId device, @Nullable String reason, Act act) {
        return act(
                "assign a device to",
                id,
                act,
                (session, space, at) -> {
                    if (device == null
                            ? space.serving().device(part) == null
                            : device.equals(space.serving().device(part))) {
                        return new Outcome.Done(space);
                    }
                    if (device != null) {
                        var obstacle = Serving.obstacle(session, space, part, device);
                        if (obstacle.isPresent()) {
                            return obstacle.get();
                        }
                    }
                    Serving.release(session, turns, space, part, reason, act.by(), at);
                    if (device != null) {
                        Serving.take(session, turns, space, part, device, reason, act.by(), at);
                    }
                    session.sql("UPDATE spaces SET version = version + 1 WHERE id = ?")
                            .set(id.value())
                            .update();
                    var cause = Cause.cleanup(act.by().toString());
                    var now = turns.settle(session, id, cause, at);
                    if (part == Part.DISPLAY && device != null && now.state() == space.state()) {
                        turns.show(session, now, now.state(), cause, at, false);
                    }
                    return done(session, id);
                });
    }

    @Override
    public Outcome override(SpaceId id, @Nullable ManualState manual, Act act) {
        return act(
                "override",
                id,
                act,
                (session, _, at) -> {
                    session.sql(
                                    """
                                    UPDATE spaces SET override_state = ?, override_until = ?, override_by = ?,
                                        version = version + 1
                                    WHERE id = ?
                                    """)
                            .set(manual == null ? null : manual.state().word())
                            .set(manual == null ? null : manual.until())
                            .set(manual == null ? null : manual.by().toString())
                            .set(id.value())
                            .update();
                    turns.settle(session, id, Cause.manual(act.by()), at);
                    return done(session, id);
                });
    }

    @Override
    public Outcome maintain(SpaceId id, boolean maintenance, Act act) {
        return act(
                "maintain",
                id,
                act,
                (session, space, at) -> {
                    if (space.maintenance() == maintenance) {
                        return new Outcome.Done(space);
                    }
                    session.sql(
                                    "UPDATE spaces SET maintenance = ?, version = version + 1 WHERE id = ?")
                            .set(maintenance)
                            .set(id.value())
                            .update();
                    turns.settle(session, id, Cause.manual(act.by()), at);
                    return done(session, id);
                });
    }

    @Override
    public Page<Assignment> assignments(SpaceId space, Page.Request page) {
        var where = new Where().equal("space_id", space.value());
        var after = Cursor.decode(HISTORY, 2, page);
        if (after != null) {
            var at = Micros.toInstant(after.number(0));
            var id = after.parsed(1, UUID::fromString);
            where.and("(assigned_at, id) < (?, ?)", sql -> sql.set(at).set(id));
        }
        var rows =
                database.read(
                        "list who served space " + space,
                        session ->
                                where.in(
                                                session,
                                                """
                                                SELECT id, space_id, device_id, part, assigned_at, unassigned_at, reason, actor,
                                                       unassign_reason, unassigned_by
                                                FROM space_assignments {where}
                                                ORDER BY assigned_at DESC, id DESC LIMIT ?
                                                """)
                                        .set(page.limit() + 1)
                                        .list(SqlSpaceStore::assignment));
        return Cursor.page(
                HISTORY,
                rows,
                page,
                one -> Cursor.of(Long.toString(Micros.of(one.since())), one.id().toString()));
    }

    private static Assignment assignment(Row row) throws SQLException {
        var endedBy = row.maybeText("unassigned_by");
        return new Assignment(
                row.uuid("id"),
                new SpaceId(row.uuid("space_id")),
                row.device(),
                Part.parse(row.text("part")),
                row.time("assigned_at"),
                row.maybeText("reason"),
                Actor.parse(row.text("actor")),
                row.maybeTime("unassigned_at"),
                row.maybeText("unassign_reason"),
                endedBy == null ? null : Actor.parse(endedBy));
    }
}
