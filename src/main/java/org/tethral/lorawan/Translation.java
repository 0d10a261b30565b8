package org.tethral.lorawan;

import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.codec.CodecFailed;
import org.tethral.codec.Decoding;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.MessageId;
import org.tethral.event.Event;
import org.tethral.event.EventType;
import org.tethral.event.Priority;
import org.tethral.ingest.Inbound;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.lorawan.NetworkEvent.Level;
import org.tethral.lorawan.NetworkEvent.Origin;

/// What a network's event says of its device, in the platform's words. Pure. What is told again has
/// the same ids, and so one effect; what was overtaken on its way is history.
///
/// Beside what a codec made of its payload, an uplink reports `rssi` (dBm), `snr` (dB), `gateway`,
/// `f_port`, `f_cnt` and `received_at`; where no codec did, also `_raw`, the payload in hex. Where
/// a codec has a value of such a name, that is kept, but for `received_at`.
final class Translation {

    static final String UPLINK_AT = "received_at";
    static final String STATUS_AT = "status_at";
    static final String LOCATED_AT = "located_at";
    static final String RAW = "_raw";

    private static final Actor ACTOR = Actor.system("lorawan");

    private Translation() {}

    /// In the order in which they are to be stored; empty: nothing is to be stored.
    ///
    /// @param decoding of an uplink's payload, by the device's codec; null: it has none
    static List<Inbound> of(
            NetworkEvent event, ConnectingDevice device, @Nullable Decoding decoding, Instant now) {
        return switch (event) {
            case NetworkEvent.Uplink uplink -> uplink(uplink, device, decoding);
            case NetworkEvent.Joined(var origin) ->
                    List.of(
                            told("lorawan.joined", origin, device, Document.EMPTY, Priority.LOW),
                            new Inbound.Heartbeat(device, now));
            case NetworkEvent.Acknowledged(_, _, var acknowledged) ->
                    acknowledged ? List.of(new Inbound.Heartbeat(device, now)) : List.of();
            case NetworkEvent.Transmitted _ -> List.of();
            case NetworkEvent.Status status -> List.of(status(status, device));
            case NetworkEvent.Logged logged ->
                    logged.level() == Level.INFO ? List.of() : List.of(logged(logged, device));
            case NetworkEvent.Located located -> List.of(located(located, device));
        };
    }

    private static List<Inbound> uplink(
            NetworkEvent.Uplink uplink, ConnectingDevice device, @Nullable Decoding decoding) {
        var values = new LinkedHashMap<String, Value>();
        var reception = uplink.reception();
        put(values, "rssi", reception.rssi());
        put(values, "snr", reception.snr());
        if (reception.gateway() != null) {
            values.put("gateway", Value.of(reception.gateway()));
        }
        values.put("f_port", Value.of(uplink.port()));
        values.put("f_cnt", Value.of(uplink.frameCounter()));
        var origin = uplink.origin();
        var id = new MessageId(origin.id());
        return switch (decoding) {
            case Decoding.Decoded(var data, _) ->
                    List.of(report(origin, device, UPLINK_AT, id, merged(values, data)));
            case CodecFailed failed -> {
                var all = merged(values, raw(uplink));
                yield List.of(
                        report(origin, device, UPLINK_AT, id, all),
                        told(
                                "codec.failed",
                                origin,
                                device,
                                failure(failed, uplink),
                                Priority.NORMAL));
            }
            case null -> {
                var data = uplink.decoded() == null ? raw(uplink) : uplink.decoded();
                yield List.of(report(origin, device, UPLINK_AT, id, merged(values, data)));
            }
        };
    }

    private static Document merged(Map<String, Value> values, Document data) {
        values.putAll(data.values());
        return new Document(values);
    }

    private static Document raw(NetworkEvent.Uplink uplink) {
        return uplink.payload().length == 0
                ? Document.EMPTY
                : Document.of(RAW, Value.of(HexFormat.of().formatHex(uplink.payload())));
    }

    private static Document failure(CodecFailed failed, NetworkEvent.Uplink uplink) {
        var values = new LinkedHashMap<String, Value>();
        values.put("reason", Value.of(failed.reason().word()));
        values.put("message", Value.of(failed.message()));
        failed.line().ifPresent(line -> values.put("line", Value.of(line)));
        failed.column().ifPresent(column -> values.put("column", Value.of(column)));
        values.put("input", Value.of(failed.input()));
        values.put("f_port", Value.of(uplink.port()));
        values.put("f_cnt", Value.of(uplink.frameCounter()));
        return new Document(values);
    }

    /// The network gives one id to all that came of one frame.
    private static MessageId id(Origin origin, String kind) {
        return new MessageId(origin.id() + "/" + kind);
    }

    private static Inbound status(NetworkEvent.Status status, ConnectingDevice device) {
        var values = new LinkedHashMap<String, Value>();
        put(values, "battery", status.battery());
        values.put("margin", Value.of(status.margin()));
        values.put("mains_powered", Value.of(status.mainsPowered()));
        var origin = status.origin();
        return report(origin, device, STATUS_AT, id(origin, "status"), new Document(values));
    }

    private static Inbound located(NetworkEvent.Located located, ConnectingDevice device) {
        var place = new LinkedHashMap<String, Value>();
        place.put("latitude", Value.of(located.latitude()));
        place.put("longitude", Value.of(located.longitude()));
        place.put("altitude", Value.of(located.altitude()));
        put(place, "accuracy", located.accuracy());
        var origin = located.origin();
        return report(
                origin,
                device,
                LOCATED_AT,
                id(origin, "location"),
                Document.of("location", new Document(place)));
    }

    private static Inbound logged(NetworkEvent.Logged logged, ConnectingDevice device) {
        var data =
                Document.of("code", Value.of(logged.code()))
                        .with("level", Value.of(logged.level().word()))
                        .with("description", Value.of(logged.description()));
        var priority = logged.level() == Level.ERROR ? Priority.NORMAL : Priority.LOW;
        return told("lorawan.log", logged.origin(), device, data, priority);
    }

    private static Inbound report(
            Origin origin, ConnectingDevice device, String order, MessageId id, Document values) {
        var all = values.with(order, Value.of(origin.at().toString()));
        return new Inbound.Report(
                device,
                origin.at(),
                List.of(new Inbound.Measurement(origin.at(), id, all)),
                new Inbound.Order.ByTime(order));
    }

    private static Inbound told(
            String type, Origin origin, ConnectingDevice device, Document data, Priority priority) {
        var event =
                new Event(
                        origin.devEui() + "/" + origin.id() + "/" + type,
                        new EventType(type),
                        ACTOR.toString(),
                        device.id(),
                        device.community(),
                        origin.at(),
                        data,
                        Document.EMPTY,
                        priority,
                        null);
        return new Inbound.Noticed(device, origin.at(), event);
    }

    private static void put(Map<String, Value> values, String name, @Nullable Double number) {
        if (number != null) {
            values.put(
                    name,
                    number == Math.rint(number) && Math.abs(number) < 1e15
                            ? Value.of(number.longValue())
                            : Value.of(number.doubleValue()));
        }
    }
}
