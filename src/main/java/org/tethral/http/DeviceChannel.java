package org.tethral.http;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.tethral.device.ConnectingDevice;
import org.tethral.json.Json;
import org.tethral.payload.DeviceMessages;
import org.tethral.payload.Encoding;
import org.tethral.state.DeviceState;
import org.tethral.state.StateStore;

/// Tethral's own device API: `/device/v1/…` with the device's bearer token.
final class DeviceChannel {

    private final DeviceIntake intake;
    private final StateStore states;
    private final RandomGenerator random;
    private final Api api;
    private final DesiredWatch watch;
    private final Vertx vertx;

    DeviceChannel(
            DeviceIntake intake, HttpEdge.Parts parts, Api api, DesiredWatch watch, Vertx vertx) {
        this.intake = intake;
        this.states = parts.stores().states();
        this.random = parts.random();
        this.api = api;
        this.watch = watch;
        this.vertx = vertx;
    }

    Map<String, Handler<RoutingContext>> handlers() {
        return Map.of(
                "deviceReport",
                        routing ->
                                take(
                                        routing,
                                        (body, device, now) ->
                                                DeviceMessages.report(
                                                        body, Encoding.JSON, device, now)),
                "deviceState",
                        routing ->
                                take(
                                        routing,
                                        (body, device, now) ->
                                                DeviceMessages.states(
                                                        body, Encoding.JSON, device, now)),
                "deviceEvent",
                        routing ->
                                take(
                                        routing,
                                        (body, device, now) ->
                                                DeviceMessages.events(
                                                        body, Encoding.JSON, device, now, random)),
                "deviceDesired", routing -> desired(routing.request()));
    }

    private void take(RoutingContext routing, DeviceIntake.Parser parser) {
        var request = routing.request();
        intake.take(request, Credentials.bearer(request), parser, DeviceChannel::stored);
    }

    private static Reply.Content stored(List<Long> sequences) {
        var text = new StringBuilder("{\"sequences\":[");
        for (int i = 0; i < sequences.size(); i++) {
            text.append(i == 0 ? "" : ",").append(sequences.get(i).longValue());
        }
        return new Reply.Content(
                200,
                Map.of("Content-Type", "application/json"),
                Buffer.buffer(text.append("]}").toString()));
    }

    private void desired(HttpServerRequest request) {
        intake.authenticateToWait(
                request,
                Duration.ZERO,
                (device, patience) -> {
                    intake.heartbeat(device);
                    var known = request.getHeader("If-None-Match");
                    if (patience.isZero() || known == null) {
                        desired(request, device);
                    } else {
                        desiredOtherThan(known, request, device, patience);
                    }
                });
    }

    private void desired(HttpServerRequest request, ConnectingDevice device) {
        api.answer(request, "deviceDesired", () -> desired(device));
    }

    private Reply.Content desired(ConnectingDevice device) {
        return states.find(device.id())
                .map(DeviceChannel::desired)
                .orElseGet(() -> Reply.of(Problem.removedDevice()));
    }

    /// Waits before it looks, so that no change is missed.
    private void desiredOtherThan(
            String known, HttpServerRequest request, ConnectingDevice device, Duration patience) {
        DesiredWait.begin(
                watch,
                device.id(),
                request.response(),
                vertx,
                patience,
                _ -> {
                    intake.sent();
                    desired(request, device);
                },
                () -> desired(request, device));
        intake.lookUp(
                request,
                () -> desired(device),
                content -> {
                    if (!known.equals(content.headers().get("ETag"))) {
                        Send.reply(request.response(), content);
                    }
                });
    }

    private static Reply.Content desired(DeviceState state) {
        var delta = state.delta();
        var reply =
                Reply.ok(
                        new Fields()
                                .value("desired", state.desired())
                                .number("version", state.desiredVersion())
                                .value("delta", delta)
                                .document());
        // the delta also changes by what the device reports
        var hash = Integer.toHexString(Arrays.hashCode(Json.bytes(delta)));
        return reply.with("ETag", "\"" + state.desiredVersion() + "-" + hash + "\"");
    }
}
