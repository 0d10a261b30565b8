package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.alert.Alert;
import org.tethral.alert.AlertEvents;
import org.tethral.alert.AlertRule;
import org.tethral.alert.AlertStore;
import org.tethral.event.Event;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Page;

public final class SqlAlertStore implements AlertStore {

    private static final String LIST = "alerts";

    private final Database database;

    public SqlAlertStore(Database database) {
        this.database = database;
    }

    @Override
    public Outcome add(AlertRule rule) {
        return database.write(
                "add alert rule " + rule.name(),
                session -> {
                    if (!isThere(session, rule.scope())) {
                        return new Outcome.NothingThere();
                    }
                    if (session.sql("SELECT count(*) FROM alert_rules").number()
                            >= AlertRule.RULES_MAX) {
                        return new Outcome.TooMany(AlertRule.RULES_MAX, null);
                    }
                    var community = SqlOwnership.owner(session, rule.scope());
                    if (community != null
                            && AlertRows.own(session, community)
                                    >= AlertRule.RULES_PER_COMMUNITY_MAX) {
                        return new Outcome.TooMany(AlertRule.RULES_PER_COMMUNITY_MAX, community);
                    }
                    AlertRows.bind(
                                    session.sql(
                                            """
                                            INSERT INTO alert_rules
                                                (name, scope, scope_id, condition, metric, operator, threshold,
                                                 clear_threshold, state, for_seconds, severity, enabled, id, version,
                                                 created_at)
                                            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)
                                            """),
                                    rule)
                            .set(rule.id())
                            .set(rule.createdAt())
                            .update();
                    return new Outcome.Stored(rule);
                });
    }

    private static boolean isThere(Session session, AlertRule.Scope scope) throws SQLException {
        return switch (scope) {
                    case AlertRule.Scope.OfDevice(var device) ->
                            session.sql("SELECT count(*) FROM devices WHERE device_id = ?")
                                    .set(device.value())
                                    .number();
                    case AlertRule.Scope.OfProfile(var profile) ->
                            session.sql("SELECT count(*) FROM device_profiles WHERE id = ?")
                                    .set(profile.value())
                                    .number();
                    case AlertRule.Scope.OfCommunity(var community) ->
                            session.sql("SELECT count(*) FROM communities WHERE id = ?")
                                    .set(community.value())
                                    .number();
                }
                > 0;
    }

    @Override
    public Outcome change(AlertRule next, Actor by, Instant at) {
        return database.write(
                "change alert rule " + next.id(),
                session -> {
                    if (!isThere(session, next.scope())) {
                        return new Outcome.NothingThere();
                    }
                    var changed =
                            AlertRows.bind(
                                            session.sql(
                                                    """
                                                    UPDATE alert_rules
                                                    SET name = ?, scope = ?, scope_id = ?, condition = ?, metric = ?,
                                                        operator = ?, threshold = ?, clear_threshold = ?, state = ?,
                                                        for_seconds = ?, severity = ?, enabled = ?, version = version + 1
                                                    WHERE id = ? AND version = ?
                                                    """),
                                            next)
                                    .set(next.id())
                                    .set(next.version())
                                    .update();
                    var stored = find(session, next.id());
                    if (stored.isEmpty()) {
                        return new Outcome.Unknown(next.id());
                    }
                    if (changed == 0) {
                        return new Outcome.VersionIsNow(stored.get().version());
                    }
                    var end = next.enabled() ? Alert.End.RULE_CHANGED : Alert.End.RULE_DISABLED;
                    end(session, next.id(), AlertRows.ended(end, by, at));
                    return new Outcome.Stored(stored.get());
                });
    }

    private void end(Session session, UUID rule, Alert.Resolution resolution) throws SQLException {
        var open = AlertRows.open(session, rule, null);
        EventRows.append(database, session, AlertRows.resolve(session, open, resolution));
        session.sql("DELETE FROM alert_watches WHERE rule_id = ?").set(rule).update();
    }

    @Override
    public boolean remove(UUID id, Actor by, Instant at) {
        return database.write(
                "remove alert rule " + id,
                session -> {
                    var removed =
                            session.sql("DELETE FROM alert_rules WHERE id = ?").set(id).update();
                    end(session, id, AlertRows.ended(Alert.End.RULE_REMOVED, by, at));
                    return removed > 0;
                });
    }

    private static Optional<AlertRule> find(Session session, UUID id) throws SQLException {
        return new Where().equal("id", id).in(session, AlertRows.SELECT_RULE).find(AlertRows::rule);
    }

    @Override
    public Optional<AlertRule> rule(UUID id) {
        return database.read("find alert rule " + id, session -> find(session, id));
    }

    @Override
    public List<AlertRule> rules(@Nullable CommunityId community) {
        var where = new Where();
        if (community != null) {
            where.and(
                    AlertRows.OF_COMMUNITY,
                    sql ->
                            sql.set(community.toString())
                                    .set(community.value())
                                    .set(community.value()));
        }
        return database.read(
                "list alert rules",
                session ->
                        where.in(session, AlertRows.SELECT_RULE + "ORDER BY name, id")
                                .list(AlertRows::rule));
    }

    // --- alerts

    @Override
    public Page<Alert> list(Filter filter, Page.Request page) {
        var where = where(filter);
        var after = Cursor.decode(LIST, 2, page);
        if (after != null) {
            var at = Micros.toInstant(after.number(0));
            var id = after.parsed(1, UUID::fromString);
            where.and("(triggered_at, id) < (?, ?)", sql -> sql.set(at).set(id));
        }
        var rows =
                database.read(
                        "list alerts",
                        session ->
                                where.in(session, statement())
                                        .set(page.limit() + 1)
                                        .list(AlertRows::alert));
        return Cursor.page(
                LIST,
                rows,
                page,
                one -> Cursor.of(Long.toString(Micros.of(one.triggeredAt())), one.id().toString()));
    }

    static String statement() {
        return AlertRows.SELECT_ALERT + "ORDER BY triggered_at DESC, id DESC LIMIT ?";
    }

    static Where where(Filter filter) {
        var where = new Where();
        var open = filter.open();
        if (open != null) {
            where.and(open ? "resolved_at IS NULL" : "resolved_at IS NOT NULL", _ -> {});
        }
        var acknowledged = filter.acknowledged();
        if (acknowledged != null) {
            where.and(
                    acknowledged ? "acknowledged_at IS NOT NULL" : "acknowledged_at IS NULL",
                    _ -> {});
        }
        var from = filter.from();
        if (from != null) {
            where.and("triggered_at >= ?", sql -> sql.set(from));
        }
        var to = filter.to();
        if (to != null) {
            where.and("triggered_at < ?", sql -> sql.set(to));
        }
        return where.equal("severity", filter.severity() == null ? null : filter.severity().word())
                .equal("rule_id", filter.rule())
                .equal("node_id", filter.device() == null ? null : filter.device().value())
                .equal(
                        "community_id",
                        filter.community() == null ? null : filter.community().value());
    }

    @Override
    public Optional<Alert> find(UUID id) {
        return database.read("find alert " + id, session -> alert(session, id));
    }

    private static Optional<Alert> alert(Session session, UUID id) throws SQLException {
        return new Where()
                .equal("id", id)
                .in(session, AlertRows.SELECT_ALERT)
                .find(AlertRows::alert);
    }

    @Override
    public Optional<Alert> acknowledge(UUID id, Alert.Acknowledgement by) {
        return database.write(
                "acknowledge alert " + id,
                session -> {
                    var updated =
                            session.sql(
                                            """
                                            UPDATE alert_history
                                            SET acknowledged_at = ?, acknowledged_by = ?, acknowledgement = ?
                                            WHERE id = ? AND acknowledged_at IS NULL AND resolved_at IS NULL
                                            """)
                                    .set(by.at())
                                    .set(by.by().toString())
                                    .set(by.note())
                                    .set(id)
                                    .update();
                    var alert = alert(session, id);
                    if (updated == 1 && alert.isPresent()) {
                        EventRows.append(
                                database,
                                session,
                                List.of(AlertEvents.acknowledged(alert.get(), by)));
                    }
                    return alert;
                });
    }

    @Override
    public Optional<Alert> resolve(UUID id, Alert.Resolution by) {
        return database.write(
                "resolve alert " + id,
                session -> {
                    var alert = alert(session, id);
                    var events = new ArrayList<Event>();
                    if (alert.isPresent()) {
                        events.addAll(AlertRows.resolve(session, List.of(alert.get()), by));
                    }
                    if (!events.isEmpty()) {
                        session.sql(
                                        """
                                        UPDATE alert_watches SET phase = 'dismissed', due_at = NULL, revision = revision + 1
                                        WHERE device_id = ? AND rule_id = ? AND phase = 'raised'
                                        """)
                                .set(alert.get().device())
                                .set(alert.get().rule())
                                .update();
                        EventRows.append(database, session, events);
                    }
                    return alert(session, id);
                });
    }
}
