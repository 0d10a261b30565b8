package org.tethral.http;

import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.healthchecks.CheckResult;
import io.vertx.ext.healthchecks.HealthChecks;
import io.vertx.ext.healthchecks.Status;
import java.time.Duration;
import java.util.Optional;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.StorageException;

/// Whether the platform works, each component with its reason.
final class Health {

    /// A component that does not answer within that time is down.
    private static final Duration ANSWER_MAX = Duration.ofSeconds(5);

    private static final String REASON = "reason";

    private final HealthChecks checks;
    private final Api api;

    Health(Vertx vertx, HttpEdge.Parts parts, Api api) {
        this.api = api;
        this.checks = HealthChecks.create(vertx);
        var ingest = parts.ingest();
        checks.register(
                "ingest",
                ANSWER_MAX.toMillis(),
                promise -> promise.complete(status(ingest.health())));
        for (var component : parts.components()) {
            checks.register(
                    component.name(), ANSWER_MAX.toMillis(), promise -> check(component, promise));
        }
    }

    private static Status status(Ingest.Health health) {
        var data = new JsonObject().put("waiting", health.waiting());
        if (health.ok()) {
            return Status.OK(data);
        }
        var since = health.since();
        return Status.KO(
                data.put(REASON, health.problem())
                        .put("since", since == null ? null : Fields.time(since)));
    }

    private void check(HttpEdge.Component component, Promise<Status> promise) {
        var asked =
                api.run(() -> {
                    var problem = problem(component);
                    promise.tryComplete(
                            problem.isEmpty()
                                    ? Status.OK()
                                    : new Status()
                                            .setOk(!component.needed())
                                            .setData(new JsonObject().put(REASON, problem.get())));
                });
        if (!asked) {
            promise.tryComplete(
                    Status.KO(new JsonObject().put(REASON, "not checked: too much is under way")));
        }
    }

    /// Why it does not work at the moment; may block for a few seconds.
    static Optional<String> problem(HttpEdge.Component component) {
        try {
            return component.problem().get();
        } catch (StorageException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /// The process runs and serves.
    static void live(HttpServerRequest request) {
        Send.reply(request.response(), Reply.ok(new Fields().text("status", "up").document()));
    }

    /// It can do its work.
    void ready(HttpServerRequest request) {
        checks.checkStatus()
                .onComplete(result -> {
                    var up = result.succeeded() && CheckResult.isUp(result.result());
                    Send.reply(
                            request.response(),
                            Reply.json(
                                    up ? 200 : 503,
                                    new Fields().text("status", word(up)).document()));
                });
    }

    void all(HttpServerRequest request) {
        checks.checkStatus()
                .onSuccess(result -> Send.reply(request.response(), document(result)))
                .onFailure(e ->
                        Send.problem(
                                request.response(),
                                Problem.busy("not-checked", String.valueOf(e.getMessage()), 5)));
    }

    private static Reply.Content document(CheckResult result) {
        var up = CheckResult.isUp(result);
        var components = result.getChecks();
        return Reply.json(
                up ? 200 : 503,
                new Fields()
                        .text("status", word(up))
                        .list(
                                "components",
                                components == null ? java.util.List.<CheckResult>of() : components,
                                Health::component)
                        .document());
    }

    private static org.tethral.kernel.Document component(CheckResult component) {
        var data = component.getData() == null ? new JsonObject() : component.getData();
        var up = component.getUp() && !data.containsKey(REASON); // or what is down is not needed
        var fields = new Fields().text("name", component.getId()).text("status", word(up));
        fields.text(
                REASON,
                up
                        ? null
                        : data.getString(
                                REASON, "no answer within " + ANSWER_MAX.toSeconds() + " s"));
        if (data.containsKey("since")) {
            fields.text("since", data.getString("since"));
        }
        if (data.containsKey("waiting")) {
            fields.number("waiting", data.getInteger("waiting"));
        }
        return fields.document();
    }

    private static String word(boolean up) {
        return up ? "up" : "down";
    }
}
