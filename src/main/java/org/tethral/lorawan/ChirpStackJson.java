package org.tethral.lorawan;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.lorawan.NetworkEvent.Level;
import org.tethral.lorawan.NetworkEvent.Origin;
import org.tethral.lorawan.NetworkEvent.Reception;
import org.tethral.payload.Malformed;

/// Events of ChirpStack v4 as its integrations send them in JSON (chirpstack.io, "Event types";
/// `integration.proto`).
final class ChirpStackJson {

    private static final int PORT_MAX = 255;
    private static final long COUNTER_MAX = 0xFFFF_FFFFL;

    private static final String TOO_LONG = "DOWNLINK_PAYLOAD_SIZE";

    /// Those after which the downlink is no longer in the queue, or was not sent.
    private static final Set<String> ENDS_DOWNLINK =
            Set.of(TOO_LONG, "DOWNLINK_GATEWAY", "F_CNT_DOWN", "EXPIRED");

    private ChirpStackJson() {}

    /// Empty: we have no use for it.
    ///
    /// @param event as the topic or the query names it: `up`
    static Optional<NetworkEvent> read(String event, Document message, Instant now)
            throws Malformed {
        var json = new ProtoJson(message);
        return switch (event) {
            case "up" -> Optional.of(uplink(json, now));
            case "join" -> Optional.of(new NetworkEvent.Joined(origin(json, now)));
            case "ack" ->
                    Optional.of(
                            new NetworkEvent.Acknowledged(
                                    origin(json, now),
                                    json.uuid("queueItemId"),
                                    json.truth("acknowledged")));
            case "txack" ->
                    Optional.of(
                            new NetworkEvent.Transmitted(
                                    origin(json, now), json.uuid("queueItemId")));
            case "status" -> Optional.of(status(json, now));
            case "log" -> Optional.of(logged(json, now));
            case "location" -> Optional.of(located(json, now));
            case "integration" -> Optional.empty();
            default ->
                    throw new Malformed(
                            "'event' is up, join, ack, txack, status, log, location or integration");
        };
    }

    private static Origin origin(ProtoJson json, Instant now) throws Malformed {
        var device = json.object("deviceInfo");
        return new Origin(
                device.devEui("devEui"),
                json.time("time", now),
                json.id(json.text("deduplicationId")),
                device.text("applicationId"),
                device.text("deviceName"));
    }

    private static NetworkEvent uplink(ProtoJson json, Instant now) throws Malformed {
        return new NetworkEvent.Uplink(
                origin(json, now),
                json.whole("fCnt", COUNTER_MAX),
                (int) json.whole("fPort", PORT_MAX),
                json.bytes("data"),
                json.maybeObject("object").orElse(null),
                reception(json));
    }

    private static Reception reception(ProtoJson json) throws Malformed {
        var best = best(json);
        if (best == null) {
            return Reception.UNKNOWN;
        }
        var gateway = best.text("gatewayId");
        return new Reception(
                best.number("rssi"), best.number("snr"), gateway.isEmpty() ? null : gateway);
    }

    private static @Nullable ProtoJson best(ProtoJson json) throws Malformed {
        ProtoJson best = null;
        for (var item : json.list("rxInfo")) {
            if (!(item instanceof Document document)) {
                throw new Malformed("'rxInfo' has an item that is no object");
            }
            var one = new ProtoJson(document);
            if (best == null || one.number("rssi") > best.number("rssi")) {
                best = one;
            }
        }
        return best;
    }

    private static NetworkEvent status(ProtoJson json, Instant now) throws Malformed {
        var mains = json.truth("externalPowerSource");
        var unknown = mains || json.truth("batteryLevelUnavailable");
        return new NetworkEvent.Status(
                origin(json, now),
                unknown ? null : Double.valueOf(json.number("batteryLevel")),
                Math.round(json.number("margin")),
                mains);
    }

    private static NetworkEvent logged(ProtoJson json, Instant now) throws Malformed {
        var code = word(json, "code", "UNKNOWN");
        return new NetworkEvent.Logged(
                origin(json, now),
                switch (word(json, "level", "INFO")) {
                    case "ERROR", "2" -> Level.ERROR;
                    case "WARNING", "1" -> Level.WARNING;
                    default -> Level.INFO;
                },
                code,
                json.text("description"),
                json.object("context").uuid("queue_item_id"),
                ENDS_DOWNLINK.contains(code),
                code.equals(TOO_LONG));
    }

    /// The name of an enumeration's value; a number, where the sender knows more of them than we.
    private static String word(ProtoJson json, String name, String standard) throws Malformed {
        var value = json.document().find(name).orElse(Value.Null.NULL);
        if (value instanceof Value.Numeric(var number)) {
            return Long.toString(number.longValue());
        }
        var text = json.text(name);
        return text.isEmpty() ? standard : text.toUpperCase(Locale.ROOT);
    }

    private static NetworkEvent located(ProtoJson json, Instant now) throws Malformed {
        var location = json.object("location");
        return new NetworkEvent.Located(
                origin(json, now),
                location.number("latitude"),
                location.number("longitude"),
                location.number("altitude"),
                location.maybeNumber("accuracy"));
    }
}
