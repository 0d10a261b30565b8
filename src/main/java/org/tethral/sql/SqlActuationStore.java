package org.tethral.sql;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DevEui;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Page;
import org.tethral.space.Actuation;
import org.tethral.space.ActuationStep;
import org.tethral.space.ActuationStore;
import org.tethral.space.Cause;
import org.tethral.space.DisplayDownlink;
import org.tethral.space.Part;
import org.tethral.space.SpaceEvents;

public final class SqlActuationStore implements ActuationStore {

    private static final String LIST = "actuations";

    /// What cannot be sent as something else is on its way to the same display is looked at again
    /// so soon.
    private static final Duration IN_TURN = Duration.ofMillis(100);

    static final String DUE =
            ActuationRows.SELECT.replace(
                            "{where}", "WHERE next_attempt_at IS NOT NULL AND next_attempt_at <= ?")
                    + "ORDER BY next_attempt_at LIMIT ?";

    private final Database database;
    private final SpaceTurns turns;

    public SqlActuationStore(SpaceTurns turns) {
        this.database = turns.database();
        this.turns = turns;
    }

    // --- the trail

    @Override
    public Page<Actuation> list(Filter filter, Page.Request page) {
        var where = where(filter);
        var after = Cursor.decode(LIST, 2, page);
        if (after != null) {
            var at = Micros.toInstant(after.number(0));
            var id = after.parsed(1, UUID::fromString);
            where.and("(created_at, id) < (?, ?)", sql -> sql.set(at).set(id));
        }
        var rows =
                database.read(
                        "list actuations",
                        session ->
                                where.in(
                                                session,
                                                ActuationRows.SELECT
                                                        + "ORDER BY created_at DESC, id DESC LIMIT ?")
                                        .set(page.limit() + 1)
                                        .list(ActuationRows::read));
        return Cursor.page(
                LIST,
                rows,
                page,
                one -> Cursor.of(Long.toString(Micros.of(one.createdAt())), one.id().toString()));
    }

    /// The condition on the status repeats that of the partial index.
    private static Where where(Filter filter) {
        var where = new Where();
        if (filter.failed()) {
            where.and("status IN ('failed', 'expired')", _ -> {});
        }
        var from = filter.from();
        if (from != null) {
            where.and("created_at >= ?", sql -> sql.set(from));
        }
        var to = filter.to();
        if (to != null) {
            where.and("created_at < ?", sql -> sql.set(to));
        }
        return where.equal("space_id", filter.space() == null ? null : filter.space().value())
                .equal("trigger_type", filter.trigger() == null ? null : filter.trigger().word())
                .equal(
                        "display_device_id",
                        filter.display() == null ? null : filter.display().value())
                .equal(
                        "community_id",
                        filter.community() == null ? null : filter.community().value());
    }

    @Override
    public Optional<Actuation> find(UUID id) {
        return database.read(
                "find actuation " + id,
                session ->
                        new Where()
                                .equal("id", id)
                                .in(session, ActuationRows.SELECT)
                                .find(ActuationRows::read));
    }

    // --- the queue

    @Override
    public Looked look(Instant time, int limit) {
        var now = Micros.truncated(time);
        return database.write(
                "look for displays to be told",
                session -> {
                    var due =
                            session.sql(
                                            DUE
                                                    + session.dialect()
                                                            .choose("", " FOR UPDATE SKIP LOCKED"))
                                    .set(now)
                                    .set(limit)
                                    .list(ActuationRows::read);
                    var claims = new ArrayList<Claim>();
                    for (var one : due) {
                        var claim = look(session, one, now);
                        if (claim != null) {
                            claims.add(claim);
                        }
                    }
                    return new Looked(claims, due.size() == limit);
                });
    }

    @Override
    public int queued() {
        return database.read(
                "count what displays are to be told",
                session ->
                        (int)
                                session.sql(
                                                """
                                                SELECT count(*) FROM actuations
                                                WHERE next_attempt_at IS NOT NULL AND status = 'queued'
                                                """)
                                        .number());
    }

    private @Nullable Claim look(Session session, Actuation was, Instant now) throws SQLException {
        var one = was.after(new ActuationStep.TimePassed(), now);
        var order = one.order();
        if (!one.isDueAt(now) || order == null) {
            write(session, was, one, now);
            return null;
        }
        if (isBusy(session, order.display())) {
            session.sql("UPDATE actuations SET next_attempt_at = ? WHERE id = ?")
                    .set(now.plus(IN_TURN))
                    .set(one.id())
                    .update();
            return null;
        }
        var item = turns.newId(now);
        var claimed = one.after(new ActuationStep.Claimed(item), now);
        var display = DisplayRows.find(session, order.display());
        if (display.isEmpty()) {
            var gone = new ActuationStep.Refused(item, "the display is not registered", true);
            write(session, was, claimed.after(gone, now), now);
            return null;
        }
        write(session, was, claimed, now);
        return new Claim(
                claimed,
                new DisplayDownlink(
                        item,
                        display.get(),
                        DisplayRows.lorawan(display.get()),
                        order.state(),
                        order.fport(),
                        order.code(),
                        order.confirmed(),
                        claimed.expiresAt()));
    }

    private static boolean isBusy(Session session, DeviceId display) throws SQLException {
        return session.sql(
                                """
                                SELECT count(*) FROM actuations
                                WHERE display_device_id = ? AND next_attempt_at IS NOT NULL AND status = 'sending'
                                """)
                        .set(display)
                        .number()
                > 0;
    }

    @Override
    public void heard(Collection<News> news, Instant time) {
        var now = Micros.truncated(time);
        for (var one : news) {
            database.write(
                    "write what became of a downlink",
                    session -> {
                        lockSpaces(session, one.item());
                        for (var was : ActuationRows.ofItem(session, one.item())) {
                            write(session, was, was.after(one.step(), now), now);
                        }
                        return 0;
                    });
        }
    }

    /// Whoever changes a space locks it before its actuations; in another order, and with several
    /// displays in one commit, the two would wait for each other until PostgreSQL finds out, which
    /// takes a second.
    private static void lockSpaces(Session session, UUID item) throws SQLException {
        if (session.dialect() != Dialect.SQLITE) {
            session.sql(
                            """
                            SELECT id FROM spaces
                            WHERE display_device_id = (SELECT display_device_id FROM actuations WHERE queue_item_id = ?)
                            ORDER BY id FOR UPDATE
                            """)
                    .set(item)
                    .list(SpaceRows::id);
        }
    }

    /// The row, and what follows from it.
    private void write(Session session, Actuation was, Actuation is, Instant now)
            throws SQLException {
        if (is.equals(was)) {
            return;
        }
        ActuationRows.update(session, is);
        var order = is.order();
        if (order != null && is.isShown() && !was.isShown() && !is.overtaken()) {
            session.sql("UPDATE spaces SET display_state = ? WHERE display_device_id = ?")
                    .set(order.state().word())
                    .set(order.display())
                    .update();
        }
        if (is.isFailed() && !was.isFailed()) {
            EventRows.append(database, session, List.of(SpaceEvents.failed(is, now)));
        }
    }

    @Override
    public Optional<UUID> lastItem(DevEui display) {
        return database.read(
                "find what was sent to a display",
                session ->
                        session.sql(
                                        """
                                        SELECT a.queue_item_id FROM display_devices d
                                        JOIN actuations a ON a.display_device_id = d.device_id
                                        WHERE d.dev_eui = ? AND a.next_attempt_at IS NOT NULL AND a.queue_item_id IS NOT NULL
                                        ORDER BY a.created_at DESC LIMIT 1
                                        """)
                                .set(display.value())
                                .find(row -> row.uuid("queue_item_id")));
    }

    // --- displays that were away

    @Override
    public int tellAgain(Collection<DeviceId> displays, Instant time) {
        var now = Micros.truncated(time);
        return database.write(
                "tell displays again",
                session -> {
                    var told = 0;
                    for (var display : displays) {
                        told += tellAgain(session, display, now) ? 1 : 0;
                    }
                    return told;
                });
    }

    private boolean tellAgain(Session session, DeviceId display, Instant now) throws SQLException {
        var served = SpaceRows.served(session, Part.DISPLAY, display);
        if (served.isEmpty() || !isInTheDark(session, display)) {
            return false;
        }
        var space = SpaceRows.lock(session, served.getFirst());
        if (space.isEmpty()) {
            return false;
        }
        var cause = Cause.cleanup("display:" + display);
        turns.show(session, space.get(), space.get().state(), cause, now, true);
        return true;
    }

    private static boolean isInTheDark(Session session, DeviceId display) throws SQLException {
        return session.sql(
                        """
                        SELECT status FROM actuations WHERE display_device_id = ?
                        ORDER BY created_at DESC, id DESC LIMIT 1
                        """)
                .set(display)
                .find(row -> row.text("status"))
                .filter(status -> status.equals("failed") || status.equals("expired"))
                .isPresent();
    }

    @Override
    public List<DeviceId> inTheDark() {
        return database.read(
                "find displays that were not reached",
                session ->
                        session.sql(
                                        """
                                        SELECT d.device_id FROM display_devices d
                                        WHERE (SELECT a.status FROM actuations a WHERE a.display_device_id = d.device_id
                                               ORDER BY a.created_at DESC, a.id DESC LIMIT 1) IN ('failed', 'expired')
                                        """)
                                .list(Row::device));
    }
}
