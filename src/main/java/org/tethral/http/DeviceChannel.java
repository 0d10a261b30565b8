package org.tethral.http;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.tethral.account.Actor;
import org.tethral.device.ConnectingDevice;
import org.tethral.ingest.Inbound;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.payload.Malformed;
import org.tethral.payload.NativePayload;
import org.tethral.state.DeviceState;
import org.tethral.state.StateStore;

/// Tethral's own device API: `/device/v1/…` with the device's bearer token.
final class DeviceChannel {

    /// States or events in one request. Each is stored by itself, so an answer that tells of a
    /// fault in one may leave the ones before it stored.
    static final int MESSAGES_MAX = 100;

    private final DeviceIntake intake;
    private final StateStore states;
    private final RandomGenerator random;
    private final Api api;

    DeviceChannel(DeviceIntake intake, HttpEdge.Parts parts, Api api) {
        this.intake = intake;
        this.states = parts.stores().states();
        this.random = parts.random();
        this.api = api;
    }

    Map<String, Handler<RoutingContext>> handlers() {
        return Map.of(
                "deviceReport", routing -> take(routing, DeviceChannel::report),
                "deviceState", routing -> take(routing, DeviceChannel::states),
                "deviceEvent",
                        routing ->
                                take(
                                        routing,
                                        (body, device, now) -> events(body, device, now, random)),
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

    static List<Inbound> report(byte[] body, ConnectingDevice device, Instant now)
            throws Malformed {
        return List.of(new Inbound.Report(device, now, NativePayload.report(body, now)));
    }

    static List<Inbound> states(byte[] body, ConnectingDevice device, Instant now)
            throws Malformed {
        if (!startsArray(body)) {
            return List.of(state(NativePayload.state(body), device, now));
        }
        var messages = new ArrayList<Inbound>();
        for (var item : items(body)) {
            messages.add(state(NativePayload.state(item), device, now));
        }
        return messages;
    }

    private static Inbound state(
            NativePayload.StateMessage message, ConnectingDevice device, Instant now) {
        return new Inbound.StateReport(
                device, now, message.state(), message.reason(), Actor.device(device.id().value()));
    }

    static List<Inbound> events(
            byte[] body, ConnectingDevice device, Instant now, RandomGenerator random)
            throws Malformed {
        if (!startsArray(body)) {
            return List.of(
                    new Inbound.EventReport(
                            device, now, NativePayload.event(body, device, now, random)));
        }
        var messages = new ArrayList<Inbound>();
        for (var item : items(body)) {
            if (!(item instanceof Document document)) {
                throw new Malformed("each event in the array is an object with a type");
            }
            messages.add(
                    new Inbound.EventReport(
                            device, now, NativePayload.event(document, device, now, random)));
        }
        return messages;
    }

    private static boolean startsArray(byte[] body) {
        for (var character : body) {
            if (!Character.isWhitespace(character)) {
                return character == '[';
            }
        }
        return false;
    }

    private static List<Value> items(byte[] body) throws Malformed {
        try {
            if (Json.parse(body) instanceof Value.Array(var items)
                    && !items.isEmpty()
                    && items.size() <= MESSAGES_MAX) {
                return items;
            }
            throw new Malformed("an array of messages has 1 to " + MESSAGES_MAX + " items");
        } catch (MalformedJson e) {
            throw new Malformed(String.valueOf(e.getMessage()));
        }
    }

    private void desired(HttpServerRequest request) {
        intake.authenticate(
                request,
                Credentials.bearer(request),
                device -> {
                    intake.heartbeat(device);
                    api.answer(
                            request,
                            "deviceDesired",
                            () ->
                                    states.find(device.id())
                                            .map(DeviceChannel::desired)
                                            .orElseGet(() ->
                                                    Reply.of(
                                                            Problem.unknown(
                                                                    "device", device.id()))));
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
