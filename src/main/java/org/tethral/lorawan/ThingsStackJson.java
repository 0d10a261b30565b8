package org.tethral.lorawan;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DevEui;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.lorawan.NetworkEvent.Level;
import org.tethral.lorawan.NetworkEvent.Origin;
import org.tethral.lorawan.NetworkEvent.Reception;
import org.tethral.payload.Malformed;

/// Messages of The Things Stack v3, as its webhooks and its MQTT server send them
/// (thethingsindustries.com, "Data Formats"). Which kind of message it is, is said by the field
/// that it has.
final class ThingsStackJson {

    /// Before our own id among the correlation ids of a downlink.
    static final String CORRELATION = "tethral:";

    private static final int PORT_MAX = 255;
    private static final long COUNTER_MAX = 0xFFFF_FFFFL;

    /// The status code of gRPC that its errors have.
    private static final int INVALID_ARGUMENT = 3;

    private static final long STATUS_MAX = 0xFFFF_FFFFL;

    private ThingsStackJson() {}

    /// Empty: we have no use for it.
    ///
    /// @param known finds the DevEUI of a device, `application/device`, as some messages lack it
    static Optional<NetworkEvent> read(
            Document message, Instant now, Function<String, Optional<DevEui>> known)
            throws Malformed {
        var json = new ProtoJson(message);
        for (var entry : message.values().entrySet()) {
            if (entry.getValue() instanceof Document inner) {
                var event = event(entry.getKey(), json, new ProtoJson(inner), now, known);
                if (event != null) {
                    return Optional.of(event);
                }
            }
        }
        if (message.find("end_device_ids").isEmpty()) {
            throw new Malformed("'end_device_ids' is missing");
        }
        return Optional.empty();
    }

    private static @Nullable NetworkEvent event(
            String field,
            ProtoJson json,
            ProtoJson inner,
            Instant now,
            Function<String, Optional<DevEui>> known)
            throws Malformed {
        return switch (field) {
            case "uplink_message" -> uplink(json, inner, now, known);
            case "join_accept" ->
                    new NetworkEvent.Joined(
                            origin(json, inner, inner.text("session_key_id"), now, known));
            case "downlink_sent" ->
                    new NetworkEvent.Transmitted(
                            origin(json, inner, "", now, known), downlink(json, inner));
            case "downlink_ack" ->
                    new NetworkEvent.Acknowledged(
                            origin(json, inner, "", now, known), downlink(json, inner), true);
            case "downlink_nack" ->
                    new NetworkEvent.Acknowledged(
                            origin(json, inner, "", now, known), downlink(json, inner), false);
            case "downlink_failed" -> failed(json, inner, now, known);
            case "location_solved" -> located(json, inner, now, known);
            default -> null;
        };
    }

    private static Origin origin(
            ProtoJson json,
            ProtoJson inner,
            String id,
            Instant now,
            Function<String, Optional<DevEui>> known)
            throws Malformed {
        var ids = json.object("end_device_ids");
        var application = ids.object("application_ids").text("application_id");
        var device = ids.text("device_id");
        var devEui =
                ids.text("dev_eui").isEmpty()
                        ? known.apply(application + "/" + device)
                                .orElseThrow(() -> new Malformed("'dev_eui' is missing"))
                        : ids.devEui("dev_eui");
        var at =
                inner.text("received_at").isEmpty()
                        ? json.time("received_at", now)
                        : inner.time("received_at", now);
        return new Origin(devEui, at, json.id(id), application, device);
    }

    private static NetworkEvent uplink(
            ProtoJson json, ProtoJson inner, Instant now, Function<String, Optional<DevEui>> known)
            throws Malformed {
        var counter = inner.whole("f_cnt", COUNTER_MAX);
        var session = inner.text("session_key_id");
        // the counter of a device that is activated by personalization may begin anew in one
        // session
        var id = session.isEmpty() ? "" : session + ":" + counter + ":" + inner.text("received_at");
        return new NetworkEvent.Uplink(
                origin(json, inner, id, now, known),
                counter,
                (int) inner.whole("f_port", PORT_MAX),
                inner.bytes("frm_payload"),
                inner.maybeObject("decoded_payload").orElse(null),
                reception(inner));
    }

    private static Reception reception(ProtoJson uplink) throws Malformed {
        ProtoJson best = null;
        for (var item : uplink.list("rx_metadata")) {
            if (!(item instanceof Document document)) {
                throw new Malformed("'rx_metadata' has an item that is no object");
            }
            var one = new ProtoJson(document);
            if (best == null || one.number("rssi") > best.number("rssi")) {
                best = one;
            }
        }
        if (best == null) {
            return Reception.UNKNOWN;
        }
        var gateway = best.object("gateway_ids").text("gateway_id");
        return new Reception(
                best.maybeNumber("rssi"),
                best.maybeNumber("snr"),
                gateway.isEmpty() ? null : gateway);
    }

    private static NetworkEvent failed(
            ProtoJson json, ProtoJson inner, Instant now, Function<String, Optional<DevEui>> known)
            throws Malformed {
        var error = inner.object("error");
        return new NetworkEvent.Logged(
                origin(json, inner, "", now, known),
                Level.ERROR,
                "downlink_failed",
                error.text("message_format").isEmpty()
                        ? error.text("name")
                        : error.text("message_format"),
                downlink(json, inner.object("downlink")),
                true,
                error.whole("code", STATUS_MAX) == INVALID_ARGUMENT);
    }

    private static NetworkEvent located(
            ProtoJson json, ProtoJson inner, Instant now, Function<String, Optional<DevEui>> known)
            throws Malformed {
        var location = inner.object("location");
        return new NetworkEvent.Located(
                origin(json, inner, "", now, known),
                location.number("latitude"),
                location.number("longitude"),
                location.number("altitude"),
                location.maybeNumber("accuracy"));
    }

    private static Optional<UUID> downlink(ProtoJson json, ProtoJson inner) throws Malformed {
        var ours = downlink(inner);
        return ours.isPresent() ? ours : downlink(json);
    }

    private static Optional<UUID> downlink(ProtoJson json) throws Malformed {
        for (var item : json.list("correlation_ids")) {
            if (item instanceof Value.Text(var text) && text.startsWith(CORRELATION)) {
                return ProtoJson.parsedUuid(text.substring(CORRELATION.length()));
            }
        }
        return Optional.empty();
    }
}
