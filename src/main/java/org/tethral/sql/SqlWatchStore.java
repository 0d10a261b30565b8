package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.alert.Alert;
import org.tethral.alert.AlertRule;
import org.tethral.alert.Watch;
import org.tethral.alert.WatchStore;
import org.tethral.device.DeviceId;
import org.tethral.device.ProfileId;
import org.tethral.event.Event;
import org.tethral.kernel.Micros;
import org.tethral.kernel.TimeOrderedIds;
import org.tethral.state.StateName;

/// A watch is written only by who knows its newest revision; that two nodes look at one device at
/// the same time does no harm.
public final class SqlWatchStore implements WatchStore {

    private static final Actor ALERTS = Actor.system("alerts");
    private static final String MEMBERS =
            """
            SELECT device_id, community_id, profile_id FROM devices
            WHERE device_id %s AND lifecycle <> 'decommissioned'
            """;
    private static final String PRESENT =
            """
            SELECT d.device_id, d.community_id, d.profile_id, s.current_state, s.state_since,
                   CASE WHEN s.last_updated > s.state_since THEN s.last_updated END AS reported_at
            FROM device_states s JOIN devices d ON d.device_id = s.device_id AND d.lifecycle <> 'decommissioned'
            """;

    private final Database database;
    private final TimeOrderedIds ids;

    public SqlWatchStore(Database database, RandomGenerator random) {
        this.database = database;
        this.ids = new TimeOrderedIds(random);
    }

    // --- what is read

    @Override
    public Map<DeviceId, AlertRule.Member> members(Collection<DeviceId> devices) {
        return database.read(
                "read what devices belong to",
                session -> {
                    var members = new HashMap<DeviceId, AlertRule.Member>();
                    session.sql(MEMBERS.formatted(session.dialect().oneOf()))
                            .set(names(devices))
                            .each(row -> members.put(row.device(), member(row)));
                    return members;
                });
    }

    private static List<String> names(Collection<DeviceId> devices) {
        return devices.stream().map(DeviceId::value).toList();
    }

    private static AlertRule.Member member(Row row) throws SQLException {
        var profile = row.maybeUuid("profile_id");
        return new AlertRule.Member(
                row.device(),
                row.maybeCommunity(),
                profile == null ? null : new ProfileId(profile));
    }

    @Override
    public List<Kept> watches(Collection<DeviceId> devices) {
        return database.read(
                "read what is watched of devices",
                session ->
                        session.sql(
                                        WatchRows.SELECT
                                                + "WHERE device_id "
                                                + session.dialect().oneOf())
                                .set(names(devices))
                                .list(WatchRows::kept));
    }

    @Override
    public List<Kept> due(Instant now, int limit) {
        return database.read(
                "find alerts whose time has come",
                session -> session.sql(dueStatement()).set(now).set(limit).list(WatchRows::kept));
    }

    static String dueStatement() {
        return WatchRows.SELECT
                + "WHERE due_at IS NOT NULL AND due_at <= ? ORDER BY due_at LIMIT ?";
    }

    @Override
    public List<Present> present(Collection<DeviceId> devices) {
        return database.read(
                "read what devices are",
                session ->
                        session.sql(PRESENT + "WHERE s.device_id " + session.dialect().oneOf())
                                .set(names(devices))
                                .list(SqlWatchStore::present));
    }

    /// There is no index by update: each report would have to change it.
    @Override
    public List<Present> updatedSince(Instant since, @Nullable DeviceId after, int limit) {
        return database.read(
                "find devices that reported",
                session ->
                        session.sql(
                                        PRESENT
                                                + """
                                                WHERE s.last_updated >= ? AND s.device_id > ?
                                                ORDER BY s.device_id LIMIT ?
                                                """)
                                .set(since)
                                .set(after == null ? "" : after.value())
                                .set(limit)
                                .list(SqlWatchStore::present));
    }

    @Override
    public List<Present> covered(AlertRule.Scope scope, @Nullable DeviceId after, int limit) {
        var where =
                switch (scope) {
                    case AlertRule.Scope.OfDevice(var device) ->
                            new Where().equal("d.device_id", device.value());
                    case AlertRule.Scope.OfProfile(var profile) ->
                            new Where().equal("d.profile_id", profile.value());
                    case AlertRule.Scope.OfCommunity(var community) ->
                            new Where().equal("d.community_id", community.value());
                };
        where.and("d.device_id > ?", sql -> sql.set(after == null ? "" : after.value()));
        return database.read(
                "find the devices of a rule",
                session ->
                        where.in(session, PRESENT + "{where} ORDER BY d.device_id LIMIT ?")
                                .set(limit)
                                .list(SqlWatchStore::present));
    }

    private static Present present(Row row) throws SQLException {
        return new Present(
                member(row),
                new StateName(row.text("current_state")),
                row.time("state_since"),
                row.maybeTime("reported_at"));
    }

    // --- what is written

    @Override
    public Collection<DeviceId> keep(List<Turn> turns) {
        if (turns.isEmpty()) {
            return Set.of();
        }
        return database.write(
                "write alerts",
                session -> {
                    var lost = new HashSet<DeviceId>();
                    var events = new ArrayList<Event>();
                    var versions = versions(session);
                    var there = there(session, turns);
                    for (var turn : turns) {
                        var device = turn.member().device();
                        var inForce = versions.getOrDefault(turn.rule().id(), -1L);
                        if (lost.contains(device)
                                || (turn.revision() == 0 && !there.contains(device))
                                || inForce != turn.rule().version()
                                || !WatchRows.write(session, turn)) {
                            lost.add(device);
                        } else {
                            events.addAll(alert(session, turn));
                        }
                    }
                    EventRows.append(database, session, events);
                    return lost;
                });
    }

    /// Of the rules that are in force; they stay so until this is committed.
    private static Map<UUID, Long> versions(Session session) throws SQLException {
        var versions = new HashMap<UUID, Long>();
        session.sql(
                        "SELECT id, version FROM alert_rules WHERE enabled ORDER BY id"
                                + session.dialect().choose("", " FOR SHARE"))
                .each(row -> versions.put(row.uuid("id"), row.number("version")));
        return versions;
    }

    /// Devices of which the first row is to be written, as far as they are there; they stay so
    /// until this is committed. What has a row is safe by it.
    private static Set<DeviceId> there(Session session, List<Turn> turns) throws SQLException {
        var wanted = new HashSet<DeviceId>();
        for (var turn : turns) {
            if (turn.revision() == 0) {
                wanted.add(turn.member().device());
            }
        }
        var there = new HashSet<DeviceId>();
        if (!wanted.isEmpty()) {
            session.sql(
                            MEMBERS.formatted(session.dialect().oneOf())
                                    + session.dialect()
                                            .choose("", "ORDER BY device_id FOR KEY SHARE"))
                    .set(names(wanted))
                    .each(row -> there.add(row.device()));
        }
        return there;
    }

    /// What a turn means for the alert.
    private List<Event> alert(Session session, Turn turn) throws SQLException {
        var before = turn.before().phase();
        var after = turn.after().phase();
        if (after instanceof Watch.Phase.Raised(_, var value)
                && !(before instanceof Watch.Phase.Raised)) {
            var rule = turn.rule();
            var alert =
                    new Alert(
                            newId(turn.at()),
                            rule.id(),
                            turn.member().device(),
                            turn.member().community(),
                            rule.severity(),
                            value,
                            rule.message(value),
                            Micros.truncated(turn.at()),
                            null,
                            null);
            return AlertRows.trigger(session, alert).stream().toList();
        }
        if (before instanceof Watch.Phase.Raised && !(after instanceof Watch.Phase.Raised)) {
            var open = AlertRows.open(session, turn.rule().id(), turn.member().device());
            return AlertRows.resolve(
                    session, open, AlertRows.ended(Alert.End.CLEARED, ALERTS, turn.at()));
        }
        return List.of();
    }

    private synchronized UUID newId(Instant at) {
        return ids.next(at);
    }

    @Override
    public void drop(List<Kept> gone, Instant at) {
        database.write(
                "forget devices that are gone",
                session -> {
                    for (var kept : gone) {
                        session.sql("DELETE FROM alert_watches WHERE device_id = ? AND rule_id = ?")
                                .set(kept.device().value())
                                .set(kept.rule())
                                .update();
                        var open = AlertRows.open(session, kept.rule(), kept.device());
                        var end = AlertRows.ended(Alert.End.DEVICE_REMOVED, ALERTS, at);
                        EventRows.append(database, session, AlertRows.resolve(session, open, end));
                    }
                    return gone.size();
                });
    }

    // --- how far was looked

    @Override
    public List<UUID> unexamined() {
        return database.read(
                "find rules that are new",
                session ->
                        session.sql(
                                        "SELECT id FROM alert_rules WHERE enabled AND examined_version < version")
                                .list(row -> row.uuid("id")));
    }

    @Override
    public void examined(AlertRule rule) {
        database.write(
                "keep that a rule was looked at",
                session ->
                        session.sql("UPDATE alert_rules SET examined_version = ? WHERE id = ?")
                                .set(rule.version())
                                .set(rule.id())
                                .update());
    }

    @Override
    public void looked(String node, Instant upTo, Instant now) {
        database.write(
                "keep how far rules were looked at",
                session ->
                        session.sql(
                                        """
                                        INSERT INTO alert_progress (node, looked_to, updated_at) VALUES (?, ?, ?)
                                        ON CONFLICT (node) DO UPDATE
                                        SET looked_to = excluded.looked_to, updated_at = excluded.updated_at
                                        """)
                                .set(node)
                                .set(upTo)
                                .set(now)
                                .update());
    }

    @Override
    public List<Instant> left(String node, boolean own, Instant silentSince) {
        record Mark(String node, Instant to, Instant updated) {}
        var where =
                own
                        ? new Where().equal("node", node)
                        : new Where()
                                .and("node <> ?", sql -> sql.set(node))
                                .and("updated_at < ?", sql -> sql.set(silentSince));
        var marks =
                database.read(
                        "see how far rules were looked at",
                        session ->
                                where.in(
                                                session,
                                                "SELECT node, looked_to, updated_at FROM alert_progress {where}")
                                        .list(row ->
                                                new Mark(
                                                        row.text("node"),
                                                        row.time("looked_to"),
                                                        row.time("updated_at"))));
        if (own) {
            return marks.stream().map(Mark::to).toList();
        }
        var taken = new ArrayList<Instant>();
        for (var mark : marks) {
            if (take(mark.node(), mark.updated(), mark.to(), node)) {
                taken.add(mark.to());
            }
        }
        return taken;
    }

    /// The taker answers for it from then on: its own mark goes back with the same commit, so that
    /// it leaves what it took if it ends before it has looked.
    private boolean take(String from, Instant updated, Instant to, String taker) {
        return database.write(
                "take what a node left",
                session -> {
                    var removed =
                            session.sql(
                                            "DELETE FROM alert_progress WHERE node = ? AND updated_at = ?")
                                    .set(from)
                                    .set(updated)
                                    .update();
                    if (removed == 1) {
                        session.sql(
                                        "UPDATE alert_progress SET looked_to = ? WHERE node = ? AND looked_to > ?")
                                .set(to)
                                .set(taker)
                                .set(to)
                                .update();
                    }
                    return removed == 1;
                });
    }
}
