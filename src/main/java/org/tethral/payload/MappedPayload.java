package org.tethral.payload;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.Link;
import org.tethral.device.Protocol;
import org.tethral.event.Event;
import org.tethral.event.EventType;
import org.tethral.event.Priority;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Inbound.Measurement;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Value;
import org.tethral.state.StateName;

/// What a message on a mapped topic says of its device. `ON` and `OFF` are truth values, so that
/// they can be charted; the times of devices that name no time zone are left out.
public final class MappedPayload {

    private static final Set<String> THERE = Set.of("online", "true", "1", "connected");
    private static final Set<String> GONE = Set.of("offline", "false", "0", "disconnected");
    private static final Set<String> HOMIE_GONE = Set.of("disconnected", "lost");

    /// Tasmota's local time, which does not say where.
    private static final String LOCAL_TIME = "Time";

    /// Before that, a clock was not set yet.
    private static final Instant CLOCK_SET = Instant.parse("2001-09-09T01:46:40Z");

    private static final int TEXT_LENGTH_MAX = 4_096;

    private MappedPayload() {}

    /// About whom, when and where.
    ///
    /// @param node that got the message
    public record Context(
            ConnectingDevice device,
            Instant receivedAt,
            @Nullable String remoteAddress,
            String node,
            RandomGenerator random) {

        /// The same for as long as the device exists, on whichever node: who told that it came, and
        /// who tells that it went, need not know each other.
        private Link link() {
            var id =
                    UUID.nameUUIDFromBytes(
                            ("topic map " + device.id()).getBytes(StandardCharsets.UTF_8));
            return new Link(id, Protocol.MQTT, remoteAddress, node);
        }
    }

    /// In the order in which they are to be stored; empty: nothing is to be stored.
    public static List<Inbound> read(TopicMaps.Match match, byte[] payload, Context context)
            throws Malformed {
        if (payload.length == 0) {
            return List.of(); // a retained message was deleted
        }
        return switch (match.kind()) {
            case OBJECT -> report(prefixed(match.names(), object(payload)), context);
            case VALUE -> report(single(match.names(), payload), context);
            case CONNECTION -> List.of(connection(word(payload), context));
            case STATE -> List.of(state(word(payload), context));
            case HOMIE_STATE -> homie(word(payload), context);
            case SHELLY_RPC -> notification(object(payload), context);
            case NOTHING -> List.of();
        };
    }

    /// Not to be told of a device that has a connection of its own.
    public static boolean saysWhetherThere(Inbound message) {
        return message instanceof Inbound.Connected || message instanceof Inbound.Disconnected;
    }

    private static List<Inbound> report(Document values, Context context) {
        return report(values, context.receivedAt(), context);
    }

    private static List<Inbound> report(Document values, Instant at, Context context) {
        if (values.isEmpty()) {
            return List.of();
        }
        var measurement = new Measurement(Micros.truncated(at), null, values);
        return List.of(
                new Inbound.Report(context.device(), context.receivedAt(), List.of(measurement)));
    }

    private static Document prefixed(List<String> names, Document values) {
        var plain = new LinkedHashMap<String, Value>();
        values.values()
                .forEach((name, value) -> {
                    if (!name.equals(LOCAL_TIME)) {
                        plain.put(name, plain(value));
                    }
                });
        return names.isEmpty()
                ? new Document(plain)
                : Document.of(String.join(".", names), new Document(plain));
    }

    private static Value plain(Value value) {
        return switch (value) {
            case Value.Text(var text) -> switched(text);
            case Document document -> {
                var inner = new LinkedHashMap<String, Value>();
                document.values().forEach((name, one) -> inner.put(name, plain(one)));
                yield new Document(inner);
            }
            case Value.Array(var items) ->
                    new Value.Array(items.stream().map(MappedPayload::plain).toList());
            case Value.Numeric _, Value.Bool _, Value.Null _ -> value;
        };
    }

    private static Value switched(String text) {
        return switch (text) {
            case "ON", "on" -> Value.Bool.TRUE;
            case "OFF", "off" -> Value.Bool.FALSE;
            default -> Value.of(text);
        };
    }

    /// A number, a truth value, JSON, or else a text.
    private static Document single(List<String> names, byte[] payload) throws Malformed {
        var name = names.isEmpty() ? "value" : String.join(".", names);
        try {
            return Document.of(name, plain(Json.parse(payload)));
        } catch (MalformedJson e) {
            return Document.of(name, switched(text(payload)));
        }
    }

    private static String text(byte[] payload) throws Malformed {
        if (payload.length > TEXT_LENGTH_MAX) {
            throw new Malformed("a text has at most " + TEXT_LENGTH_MAX + " bytes");
        }
        return new String(payload, StandardCharsets.UTF_8).strip();
    }

    /// The bare word, or the one in `{"state": "online"}`.
    private static String word(byte[] payload) throws Malformed {
        var text = text(payload);
        var word =
                text.startsWith("{")
                        ? object(payload)
                                .text("state")
                                .orElseThrow(() -> new Malformed("there is no \"state\""))
                        : text;
        return word.toLowerCase(Locale.ROOT);
    }

    private static Inbound connection(String word, Context context) throws Malformed {
        if (THERE.contains(word)) {
            return there(context);
        }
        if (GONE.contains(word)) {
            return gone("said to be " + word, context);
        }
        throw new Malformed("online or offline is expected");
    }

    private static Inbound there(Context context) {
        return new Inbound.Connected(context.device(), context.receivedAt(), context.link());
    }

    private static Inbound gone(String reason, Context context) {
        return new Inbound.Disconnected(
                context.device(), context.receivedAt(), context.link(), false, reason);
    }

    private static Inbound state(String word, Context context) throws Malformed {
        try {
            return new Inbound.StateReport(
                    context.device(),
                    context.receivedAt(),
                    new StateName(word),
                    null,
                    Actor.device(context.device().id().value()));
        } catch (IllegalArgumentException e) {
            throw new Malformed(String.valueOf(e.getMessage()));
        }
    }

    /// That it is gone comes last: its state alone would be a sign of life.
    private static List<Inbound> homie(String word, Context context) throws Malformed {
        return HOMIE_GONE.contains(word)
                ? List.of(state(word, context), gone(word, context))
                : List.of(there(context), state(word, context));
    }

    private static List<Inbound> notification(Document frame, Context context) throws Malformed {
        var parameters = inner(frame, "params");
        var at = time(parameters, context.receivedAt());
        return switch (frame.text("method").orElse("")) {
            case "NotifyStatus", "NotifyFullStatus" -> {
                var values = new LinkedHashMap<>(prefixed(List.of(), parameters).values());
                values.remove("ts");
                yield report(new Document(values), at, context);
            }
            case "NotifyEvent" -> events(parameters, at, context);
            default -> throw new Malformed("a notification without a method that is known");
        };
    }

    private static List<Inbound> events(Document parameters, Instant at, Context context)
            throws Malformed {
        if (!(parameters.find("events").orElse(null) instanceof Value.Array(var items))) {
            throw new Malformed("'events' is missing or no list");
        }
        var events = new ArrayList<Inbound>();
        for (var item : items) {
            if (!(item instanceof Document event)) {
                throw new Malformed("an event is an object");
            }
            events.add(
                    new Inbound.EventReport(
                            context.device(), context.receivedAt(), event(event, at, context)));
        }
        return events;
    }

    private static Event event(Document data, Instant at, Context context) throws Malformed {
        var word = data.text("event").orElseThrow(() -> new Malformed("'event' is missing"));
        var random = context.random();
        try {
            return new Event(
                    new UUID(random.nextLong(), random.nextLong()).toString(),
                    new EventType("shelly." + word),
                    Actor.device(context.device().id().value()).toString(),
                    context.device().id(),
                    context.device().community(),
                    at,
                    data,
                    Document.EMPTY,
                    Priority.NORMAL,
                    null);
        } catch (IllegalArgumentException e) {
            throw new Malformed(String.valueOf(e.getMessage()));
        }
    }

    /// Seconds since 1970, with a fraction; of a device that does not know the time yet, now.
    private static Instant time(Document parameters, Instant now) {
        if (parameters.find("ts").orElse(null) instanceof Value.Numeric seconds) {
            var at = Instant.ofEpochMilli(Math.round(seconds.asDouble() * 1_000));
            return at.isBefore(CLOCK_SET) || !at.isBefore(Inbound.TIMESTAMP_MAX) ? now : at;
        }
        return now;
    }

    private static Document inner(Document frame, String name) throws Malformed {
        if (frame.find(name).orElse(null) instanceof Document document) {
            return document;
        }
        throw new Malformed("'" + name + "' is missing or no object");
    }

    private static Document object(byte[] payload) throws Malformed {
        try {
            return Json.parseObject(payload);
        } catch (MalformedJson e) {
            throw new Malformed(String.valueOf(e.getMessage()));
        }
    }
}
