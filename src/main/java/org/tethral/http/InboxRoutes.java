package org.tethral.http;

import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import org.tethral.account.Actor;
import org.tethral.device.DevEui;
import org.tethral.device.DeviceId;
import org.tethral.device.Inbox;
import org.tethral.device.Protocol;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.kernel.Value;
import org.tethral.space.DisplayDevice;
import org.tethral.space.DisplayType;
import org.tethral.space.SensorDevice;
import org.tethral.space.ServingDevices;

/// Devices that knocked without being known.
final class InboxRoutes {

    private static final String LORAWAN = "lorawan";
    private static final Actor ACTOR = Actor.system("inbox");

    private final Inbox inbox;
    private final DeviceRoutes devices;
    private final ServingDevices serving;
    private final Runnable changed;
    private final InstantSource clock;

    InboxRoutes(HttpEdge.Parts parts, DeviceRoutes devices) {
        this.inbox = parts.stores().inbox();
        this.devices = devices;
        this.serving = parts.spaces().devices();
        this.changed = parts.spaces().changed();
        this.clock = parts.clock();
    }

    void on(Operations.Target operations) {
        operations.on("listInbox", request -> list(request.page()));
        operations.on("registerFromInbox", this::register);
        operations.on("dismissFromInbox", this::dismiss);
    }

    private Reply list(Page.Request request) {
        var page = inbox.list(request);
        var kept = inbox.messages(page.items().stream().map(Inbox.Entry::identity).toList());
        return Reply.ok(
                Fields.page(
                        page, entry -> document(entry, kept.getOrDefault(entry.identity(), 0L))));
    }

    /// Registers the device under the name that it gave itself, unless the request names another.
    /// One with a DevEUI is then also a sensor or a display, and what was kept of it is applied.
    private Reply register(ApiRequest request) {
        var identity = request.path("identity", text -> text);
        var entry = find(identity);
        var body = request.body();
        if (body.find("device_id").isEmpty()) {
            body = body.with("device_id", Value.of(entry.identity()));
        }
        if (body.find("protocol").isEmpty()) {
            body = body.with("protocol", Value.of(entry.protocol().word()));
        }
        var lorawan = entry.protocol() == Protocol.LORAWAN ? serving(entry, body) : null;
        var reply = devices.add(request.with(without(body, LORAWAN)));
        if (reply instanceof Reply.Audited) {
            if (lorawan != null) {
                enter(lorawan);
            }
            inbox.dismiss(identity);
        }
        return reply;
    }

    /// What a device with a DevEUI is registered as, beside being a device: a sensor, unless the
    /// request says otherwise.
    private sealed interface Serving {
        record Sensor(SensorDevice sensor) implements Serving {}

        record Display(DisplayDevice display) implements Serving {}
    }

    /// Parsed before anything is stored.
    private static Serving serving(Inbox.Entry entry, Document body) {
        var given =
                body.find(LORAWAN).orElse(Value.Null.NULL) instanceof Document document
                        ? document
                        : Document.EMPTY;
        var device =
                ApiRequest.parsed(
                        "device_id",
                        body.text("device_id").orElse(entry.identity()),
                        DeviceId::new);
        var devEui = ApiRequest.parsed("identity", entry.identity(), DevEui::parse);
        var network = entry.remoteAddress();
        if (given.text("kind").orElse("sensor").equals("sensor")) {
            return new Serving.Sensor(
                    new SensorDevice(
                            device,
                            devEui,
                            null,
                            given.text("payload_decoder").orElse(null),
                            null,
                            network,
                            null));
        }
        var type =
                ApiRequest.parsed(
                        "display_type",
                        given.text("display_type").orElse(DisplayType.GENERIC.word()),
                        DisplayType::parse);
        return new Serving.Display(
                new DisplayDevice(
                        device,
                        devEui,
                        type,
                        type.usualCodes(),
                        type.usualFport(),
                        false,
                        null,
                        network));
    }

    private void enter(Serving serving) {
        var now = clock.instant();
        var outcome =
                switch (serving) {
                    case Serving.Sensor(var sensor) -> this.serving.put(sensor, now);
                    case Serving.Display(var display) -> this.serving.put(display, ACTOR, now);
                };
        switch (outcome) {
            case ServingDevices.Outcome.Done _ -> changed.run();
            case ServingDevices.Outcome.NoSuchDevice _ ->
                    throw new Refusal(
                            Problem.of(409, "conflict", "the device was removed meanwhile"));
            case ServingDevices.Outcome.DevEuiTaken(var devEui) ->
                    throw new Refusal(
                            Problem.of(
                                    409,
                                    "dev-eui-taken",
                                    "another device has the DevEUI " + devEui + " meanwhile"));
        }
    }

    private static Document without(Document body, String name) {
        var rest = new LinkedHashMap<>(body.values());
        rest.remove(name);
        return new Document(rest);
    }

    private Reply dismiss(ApiRequest request) {
        var identity = request.path("identity", text -> text);
        var entry = find(identity);
        var before = document(entry, inbox.messages(List.of(identity)).getOrDefault(identity, 0L));
        return inbox.dismiss(identity)
                ? Reply.noContent().audited(Act.removed(identity, null, before))
                : Reply.of(unknown(identity));
    }

    private Inbox.Entry find(String identity) {
        return inbox.find(identity).orElseThrow(() -> new Refusal(unknown(identity)));
    }

    private static Problem unknown(String identity) {
        return Problem.unknown("inbox entry", identity);
    }

    private static Document document(Inbox.Entry entry, long messages) {
        return new Fields()
                .text("identity", entry.identity())
                .text("protocol", entry.protocol().word())
                .text("remote_address", entry.remoteAddress())
                .text("reason", entry.reason())
                .number("attempts", entry.attempts())
                .time("first_seen", entry.firstSeen())
                .time("last_seen", entry.lastSeen())
                .number("messages", messages)
                .document();
    }
}
