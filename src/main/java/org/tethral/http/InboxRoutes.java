package org.tethral.http;

import org.tethral.device.Inbox;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// Devices that knocked without being known.
final class InboxRoutes {

    private final Inbox inbox;
    private final DeviceRoutes devices;

    InboxRoutes(HttpEdge.Parts parts, DeviceRoutes devices) {
        this.inbox = parts.stores().inbox();
        this.devices = devices;
    }

    void on(Operations.Target operations) {
        operations.on(
                "listInbox",
                request ->
                        Reply.ok(Fields.page(inbox.list(request.page()), InboxRoutes::document)));
        operations.on("registerFromInbox", this::register);
        operations.on("dismissFromInbox", this::dismiss);
    }

    /// Registers the device under the name that it gave itself, unless the request names another.
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
        var reply = devices.add(request.with(body));
        if (reply instanceof Reply.Audited) {
            inbox.dismiss(identity);
        }
        return reply;
    }

    private Reply dismiss(ApiRequest request) {
        var identity = request.path("identity", text -> text);
        var before = find(identity);
        return inbox.dismiss(identity)
                ? Reply.noContent().audited(Act.removed(identity, null, document(before)))
                : Reply.of(unknown(identity));
    }

    private Inbox.Entry find(String identity) {
        return inbox.find(identity).orElseThrow(() -> new Refusal(unknown(identity)));
    }

    private static Problem unknown(String identity) {
        return Problem.unknown("inbox entry", identity);
    }

    private static Document document(Inbox.Entry entry) {
        return new Fields()
                .text("identity", entry.identity())
                .text("protocol", entry.protocol().word())
                .text("remote_address", entry.remoteAddress())
                .text("reason", entry.reason())
                .number("attempts", entry.attempts())
                .time("first_seen", entry.firstSeen())
                .time("last_seen", entry.lastSeen())
                .document();
    }
}
