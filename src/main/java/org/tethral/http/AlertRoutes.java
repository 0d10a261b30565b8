package org.tethral.http;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.account.Ownership;
import org.tethral.alert.Alert;
import org.tethral.alert.AlertRule;
import org.tethral.alert.AlertStore;
import org.tethral.alert.Condition;
import org.tethral.alert.Operator;
import org.tethral.alert.Preview;
import org.tethral.alert.Severity;
import org.tethral.device.DeviceId;
import org.tethral.device.ProfileId;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Value;
import org.tethral.state.Interval;
import org.tethral.state.StateName;

/// `/api/v1/alert-rules` and `/api/v1/alerts`.
final class AlertRoutes {

    private static final String THRESHOLD = "threshold";
    private static final String CLEAR = "clear_threshold";
    private static final String CONDITION = "condition";

    private static final Duration PREVIEW_USUAL = Duration.ofDays(1);

    private final AlertStore alerts;
    private final Ownership ownership;
    private final Preview preview;
    private final InstantSource clock;
    private final RandomGenerator random;

    AlertRoutes(HttpEdge.Parts parts) {
        var stores = parts.stores();
        this.alerts = stores.alerts();
        this.ownership = stores.ownership();
        this.preview = new Preview(stores.devices(), stores.history(), stores.states());
        this.clock = parts.clock();
        this.random = parts.random();
    }

    void on(Operations.Target operations) {
        operations.on(
                "listAlertRules",
                request ->
                        Reply.ok(
                                Fields.whole(
                                        alerts.rules(request.community()), AlertRoutes::document)));
        operations.on("addAlertRule", this::add);
        operations.on("previewAlertRule", this::preview);
        operations.on("getAlertRule", request -> reply(200, find(request.id())));
        operations.on("changeAlertRule", this::change);
        operations.on("removeAlertRule", this::remove);
        operations.on("listAlerts", this::list);
        operations.on(
                "getAlert",
                request -> Reply.ok(document(known(request.id(), alerts.find(request.id())))));
        operations.on("acknowledgeAlert", this::acknowledge);
        operations.on("resolveAlert", this::resolve);
    }

    // --- rules

    private Reply add(ApiRequest request) {
        var rule = parsed(Ids.next(random), request.body(), null, 1);
        checkWithin(request.principal().community(), rule);
        return switch (alerts.add(rule)) {
            case AlertStore.Outcome.Stored(var stored) ->
                    Reply.created("/api/v1/alert-rules/" + stored.id(), document(stored))
                            .with("ETag", Reply.etag(stored.version()))
                            .audited(Act.added(stored.id(), community(stored), document(stored)));
            case AlertStore.Outcome other -> refused(other, 0);
        };
    }

    /// As the rule would be, enabled or not.
    private Reply preview(ApiRequest request) {
        var now = clock.instant();
        var body = request.body().with("enabled", Value.Bool.TRUE);
        var asked = request.interval(now.minus(PREVIEW_USUAL), now);
        if (!asked.from().isBefore(now)) {
            throw new Refusal(Problem.invalid("from", "is in the future"));
        }
        var past = asked.to().isAfter(now) ? new Interval(asked.from(), now) : asked;
        var rule = parsed(Ids.next(random), body, null, 1);
        checkWithin(request.principal().community(), rule);
        var result = preview.of(rule, past);
        return Reply.ok(
                new Fields()
                        .number("devices", result.devices())
                        .truth("complete", result.complete())
                        .list("alerts", result.episodes(), AlertRoutes::document)
                        .document());
    }

    private static Document document(Preview.Episode episode) {
        return new Fields()
                .word("device_id", episode.device())
                .value("value", value(episode.value()))
                .text("message", episode.message())
                .time("triggered_at", episode.triggeredAt())
                .time("resolved_at", episode.resolvedAt())
                .document();
    }

    private static Value value(@Nullable Double value) {
        return value == null ? Value.Null.NULL : Value.of(value);
    }

    private Reply change(ApiRequest request) {
        var before = find(request.id());
        var version = request.ifMatch().orElse(before.version());
        var next = parsed(before.id(), document(before).merged(request.body()), before, version);
        checkWithin(request.principal().community(), next);
        return switch (alerts.change(next, request.principal().actor(), clock.instant())) {
            case AlertStore.Outcome.Stored(var stored) ->
                    reply(200, stored)
                            .audited(
                                    Act.changed(
                                            stored.id(),
                                            community(stored),
                                            document(before),
                                            document(stored)));
            case AlertStore.Outcome other -> refused(other, version);
        };
    }

    private Reply remove(ApiRequest request) {
        var id = request.id();
        var before = find(id);
        return alerts.remove(id, request.principal().actor(), Micros.truncated(clock.instant()))
                ? Reply.noContent().audited(Act.removed(id, community(before), document(before)))
                : Reply.of(Problem.unknown("alert rule", id));
    }

    private static Reply refused(AlertStore.Outcome outcome, long given) {
        return switch (outcome) {
            case AlertStore.Outcome.Stored(var rule) -> reply(200, rule);
            case AlertStore.Outcome.Unknown(var id) -> Reply.of(Problem.unknown("alert rule", id));
            case AlertStore.Outcome.VersionIsNow(var version) ->
                    Reply.of(
                            Problem.of(
                                    412,
                                    "version-conflict",
                                    "version " + version + " is the newest; yours is " + given));
            case AlertStore.Outcome.TooMany(var most, var community) ->
                    Reply.of(Problem.tooMany("too-many-rules", "alert rules", most, community));
            case AlertStore.Outcome.NothingThere() ->
                    Reply.of(Problem.invalid("scope_id", "there is nothing of that id"));
        };
    }

    /// Whose the rule is: whose what it is about is.
    private @Nullable CommunityId community(AlertRule rule) {
        return owner(rule.scope()).map(Ownership.Owner::community).orElse(null);
    }

    private Optional<Ownership.Owner> owner(AlertRule.Scope scope) {
        return switch (scope) {
            case AlertRule.Scope.OfDevice(var device) ->
                    ownership.find(Ownership.Kind.DEVICE, device.value());
            case AlertRule.Scope.OfProfile(var profile) ->
                    ownership.find(Ownership.Kind.PROFILE, profile.toString());
            case AlertRule.Scope.OfCommunity(var community) ->
                    Optional.of(new Ownership.Owner(community));
        };
    }

    /// Somebody of a single community makes rules about what is of it alone: one about a profile
    /// that all share would be about the devices of others.
    private void checkWithin(@Nullable CommunityId own, AlertRule rule) {
        if (own != null
                && owner(rule.scope()).filter(owner -> own.equals(owner.community())).isEmpty()) {
            throw new Refusal(
                    Problem.invalid("scope_id", "there is nothing of that id in your community"));
        }
    }

    private AlertRule find(UUID id) {
        return alerts.rule(id).orElseThrow(() -> new Refusal(Problem.unknown("alert rule", id)));
    }

    private static Reply.Content reply(int status, AlertRule rule) {
        return Reply.json(status, document(rule)).with("ETag", Reply.etag(rule.version()));
    }

    private AlertRule parsed(UUID id, Document given, @Nullable AlertRule before, long version) {
        try {
            return new AlertRule(
                    id,
                    given.text("name").orElse(""),
                    scope(given.text("scope").orElse(""), given.text("scope_id").orElse("")),
                    condition(given),
                    Duration.ofSeconds((long) number(given, "for_seconds", 0)),
                    Severity.parse(given.text("severity").orElse("warning")),
                    !given.find("enabled").filter(Value.Bool.FALSE::equals).isPresent(),
                    version,
                    before == null ? Micros.truncated(clock.instant()) : before.createdAt());
        } catch (IllegalArgumentException e) {
            throw new Refusal(Problem.invalid("rule", String.valueOf(e.getMessage())));
        }
    }

    private static AlertRule.Scope scope(String word, String id) {
        return switch (word) {
            case "device" ->
                    new AlertRule.Scope.OfDevice(ApiRequest.parsed("scope_id", id, DeviceId::new));
            case "profile" ->
                    new AlertRule.Scope.OfProfile(
                            ApiRequest.parsed("scope_id", id, ProfileId::parse));
            case "community" ->
                    new AlertRule.Scope.OfCommunity(
                            ApiRequest.parsed("scope_id", id, CommunityId::parse));
            default -> throw new IllegalArgumentException("no scope '" + word + "'");
        };
    }

    private static Condition condition(Document given) {
        var word = given.text(CONDITION).orElse("");
        return switch (word) {
            case "metric" -> {
                var threshold = required(given, THRESHOLD);
                yield new Condition.Metric(
                        given.text("metric").orElse(""),
                        Operator.parse(given.text("operator").orElse("")),
                        threshold,
                        number(given, CLEAR, threshold));
            }
            case "battery" -> {
                var low = number(given, THRESHOLD, Condition.Metric.BATTERY_LOW);
                yield new Condition.Metric(
                        Condition.Metric.BATTERY,
                        Operator.BELOW,
                        low,
                        number(given, CLEAR, low + Condition.Metric.BATTERY_CLEARS_ABOVE_IT_BY));
            }
            case "state" -> new Condition.InState(new StateName(given.text("state").orElse("")));
            case "silence" -> new Condition.Silence();
            default -> throw new IllegalArgumentException("no condition '" + word + "'");
        };
    }

    private static double required(Document given, String name) {
        var value = number(given, name, Double.NaN);
        if (Double.isNaN(value)) {
            throw new Refusal(Problem.invalid(name, "is missing"));
        }
        return value;
    }

    private static double number(Document given, String name, double byDefault) {
        return given.find(name).orElse(Value.Null.NULL) instanceof Value.Numeric number
                ? number.asDouble()
                : byDefault;
    }

    private static Document document(AlertRule rule) {
        var fields = new Fields().word("id", rule.id()).text("name", rule.name());
        switch (rule.scope()) {
            case AlertRule.Scope.OfDevice(var device) ->
                    fields.text("scope", "device").word("scope_id", device);
            case AlertRule.Scope.OfProfile(var profile) ->
                    fields.text("scope", "profile").word("scope_id", profile);
            case AlertRule.Scope.OfCommunity(var community) ->
                    fields.text("scope", "community").word("scope_id", community);
        }
        switch (rule.condition()) {
            case Condition.Metric(var metric, var operator, var threshold, var clear) ->
                    fields.text(CONDITION, "metric")
                            .text("metric", metric)
                            .text("operator", operator.sign())
                            .number(THRESHOLD, threshold)
                            .number(CLEAR, clear);
            case Condition.InState(var state) ->
                    fields.text(CONDITION, "state").word("state", state);
            case Condition.Silence() -> fields.text(CONDITION, "silence");
        }
        return fields.number("for_seconds", rule.lasting().toSeconds())
                .text("severity", rule.severity().word())
                .truth("enabled", rule.enabled())
                .number("version", rule.version())
                .time("created_at", rule.createdAt())
                .document();
    }

    // --- alerts

    private Reply list(ApiRequest request) {
        var filter =
                new AlertStore.Filter(
                        request.query("open").map(Boolean::valueOf).orElse(null),
                        request.query("acknowledged").map(Boolean::valueOf).orElse(null),
                        request.query("severity", Severity::parse),
                        request.query("rule_id", UUID::fromString),
                        request.query("device_id", DeviceId::new),
                        request.community(),
                        request.query("from", ApiRequest::time),
                        request.query("to", ApiRequest::time));
        return Reply.ok(Fields.page(alerts.list(filter, request.page()), AlertRoutes::document));
    }

    private Reply acknowledge(ApiRequest request) {
        var by =
                new Alert.Acknowledgement(
                        Micros.truncated(clock.instant()),
                        request.principal().actor(),
                        request.body().text("note").orElse(null));
        return changed(request, id -> alerts.acknowledge(id, by));
    }

    private Reply resolve(ApiRequest request) {
        var by =
                new Alert.Resolution(
                        Micros.truncated(clock.instant()),
                        request.principal().actor(),
                        request.body().text("reason").orElse(""));
        return changed(request, id -> alerts.resolve(id, by));
    }

    private Reply changed(ApiRequest request, Function<UUID, Optional<Alert>> change) {
        var before = known(request.id(), alerts.find(request.id()));
        var after = known(before.id(), change.apply(before.id()));
        return Reply.ok(document(after))
                .audited(
                        Act.changed(
                                after.id(), after.community(), document(before), document(after)));
    }

    private static Alert known(UUID id, Optional<Alert> found) {
        return found.orElseThrow(() -> new Refusal(Problem.unknown("alert", id)));
    }

    static Document document(Alert alert) {
        var acknowledged = alert.acknowledged();
        var resolved = alert.resolved();
        return new Fields()
                .word("id", alert.id())
                .word("rule_id", alert.rule())
                .word("device_id", alert.device())
                .word("community_id", alert.community())
                .text("severity", alert.severity().word())
                .value("value", value(alert.value()))
                .text("message", alert.message())
                .time("triggered_at", alert.triggeredAt())
                .time("acknowledged_at", acknowledged == null ? null : acknowledged.at())
                .word("acknowledged_by", acknowledged == null ? null : acknowledged.by())
                .text("acknowledgement", acknowledged == null ? null : acknowledged.note())
                .time("resolved_at", resolved == null ? null : resolved.at())
                .word("resolved_by", resolved == null ? null : resolved.by())
                .text("resolution", resolved == null ? null : resolved.why())
                .document();
    }
}
