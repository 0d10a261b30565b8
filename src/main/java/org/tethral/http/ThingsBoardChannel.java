package org.tethral.http;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tethral.device.ConnectingDevice;
import org.tethral.ingest.Inbound;
import org.tethral.kernel.Document;
import org.tethral.kernel.Secret;
import org.tethral.payload.Malformed;
import org.tethral.payload.ThingsBoardPayload;
import org.tethral.state.StateStore;

/// The HTTP device API of ThingsBoard (thingsboard.io, "HTTP Device API Reference"),
/// `/api/v1/{token}/…`, for devices written for it. Client attributes are what the device reported,
/// shared attributes what is desired of it.
///
/// The paths share their beginning with the API; a name that the API uses is never taken for a
/// token.
final class ThingsBoardChannel {

    private static final Duration POLL_MAX = Duration.ofSeconds(60);
    private static final Reply.Content STORED = new Reply.Content(200, Map.of(), Buffer.buffer());

    private final DeviceIntake intake;
    private final StateStore states;
    private final DesiredWatch watch;
    private final Api api;
    private final Vertx vertx;
    private final Set<String> names;
    private final ClaimIntake claims;

    /// @param names that the API uses in place of the token
    ThingsBoardChannel(
            DeviceIntake intake,
            HttpEdge.Parts parts,
            DesiredWatch watch,
            Api api,
            Vertx vertx,
            Set<String> names) {
        this.intake = intake;
        this.states = parts.stores().states();
        this.watch = watch;
        this.api = api;
        this.vertx = vertx;
        this.names = Set.copyOf(names);
        this.claims = new ClaimIntake(intake, parts, api);
    }

    @FunctionalInterface
    private interface WithToken {
        void handle(HttpServerRequest request, Optional<Secret> token);
    }

    Map<String, Handler<RoutingContext>> handlers() {
        return Map.of(
                "thingsBoardTelemetry",
                withToken((request, token) ->
                        intake.take(request, token, ThingsBoardChannel::telemetry, _ -> STORED)),
                "thingsBoardPublishAttributes",
                withToken((request, token) ->
                        intake.take(request, token, ThingsBoardChannel::attributes, _ -> STORED)),
                "thingsBoardReadAttributes",
                withToken((request, token) ->
                        intake.authenticate(request, token, device -> read(request, device))),
                "thingsBoardAttributeUpdates",
                withToken((request, token) ->
                        intake.authenticate(request, token, device -> poll(request, device))),
                "thingsBoardClaim",
                withToken(claims::take));
    }

    private Handler<RoutingContext> withToken(WithToken handler) {
        return routing -> {
            var token = routing.pathParam("token");
            if (names.contains(token)) {
                routing.next();
            } else {
                handler.handle(routing.request(), Credentials.secret(token));
            }
        };
    }

    private static List<Inbound> telemetry(byte[] body, ConnectingDevice device, Instant now)
            throws Malformed {
        return List.of(new Inbound.Report(device, now, ThingsBoardPayload.telemetry(body, now)));
    }

    private static List<Inbound> attributes(byte[] body, ConnectingDevice device, Instant now)
            throws Malformed {
        return List.of(
                new Inbound.Report(device, now, List.of(ThingsBoardPayload.attributes(body, now))));
    }

    private void read(HttpServerRequest request, ConnectingDevice device) {
        intake.heartbeat(device);
        var client = request.getParam("clientKeys");
        var shared = request.getParam("sharedKeys");
        var all = client == null && shared == null;
        api.answer(
                request,
                "thingsBoardReadAttributes",
                () -> {
                    var state = states.find(device.id());
                    var fields = new Fields();
                    if (all || client != null) {
                        fields.value(
                                "client", picked(state.map(found -> found.reported()), client));
                    }
                    if (all || shared != null) {
                        fields.value("shared", picked(state.map(found -> found.desired()), shared));
                    }
                    return Reply.ok(fields.document());
                });
    }

    private static Document picked(Optional<Document> from, @Nullable String keys) {
        var document = from.orElse(Document.EMPTY);
        if (keys == null) {
            return document;
        }
        var fields = new Fields();
        for (var key : keys.split(",", -1)) {
            document.find(key).ifPresent(value -> fields.value(key, value));
        }
        return fields.document();
    }

    /// Answers with the desired values that the device does not have, when these change; with 408
    /// when the time is over.
    private void poll(HttpServerRequest request, ConnectingDevice device) {
        intake.heartbeat(device);
        var response = request.response();
        DesiredWait.begin(
                watch,
                device.id(),
                response,
                vertx,
                timeout(request.getParam("timeout")),
                delta -> {
                    intake.sent();
                    Send.reply(response, Reply.ok(delta));
                },
                () ->
                        Send.problem(
                                response,
                                Problem.of(408, "nothing-new", "no attribute changed meanwhile")));
    }

    /// As the device gives it, in milliseconds.
    static Duration timeout(@Nullable String text) {
        if (text == null || !text.matches("[0-9]{1,9}")) {
            return POLL_MAX;
        }
        var millis = Long.parseLong(text);
        return millis == 0 || millis > POLL_MAX.toMillis() ? POLL_MAX : Duration.ofMillis(millis);
    }
}
