package org.tethral.payload;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Inbound.Measurement;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Value;

/// Messages of the ThingsBoard device API (thingsboard.io, "MQTT/HTTP Device API Reference").
/// Telemetry comes as `{"key": value}`, `{"ts": ms, "values": {…}}`, or an array of either; a
/// gateway's as `{"Device A": [telemetry, …]}`; attributes as `{"key": value}`.
public final class ThingsBoardPayload {

    private ThingsBoardPayload() {}

    public static List<Measurement> telemetry(byte[] json, Instant receivedAt) throws Malformed {
        return telemetry(parse(json), receivedAt);
    }

    public static List<Measurement> telemetry(Value json, Instant receivedAt) throws Malformed {
        return switch (json) {
            case Document document -> List.of(measurement(document, receivedAt));
            case Value.Array(var items) -> {
                if (items.isEmpty() || items.size() > Inbound.Report.MEASUREMENTS_MAX) {
                    throw new Malformed(
                            "an array of telemetry has 1 to "
                                    + Inbound.Report.MEASUREMENTS_MAX
                                    + " items");
                }
                var measurements = new ArrayList<Measurement>(items.size());
                for (var item : items) {
                    if (!(item instanceof Document document)) {
                        throw new Malformed("each telemetry item is an object");
                    }
                    measurements.add(measurement(document, receivedAt));
                }
                yield measurements;
            }
            case Value.Text _, Value.Numeric _, Value.Bool _, Value.Null _ ->
                    throw new Malformed("telemetry is an object of values, or an array of such");
        };
    }

    public static Measurement attributes(byte[] json, Instant receivedAt) throws Malformed {
        if (!(parse(json) instanceof Document document) || document.isEmpty()) {
            throw new Malformed("attributes are an object of values");
        }
        return new Measurement(Micros.truncated(receivedAt), null, document);
    }

    /// A gateway's message: what it says of each of its devices, by name.
    public static Map<String, Value> gateway(byte[] json) throws Malformed {
        if (parse(json) instanceof Document document && !document.isEmpty()) {
            return document.values();
        }
        throw new Malformed("a gateway's message is an object with a device name for each name");
    }

    private static Measurement measurement(Document document, Instant receivedAt) throws Malformed {
        var values = document;
        var at = receivedAt;
        if (document.find("ts").orElse(null) instanceof Value.Numeric(var millis)
                && document.find("values").orElse(null) instanceof Document inner) {
            values = inner;
            at = Instant.ofEpochMilli(millis.longValue());
        }
        if (values.isEmpty()) {
            throw new Malformed("telemetry without values");
        }
        try {
            return new Measurement(Micros.truncated(at), null, values);
        } catch (IllegalArgumentException e) {
            throw new Malformed("ts is in milliseconds since 1970: " + e.getMessage());
        }
    }

    static Value parse(byte[] json) throws Malformed {
        try {
            return Json.parse(json);
        } catch (MalformedJson e) {
            throw new Malformed(String.valueOf(e.getMessage()));
        }
    }
}
