package org.tethral.sql;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Page;
import org.tethral.state.DeviceState;
import org.tethral.state.Interval;
import org.tethral.state.StateChange;
import org.tethral.state.StateName;
import org.tethral.state.StateStore;

/// Reads of `device_states` and `state_changes`.
public final class SqlStateStore implements StateStore {

    private static final String STATES = "states";
    private static final String CHANGES = "state-changes";
    private static final String COLUMNS =
            """
            s.device_id, s.current_state, s.state_since, s.last_updated, s.reported, s.reported_version, s.desired,
            s.desired_version, s.configuration, s.metadata
            """;

    private final Database database;

    public SqlStateStore(Database database) {
        this.database = database;
    }

    @Override
    public Optional<DeviceState> find(DeviceId device) {
        return database.read(
                "find the state of " + device,
                session ->
                        session.sql(
                                        "SELECT "
                                                + COLUMNS
                                                + "FROM device_states s WHERE s.device_id = ?")
                                .set(device.value())
                                .find(SqlStateStore::state));
    }

    @Override
    public Page<DeviceState> list(
            @Nullable StateName state, @Nullable CommunityId community, Page.Request page) {
        var where = new Where();
        var after = Cursor.decode(STATES, 1, page);
        if (after != null) {
            where.and("s.device_id > ?", sql -> sql.set(after.text(0)));
        }
        if (state != null) {
            where.and("s.current_state = ?", sql -> sql.set(state.value()));
        }
        if (community != null) {
            where.and("d.community_id = ?", sql -> sql.set(community.value()));
        }
        var found =
                database.read(
                        "list states",
                        session ->
                                where.in(
                                                session,
                                                "SELECT "
                                                        + COLUMNS
                                                        + "FROM "
                                                        + tables(community)
                                                        + " {where} ORDER BY s.device_id LIMIT ?")
                                        .set(page.limit() + 1)
                                        .list(SqlStateStore::state));
        return Cursor.page(STATES, found, page, last -> Cursor.of(last.device().value()));
    }

    private static String tables(@Nullable CommunityId community) {
        return "device_states s"
                + (community == null ? "" : " JOIN devices d ON d.device_id = s.device_id");
    }

    @Override
    public Map<StateName, Long> statistics(@Nullable CommunityId community) {
        var where = new Where();
        if (community != null) {
            where.and("d.community_id = ?", sql -> sql.set(community.value()));
        }
        return database.read(
                "count states",
                session -> {
                    var counts = new LinkedHashMap<StateName, Long>();
                    where.in(
                                    session,
                                    "SELECT s.current_state, count(*) AS devices FROM "
                                            + tables(community)
                                            + " {where} GROUP BY s.current_state ORDER BY s.current_state")
                            .each(row ->
                                    counts.put(
                                            new StateName(row.text("current_state")),
                                            row.number("devices")));
                    return counts;
                });
    }

    @Override
    public Page<StateChange> changes(DeviceId device, Page.Request page) {
        return changes(device, new Where().equal("device_id", device.value()), page);
    }

    @Override
    public Page<StateChange> changes(DeviceId device, Interval interval, Page.Request page) {
        var where =
                new Where()
                        .equal("device_id", device.value())
                        .and(
                                "timestamp >= ? AND timestamp < ?",
                                sql -> sql.set(interval.from()).set(interval.to()));
        return changes(device, where, page);
    }

    private Page<StateChange> changes(DeviceId device, Where where, Page.Request page) {
        var after = Cursor.decode(CHANGES, 2, page);
        if (after != null) {
            var at = Micros.toInstant(after.number(0));
            var id = after.parsed(1, UUID::fromString);
            where.and("(timestamp, id) < (?, ?)", sql -> sql.set(at).set(id));
        }
        var found =
                database.read(
                        "list state changes of " + device,
                        session ->
                                where.in(
                                                session,
                                                """
                                                SELECT id, from_state, to_state, timestamp, reason, actor
                                                FROM state_changes {where}
                                                ORDER BY timestamp DESC, id DESC LIMIT ?
                                                """)
                                        .set(page.limit() + 1)
                                        .list(row ->
                                                new Kept(row.uuid("id"), change(device, row))));
        return Cursor.page(
                        CHANGES,
                        found,
                        page,
                        last ->
                                Cursor.of(
                                        Long.toString(Micros.of(last.change().at())),
                                        last.id().toString()))
                .map(Kept::change);
    }

    private record Kept(UUID id, StateChange change) {}

    @Override
    public Map<StateName, Duration> durations(DeviceId device, Interval interval, Instant now) {
        var to = now.isBefore(interval.to()) ? now : interval.to();
        return database.read(
                "add up the states of " + device,
                session -> {
                    var spent = new LinkedHashMap<StateName, Duration>();
                    var since = registered(session, device);
                    if (since == null || !interval.from().isBefore(to)) {
                        return spent;
                    }
                    var at = since.isAfter(interval.from()) ? since : interval.from();
                    var state = stateAt(session, device, at);
                    for (var change : changes(session, device, at, to)) {
                        spent.merge(state, Duration.between(at, change.at()), Duration::plus);
                        at = change.at();
                        state = change.to();
                    }
                    if (at.isBefore(to)) {
                        spent.merge(state, Duration.between(at, to), Duration::plus);
                    }
                    spent.values().removeIf(Duration::isZero);
                    return spent;
                });
    }

    private static @Nullable Instant registered(Session session, DeviceId device)
            throws SQLException {
        return session.sql("SELECT created_at FROM device_states WHERE device_id = ?")
                .set(device.value())
                .find(row -> row.time("created_at"))
                .orElse(null);
    }

    /// The state into which the last change before led; before all changes the one that the first
    /// left.
    private static StateName stateAt(Session session, DeviceId device, Instant at)
            throws SQLException {
        var before =
                session.sql(
                                """
                                SELECT to_state FROM state_changes WHERE device_id = ? AND timestamp <= ?
                                ORDER BY timestamp DESC, id DESC LIMIT 1
                                """)
                        .set(device.value())
                        .set(at)
                        .find(row -> new StateName(row.text("to_state")));
        if (before.isPresent()) {
            return before.get();
        }
        var after =
                session.sql(
                                """
                                SELECT from_state FROM state_changes WHERE device_id = ? AND timestamp > ?
                                ORDER BY timestamp, id LIMIT 1
                                """)
                        .set(device.value())
                        .set(at)
                        .find(row -> new StateName(row.text("from_state")));
        return after.isPresent() ? after.get() : current(session, device);
    }

    private static StateName current(Session session, DeviceId device) throws SQLException {
        return session.sql("SELECT current_state FROM device_states WHERE device_id = ?")
                .set(device.value())
                .find(row -> new StateName(row.text("current_state")))
                .orElse(StateName.UNKNOWN);
    }

    private static List<StateChange> changes(
            Session session, DeviceId device, Instant after, Instant before) throws SQLException {
        return session.sql(
                        """
                        SELECT from_state, to_state, timestamp, reason, actor FROM state_changes
                        WHERE device_id = ? AND timestamp > ? AND timestamp < ? ORDER BY timestamp, id
                        """)
                .set(device.value())
                .set(after)
                .set(before)
                .list(row -> change(device, row));
    }

    /// Jumps from one name to the next in the key of `reading_rollups`, however many rows each has.
    @Override
    public List<String> metrics(DeviceId device) {
        return database.read(
                "list metrics of " + device,
                session -> {
                    var metrics = new ArrayList<String>();
                    for (var next = nextMetric(session, device, ""); next.isPresent(); ) {
                        metrics.add(next.get());
                        next = nextMetric(session, device, next.get());
                    }
                    return metrics;
                });
    }

    private static Optional<String> nextMetric(Session session, DeviceId device, String after)
            throws SQLException {
        return session.sql(
                        """
                        SELECT metric FROM reading_rollups WHERE device_id = ? AND metric > ?
                        ORDER BY device_id, metric LIMIT 1
                        """)
                .set(device.value())
                .set(after)
                .find(row -> row.text("metric"));
    }

    private static StateChange change(DeviceId device, Row row) throws SQLException {
        return new StateChange(
                device,
                new StateName(row.text("from_state")),
                new StateName(row.text("to_state")),
                row.time("timestamp"),
                row.maybeText("reason"),
                Actor.parse(row.text("actor")));
    }

    private static DeviceState state(Row row) throws SQLException {
        return new DeviceState(
                new DeviceId(row.text("device_id")),
                new StateName(row.text("current_state")),
                row.time("state_since"),
                row.time("last_updated"),
                row.document("reported"),
                row.number("reported_version"),
                row.document("desired"),
                row.number("desired_version"),
                row.document("configuration"),
                row.document("metadata"));
    }
}
