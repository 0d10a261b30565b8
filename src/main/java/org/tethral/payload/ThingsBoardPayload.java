package org.tethral.payload;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
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
        return attributes(parse(json), receivedAt);
    }

    /// A question for attributes, by name. Where neither kind is named, for all.
    public record AttributesQuestion(List<String> client, List<String> shared) {

        public AttributesQuestion {
            client = List.copyOf(client);
            shared = List.copyOf(shared);
        }

        /// `{"client": {…}, "shared": {…}}`, of each kind that was asked for those that there are.
        public Document answer(Document reported, Document desired) {
            if (client.isEmpty() && shared.isEmpty()) {
                return Document.of("client", reported).with("shared", desired);
            }
            var answer = Document.EMPTY;
            if (!client.isEmpty()) {
                answer = answer.with("client", chosen(reported, client));
            }
            return shared.isEmpty() ? answer : answer.with("shared", chosen(desired, shared));
        }

        private static Document chosen(Document from, List<String> names) {
            var chosen = new LinkedHashMap<String, Value>();
            for (var name : names) {
                from.find(name).ifPresent(value -> chosen.put(name, value));
            }
            return new Document(chosen);
        }
    }

    /// `{"clientKeys": "a,b", "sharedKeys": "c"}`.
    public static AttributesQuestion attributesQuestion(byte[] json) throws Malformed {
        if (!(parse(json) instanceof Document document)) {
            throw new Malformed(
                    "a request for attributes is {\"clientKeys\": \"a,b\", \"sharedKeys\": \"c\"}");
        }
        return attributesQuestion(
                document.text("clientKeys").orElse(""), document.text("sharedKeys").orElse(""));
    }

    /// @param clientKeys names with commas between them; empty: none
    public static AttributesQuestion attributesQuestion(String clientKeys, String sharedKeys) {
        return new AttributesQuestion(names(clientKeys), names(sharedKeys));
    }

    private static List<String> names(String list) {
        return Arrays.stream(list.split(","))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .toList();
    }

    /// How a device is told that shared attributes are gone: `{"deleted": ["a", "b"]}`.
    public static Document deletedAttributes(List<String> names) {
        return Document.of(
                "deleted", new Value.Array(names.stream().<Value>map(Value::of).toList()));
    }

    /// The device that a gateway's `connect` or `disconnect` names: `{"device": "Device A"}`.
    public static String gatewayDevice(byte[] json) throws Malformed {
        if (parse(json) instanceof Document document && document.text("device").isPresent()) {
            return document.text("device").get();
        }
        throw new Malformed("a gateway names a device: {\"device\": \"…\"}");
    }

    public static Measurement attributes(Value json, Instant receivedAt) throws Malformed {
        if (!(json instanceof Document document) || document.isEmpty()) {
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
