package org.tethral.sql;

import java.sql.SQLException;
import java.time.Duration;
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
import org.tethral.alert.Condition;
import org.tethral.alert.Operator;
import org.tethral.alert.Severity;
import org.tethral.device.DeviceId;
import org.tethral.device.ProfileId;
import org.tethral.event.Event;
import org.tethral.state.StateName;

/// The rows of `alert_rules` and `alert_history`.
final class AlertRows {

    static final String SELECT_RULE =
            """
            SELECT id, name, scope, scope_id, condition, metric, operator, threshold, clear_threshold, state,
                   for_seconds, severity, enabled, version, created_at
            FROM alert_rules {where}
            """;

    /// What a rule is about, decides whose it is. Takes the community as a text and twice as an id.
    static final String OF_COMMUNITY =
            """
            (scope = 'community' AND scope_id = ?
                OR scope = 'device' AND EXISTS (
                    SELECT 1 FROM devices d WHERE d.device_id = scope_id AND d.community_id = ?)
                OR scope = 'profile' AND EXISTS (
                    SELECT 1 FROM device_profiles p
                    WHERE CAST(p.id AS TEXT) = scope_id AND (p.community_id = ? OR p.community_id IS NULL)))
            """;

    /// How many rules count as a community's own: none of those about profiles that all share.
    private static final String COUNT_OWN =
            """
            SELECT count(*) FROM alert_rules
            WHERE scope = 'community' AND scope_id = ?
                OR scope = 'device' AND EXISTS (
                    SELECT 1 FROM devices d WHERE d.device_id = scope_id AND d.community_id = ?)
                OR scope = 'profile' AND EXISTS (
                    SELECT 1 FROM device_profiles p WHERE CAST(p.id AS TEXT) = scope_id AND p.community_id = ?)
            """;

    static final String SELECT_ALERT =
            """
            SELECT id, rule_id, node_id, community_id, severity, value, message, triggered_at, acknowledged_at,
                   acknowledged_by, acknowledgement, resolved_at, resolved_by, resolution
            FROM alert_history {where}
            """;

    private AlertRows() {}

    // --- rules

    static long own(Session session, CommunityId community) throws SQLException {
        return session.sql(COUNT_OWN)
                .set(community.toString())
                .set(community)
                .set(community)
                .number();
    }

    static String word(AlertRule.Scope scope) {
        return switch (scope) {
            case AlertRule.Scope.OfDevice _ -> "device";
            case AlertRule.Scope.OfProfile _ -> "profile";
            case AlertRule.Scope.OfCommunity _ -> "community";
        };
    }

    static String id(AlertRule.Scope scope) {
        return switch (scope) {
            case AlertRule.Scope.OfDevice(var device) -> device.value();
            case AlertRule.Scope.OfProfile(var profile) -> profile.toString();
            case AlertRule.Scope.OfCommunity(var community) -> community.toString();
        };
    }

    /// The columns from `name` to `enabled`, in their order.
    static Sql bind(Sql sql, AlertRule rule) throws SQLException {
        sql.set(rule.name()).set(word(rule.scope())).set(id(rule.scope()));
        switch (rule.condition()) {
            case Condition.Metric(var metric, var operator, var threshold, var clear) ->
                    sql.set("metric")
                            .set(metric)
                            .set(operator.sign())
                            .set(threshold)
                            .set(clear)
                            .set((String) null);
            case Condition.InState(var state) -> nothing(sql.set("state")).set(state.value());
            case Condition.Silence() -> nothing(sql.set("silence")).set((String) null);
        }
        return sql.set(rule.lasting().toSeconds()).set(rule.severity().word()).set(rule.enabled());
    }

    private static Sql nothing(Sql sql) throws SQLException {
        return sql.set((String) null)
                .set((String) null)
                .setNumber((Double) null)
                .setNumber((Double) null);
    }

    static AlertRule rule(Row row) throws SQLException {
        return new AlertRule(
                row.uuid("id"),
                row.text("name"),
                scope(row.text("scope"), row.text("scope_id")),
                condition(row),
                Duration.ofSeconds(row.number("for_seconds")),
                Severity.parse(row.text("severity")),
                row.flag("enabled"),
                row.number("version"),
                row.time("created_at"));
    }

    static AlertRule.Scope scope(String word, String id) throws SQLException {
        return switch (word) {
            case "device" -> new AlertRule.Scope.OfDevice(new DeviceId(id));
            case "profile" -> new AlertRule.Scope.OfProfile(ProfileId.parse(id));
            case "community" -> new AlertRule.Scope.OfCommunity(CommunityId.parse(id));
            default -> throw new SQLException("no scope " + word);
        };
    }

    private static Condition condition(Row row) throws SQLException {
        var word = row.text("condition");
        return switch (word) {
            case "metric" ->
                    new Condition.Metric(
                            row.text("metric"),
                            Operator.parse(row.text("operator")),
                            row.real("threshold"),
                            row.real("clear_threshold"));
            case "state" -> new Condition.InState(new StateName(row.text("state")));
            case "silence" -> new Condition.Silence();
            default -> throw new SQLException("no condition " + word);
        };
    }

    // --- alerts

    static Alert alert(Row row) throws SQLException {
        return new Alert(
                row.uuid("id"),
                row.uuid("rule_id"),
                new DeviceId(row.text("node_id")),
                row.maybeCommunity(),
                Severity.parse(row.text("severity")),
                row.maybeReal("value"),
                row.text("message"),
                row.time("triggered_at"),
                acknowledgement(row),
                resolution(row));
    }

    private static Alert.@Nullable Acknowledgement acknowledgement(Row row) throws SQLException {
        var at = row.maybeTime("acknowledged_at");
        return at == null
                ? null
                : new Alert.Acknowledgement(
                        at,
                        Actor.parse(row.text("acknowledged_by")),
                        row.maybeText("acknowledgement"));
    }

    private static Alert.@Nullable Resolution resolution(Row row) throws SQLException {
        var at = row.maybeTime("resolved_at");
        return at == null
                ? null
                : new Alert.Resolution(
                        at, Actor.parse(row.text("resolved_by")), row.text("resolution"));
    }

    /// Empty: there is an open one of this rule and device.
    static Optional<Event> trigger(Session session, Alert alert) throws SQLException {
        var inserted =
                session.sql(
                                """
                                INSERT INTO alert_history
                                    (id, rule_id, node_id, community_id, severity, value, message, triggered_at)
                                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                                ON CONFLICT (rule_id, node_id) WHERE resolved_at IS NULL DO NOTHING
                                """)
                        .set(alert.id())
                        .set(alert.rule())
                        .set(alert.device())
                        .set(alert.community())
                        .set(alert.severity().word())
                        .setNumber(alert.value())
                        .set(alert.message())
                        .set(alert.triggeredAt())
                        .update();
        return inserted == 1 ? Optional.of(AlertEvents.triggered(alert)) : Optional.empty();
    }

    static List<Alert> open(Session session, @Nullable UUID rule, @Nullable DeviceId device)
            throws SQLException {
        return new Where()
                .equal("rule_id", rule)
                .equal("node_id", device == null ? null : device.value())
                .and("resolved_at IS NULL", _ -> {})
                .in(session, SELECT_ALERT)
                .list(AlertRows::alert);
    }

    /// Those that were still open.
    static List<Event> resolve(Session session, List<Alert> alerts, Alert.Resolution resolution)
            throws SQLException {
        var events = new ArrayList<Event>();
        for (var alert : alerts) {
            var updated =
                    session.sql(
                                    """
                                    UPDATE alert_history SET resolved_at = ?, resolved_by = ?, resolution = ?
                                    WHERE id = ? AND resolved_at IS NULL
                                    """)
                            .set(resolution.at())
                            .set(resolution.by().toString())
                            .set(resolution.why())
                            .set(alert.id())
                            .update();
            if (updated == 1) {
                events.add(AlertEvents.resolved(alert, resolution));
            }
        }
        return events;
    }

    /// Ends all alerts of a device that nobody looks after any more, and what rules remember of it.
    static List<Event> ofDevice(Session session, DeviceId device, Alert.Resolution resolution)
            throws SQLException {
        session.sql("DELETE FROM alert_watches WHERE device_id = ?").set(device).update();
        return resolve(session, open(session, null, device), resolution);
    }

    static Alert.Resolution ended(Alert.End end, Actor by, Instant at) {
        return new Alert.Resolution(at, by, end.word());
    }
}
