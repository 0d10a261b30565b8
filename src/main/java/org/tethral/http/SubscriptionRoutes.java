package org.tethral.http;

import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.delivery.Delivery;
import org.tethral.delivery.SinkKind;
import org.tethral.delivery.SinkSettings;
import org.tethral.delivery.Standing;
import org.tethral.delivery.Subscription;
import org.tethral.delivery.SubscriptionId;
import org.tethral.delivery.SubscriptionStore;
import org.tethral.event.EventLog;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Value;

/// `/api/v1/subscriptions`: who wants which events, and how each fares.
final class SubscriptionRoutes {

    private final HttpEdge.Outbound outbound;
    private final EventLog events;
    private final InstantSource clock;
    private final RandomGenerator random;

    SubscriptionRoutes(HttpEdge.Parts parts) {
        this.outbound = parts.outbound();
        this.events = parts.stores().events();
        this.clock = parts.clock();
        this.random = parts.random();
    }

    void on(Operations.Target operations) {
        operations.on("listSubscriptions", this::list);
        operations.on("addSubscription", this::add);
        operations.on("getSubscription", request -> shown(200, find(request)));
        operations.on("changeSubscription", this::change);
        operations.on("removeSubscription", this::remove);
        operations.on("pauseSubscription", request -> activate(request, false));
        operations.on("resumeSubscription", request -> activate(request, true));
        operations.on("replaySubscription", this::replay);
        operations.on("redriveSubscription", this::redrive);
        operations.on("listDeliveries", this::deliveries);
        operations.on("subscriptionStatistics", this::statistics);
    }

    private Reply list(ApiRequest request) {
        var filter =
                new SubscriptionStore.Filter(
                        request.community(),
                        request.query("subscriber_id").orElse(null),
                        request.query("active", Boolean::valueOf));
        return Reply.ok(
                Fields.page(
                        outbound.subscriptions().list(filter, request.page()),
                        standing -> SubscriptionJson.document(standing, outbound.sinks())));
    }

    private Reply add(ApiRequest request) {
        var body = request.body();
        var name =
                new SubscriptionId(
                        body.text("subscription_id").orElseGet(() -> "sub-" + Ids.next(random)));
        var checked =
                SubscriptionJson.sink(
                        name,
                        object(body, "sink"),
                        null,
                        request.principal().community(),
                        outbound.sinks());
        var sink = checked.sink();
        var subscription =
                new Subscription(
                        Ids.next(random),
                        name,
                        body.text("subscriber_id")
                                .orElseGet(() -> request.principal().actor().toString()),
                        SubscriptionJson.interest(body),
                        sink,
                        SubscriptionJson.terms(body, batchDefault(sink)),
                        !body.find("active").filter(Value.Bool.FALSE::equals).isPresent(),
                        1,
                        Micros.truncated(clock.instant()));
        var outcome = outbound.subscriptions().add(subscription, start(body));
        if (outcome instanceof SubscriptionStore.Outcome.Stored(var standing)) {
            outbound.changed().run();
            return Reply.created(
                            "/api/v1/subscriptions/" + subscription.name(),
                            withNewSecrets(document(standing), checked.made()))
                    .with("ETag", Reply.etag(standing.subscription().version()))
                    .audited(
                            Act.added(
                                    subscription.name(),
                                    subscription.interest().community(),
                                    document(standing)));
        }
        return reply(outcome);
    }

    private int batchDefault(SinkSettings sink) {
        return outbound.sinks().find(sink.kind()).map(SinkKind::batchDefault).orElse(1);
    }

    /// What was made here is shown this once.
    private static Document withNewSecrets(Document document, Document made) {
        return document.with("sink", object(document, "sink").merged(made));
    }

    /// From now on, unless the request says `after` or `from`.
    private long start(Document body) {
        var after = body.find("after").orElse(Value.Null.NULL);
        var from = body.text("from").map(text -> ApiRequest.parsed("from", text, ApiRequest::time));
        if (after instanceof Value.Numeric(var sequence)) {
            if (from.isPresent()) {
                throw new Refusal(Problem.invalid("after", "say after or from, not both"));
            }
            var highest = events.extent().highest();
            if (sequence.longValue() > highest) {
                throw new Refusal(
                        Problem.invalid(
                                "after",
                                sequence
                                        + " is in the future: the newest event has the sequence "
                                        + highest));
            }
            return sequence.longValue();
        }
        return from.map(events::before).orElseGet(() -> events.extent().settled());
    }

    private Reply change(ApiRequest request) {
        var standing = find(request);
        var before = standing.subscription();
        if (request.header("If-Match").isEmpty()) {
            return Reply.of(
                    Problem.of(
                            428,
                            "version-missing",
                            "say which version you change: If-Match: "
                                    + Reply.etag(before.version())));
        }
        var whole = document(standing).merged(request.body());
        var sink =
                request.body().find("sink").isPresent()
                        ? SubscriptionJson.sink(
                                        before.name(),
                                        object(request.body(), "sink"),
                                        before.sink(),
                                        request.principal().community(),
                                        outbound.sinks())
                                .sink()
                        : before.sink();
        return changed(
                standing,
                new Subscription(
                        before.id(),
                        before.name(),
                        before.subscriber(),
                        SubscriptionJson.interest(whole),
                        sink,
                        SubscriptionJson.terms(whole, batchDefault(sink)),
                        !whole.find("active").filter(Value.Bool.FALSE::equals).isPresent(),
                        request.ifMatch().orElse(before.version()),
                        before.createdAt()));
    }

    private Reply activate(ApiRequest request, boolean active) {
        var standing = find(request);
        return standing.subscription().active() == active
                ? shown(200, standing)
                : changed(standing, standing.subscription().activated(active));
    }

    private Reply changed(Standing before, Subscription next) {
        return changed(before, outbound.subscriptions().change(next));
    }

    private Reply changed(Standing before, SubscriptionStore.Outcome outcome) {
        outbound.changed().run();
        return outcome instanceof SubscriptionStore.Outcome.Stored(var after)
                ? shown(200, after).audited(act(before, document(after)))
                : reply(outcome);
    }

    private Act act(Standing before, @Nullable Document after) {
        var subscription = before.subscription();
        return new Act(
                subscription.name().toString(),
                subscription.interest().community(),
                document(before),
                after);
    }

    private Reply remove(ApiRequest request) {
        var before = find(request);
        var name = before.subscription().name();
        if (!outbound.subscriptions().remove(name)) {
            return Reply.of(Problem.unknown("subscription", name));
        }
        outbound.changed().run();
        return Reply.noContent().audited(act(before, null));
    }

    private Reply replay(ApiRequest request) {
        if (request.body().find("after").isEmpty() && request.body().find("from").isEmpty()) {
            throw new Refusal(Problem.invalid("after", "say after (a sequence) or from (a time)"));
        }
        var before = find(request);
        return changed(
                before,
                outbound.subscriptions()
                        .replay(before.subscription().name(), start(request.body())));
    }

    private Reply redrive(ApiRequest request) {
        var before = find(request);
        var name = before.subscription().name();
        var count =
                outbound.deliveries()
                        .redrive(name, SubscriptionJson.numbers(request.body(), "sequences"));
        outbound.changed().run();
        return Reply.ok(new Fields().number("redriven", count).document())
                .audited(act(before, document(find(request))));
    }

    private Reply deliveries(ApiRequest request) {
        var name = find(request).subscription().name();
        var status = request.query("status", Delivery.Status::parse);
        return Reply.ok(
                Fields.page(
                        outbound.deliveries().list(name, status, request.page()),
                        SubscriptionJson::delivery));
    }

    private Reply statistics(ApiRequest request) {
        var standing = find(request);
        var rows = outbound.deliveries().count(standing.subscription().name());
        return Reply.ok(
                new Fields()
                        .number("delivered", standing.counts().delivered())
                        .number("failed_attempts", standing.counts().failed())
                        .number("expired", standing.counts().expired())
                        .number("dead", standing.counts().dead())
                        .number("cursor", standing.cursor())
                        .number(
                                "behind",
                                Math.max(0, events.extent().settled() - standing.cursor()))
                        .counts("rows", rows, Delivery.Status::word)
                        .document());
    }

    private static SubscriptionId name(ApiRequest request) {
        return request.path("subscription_id", SubscriptionId::new);
    }

    private Standing find(ApiRequest request) {
        var name = name(request);
        return outbound.subscriptions()
                .find(name)
                .orElseThrow(() -> new Refusal(Problem.unknown("subscription", name)));
    }

    private Reply reply(SubscriptionStore.Outcome outcome) {
        return switch (outcome) {
            case SubscriptionStore.Outcome.Stored(var standing) -> shown(200, standing);
            case SubscriptionStore.Outcome.NameTaken(var name) ->
                    Reply.of(
                            Problem.of(
                                    409,
                                    "name-taken",
                                    "there is a subscription '" + name + "' already"));
            case SubscriptionStore.Outcome.TooMany(var most, var community) ->
                    Reply.of(Problem.tooMany("too-many", "subscriptions", most, community));
            case SubscriptionStore.Outcome.Unknown(var name) ->
                    Reply.of(Problem.unknown("subscription", name));
            case SubscriptionStore.Outcome.VersionIsNow(var version) ->
                    Reply.of(
                            Problem.of(
                                    412,
                                    "version-conflict",
                                    "version " + version + " is the newest"));
        };
    }

    private Reply.Content shown(int status, Standing standing) {
        return Reply.json(status, document(standing))
                .with("ETag", Reply.etag(standing.subscription().version()));
    }

    private Document document(Standing standing) {
        return SubscriptionJson.document(standing, outbound.sinks());
    }

    private static Document object(Document body, String name) {
        return body.find(name).orElse(Document.EMPTY) instanceof Document document
                ? document
                : Document.EMPTY;
    }
}
