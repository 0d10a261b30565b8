package org.tethral.payload;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.command.CommandId;
import org.tethral.command.DispatchStep;
import org.tethral.command.Instruction;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.MessageId;
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

/// Tethral's own messages:
/// - report: an object of values, or `{"timestamp", "message_id", "values": {…}}`, or an array of
///   these
/// - state: `{"state": "idle", "reason": "…"}`, or the bare word
/// - event: `{"type", "priority", "data", "ttl", "event_id"}`
///
/// `timestamp` is ISO 8601 with an offset, or a number of milliseconds since 1970.
public final class NativePayload {

    private static final Set<String> ENVELOPE = Set.of("timestamp", "message_id", "values");

    private NativePayload() {}

    public static List<Measurement> report(byte[] json, Instant receivedAt) throws Malformed {
        return report(parse(json), receivedAt);
    }

    public static List<Measurement> report(Value json, Instant receivedAt) throws Malformed {
        return switch (json) {
            case Document document -> List.of(measurement(document, receivedAt));
            case Value.Array(var items) -> {
                if (items.isEmpty() || items.size() > Inbound.Report.MEASUREMENTS_MAX) {
                    throw new Malformed(
                            "an array of reports has 1 to "
                                    + Inbound.Report.MEASUREMENTS_MAX
                                    + " items");
                }
                var measurements = new ArrayList<Measurement>(items.size());
                for (var item : items) {
                    if (!(item instanceof Document document)) {
                        throw new Malformed("each report in the array is an object of values");
                    }
                    measurements.add(measurement(document, receivedAt));
                }
                yield measurements;
            }
            case Value.Text _, Value.Numeric _, Value.Bool _, Value.Null _ ->
                    throw new Malformed("a report is an object of values, or an array of such");
        };
    }

    /// What a state message says.
    public record StateMessage(StateName state, @Nullable String reason) {}

    /// @param body a JSON object, a JSON string, or the bare word
    public static StateMessage state(byte[] body) throws Malformed {
        var text = new String(body, java.nio.charset.StandardCharsets.UTF_8).strip();
        if (text.isEmpty() || text.charAt(0) != '{' && text.charAt(0) != '"') {
            return new StateMessage(stateName(text), null);
        }
        return state(parse(body));
    }

    public static StateMessage state(Value json) throws Malformed {
        return switch (json) {
            case Value.Text(var word) -> new StateMessage(stateName(word), null);
            case Document document ->
                    new StateMessage(
                            stateName(required(document, "state")),
                            document.text("reason").orElse(null));
            case Value.Array _, Value.Numeric _, Value.Bool _, Value.Null _ ->
                    throw new Malformed(
                            "a state is {\"state\": \"…\", \"reason\": \"…\"} or a bare word");
        };
    }

    public static Event event(
            byte[] json, ConnectingDevice device, Instant receivedAt, RandomGenerator random)
            throws Malformed {
        if (!(parse(json) instanceof Document document)) {
            throw new Malformed("an event is an object with a type");
        }
        return event(document, device, receivedAt, random);
    }

    public static Event event(
            Document document, ConnectingDevice device, Instant receivedAt, RandomGenerator random)
            throws Malformed {
        try {
            return new Event(
                    document.text("event_id")
                            .orElseGet(() ->
                                    new UUID(random.nextLong(), random.nextLong()).toString()),
                    new EventType(required(document, "type")),
                    Actor.device(device.id().value()).toString(),
                    device.id(),
                    device.community(),
                    timestamp(document, receivedAt),
                    object(document, "data"),
                    object(document, "metadata"),
                    Priority.parse(document.text("priority").orElse("normal")),
                    ttl(document));
        } catch (IllegalArgumentException e) {
            throw new Malformed(String.valueOf(e.getMessage()));
        }
    }

    /// What is wanted of a device, as it is told: `{"version": 4, "desired": {…}}`.
    public static Document desired(long version, Document desired) {
        return Document.of("version", Value.of(version)).with("desired", desired);
    }

    /// What a device has not reported yet of what is wanted: `{"version": 4, "delta": {…}}`.
    public static Document delta(long version, Document delta) {
        return Document.of("version", Value.of(version)).with("delta", delta);
    }

    private static Measurement measurement(Document document, Instant receivedAt) throws Malformed {
        if (document.isEmpty()) {
            throw new Malformed("a report without values");
        }
        // an object with exactly our names is the envelope; a device may well have a value called
        // "timestamp"
        var wrapped =
                document.find("values").orElse(null) instanceof Document
                        && ENVELOPE.containsAll(document.values().keySet());
        if (!wrapped) {
            return new Measurement(Micros.truncated(receivedAt), null, document);
        }
        var values = object(document, "values");
        if (values.isEmpty()) {
            throw new Malformed("a report without values");
        }
        try {
            return new Measurement(
                    timestamp(document, receivedAt), messageId(document).orElse(null), values);
        } catch (IllegalArgumentException e) {
            throw new Malformed(String.valueOf(e.getMessage()));
        }
    }

    /// `message_id` of an envelope: a text or a number.
    public static Optional<MessageId> messageId(Document document) throws Malformed {
        try {
            return switch (document.find("message_id").orElse(Value.Null.NULL)) {
                case Value.Text(var text) -> Optional.of(new MessageId(text));
                case Value.Numeric(var number) -> Optional.of(new MessageId(number.toString()));
                case Value.Null _ -> Optional.empty();
                case Document _, Value.Array _, Value.Bool _ ->
                        throw new Malformed("message_id is a text or a number");
            };
        } catch (IllegalArgumentException e) {
            throw new Malformed(String.valueOf(e.getMessage()));
        }
    }

    private static Instant timestamp(Document document, Instant receivedAt) throws Malformed {
        try {
            return Micros.truncated(
                    switch (document.find("timestamp").orElse(Value.Null.NULL)) {
                        case Value.Text(var text) -> OffsetDateTime.parse(text).toInstant();
                        case Value.Numeric(var number) -> Instant.ofEpochMilli(number.longValue());
                        case Value.Null _ -> receivedAt;
                        case Document _, Value.Array _, Value.Bool _ ->
                                throw new Malformed(
                                        "timestamp is ISO 8601 text or milliseconds since 1970");
                    });
        } catch (DateTimeException | ArithmeticException e) {
            throw new Malformed(
                    "timestamp is ISO 8601 text with an offset, or milliseconds since 1970");
        }
    }

    private static @Nullable Duration ttl(Document document) throws Malformed {
        return switch (document.find("ttl").orElse(Value.Null.NULL)) {
            case Value.Numeric(var seconds) -> Duration.ofSeconds(seconds.longValue());
            case Value.Null _ -> null;
            case Document _, Value.Array _, Value.Bool _, Value.Text _ ->
                    throw new Malformed("ttl is a number of seconds");
        };
    }

    private static Document object(Document document, String name) throws Malformed {
        return switch (document.find(name).orElse(Value.Null.NULL)) {
            case Document inner -> inner;
            case Value.Null _ -> Document.EMPTY;
            case Value.Array _, Value.Bool _, Value.Text _, Value.Numeric _ ->
                    throw new Malformed(name + " is an object");
        };
    }

    private static String required(Document document, String name) throws Malformed {
        return document.text(name)
                .orElseThrow(() -> new Malformed("'" + name + "' is missing or no text"));
    }

    private static StateName stateName(String word) throws Malformed {
        try {
            return new StateName(word.strip().toLowerCase(java.util.Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new Malformed(String.valueOf(e.getMessage()));
        }
    }

    private static Value parse(byte[] json) throws Malformed {
        try {
            return Json.parse(json);
        } catch (MalformedJson e) {
            throw new Malformed(String.valueOf(e.getMessage()));
        }
    }

    /// A command as a device gets it: `{"command_id", "command_name", "payload", "expires_at"}`.
    public static Document command(Instruction instruction) {
        return Document.of("command_id", Value.of(instruction.command().toString()))
                .with("command_name", Value.of(instruction.name().value()))
                .with("payload", instruction.payload())
                .with("expires_at", Value.of(instruction.expiresAt().toString()));
    }

    /// Out of `command_id`.
    public static CommandId commandId(Document message) throws Malformed {
        var text =
                message.text("command_id")
                        .orElseThrow(() -> new Malformed("'command_id' is missing or no text"));
        try {
            return CommandId.parse(text);
        } catch (IllegalArgumentException e) {
            throw new Malformed("'command_id' is a UUID, as it came with the command");
        }
    }

    public static DispatchStep.Answered commandAnswer(byte[] json) throws Malformed {
        if (!(parse(json) instanceof Document document)) {
            throw new Malformed(
                    "an answer is {\"status\": \"success\" or \"error\", \"result\": …, \"message\": \"…\"}");
        }
        return commandAnswer(document, "result");
    }

    /// `{"status":"success"|"error","result":…,"message"}`: what a device answers to a command.
    ///
    /// @param resultName the name under which the protocol has the result
    public static DispatchStep.Answered commandAnswer(Document message, String resultName)
            throws Malformed {
        var success =
                switch (message.text("status").orElse("")) {
                    case "success" -> true;
                    case "error" -> false;
                    default -> throw new Malformed("'status' is \"success\" or \"error\"");
                };
        var text = message.find("message").orElse(Value.Null.NULL);
        if (!(text instanceof Value.Text) && text != Value.Null.NULL) {
            throw new Malformed("'message' is a text");
        }
        return new DispatchStep.Answered(
                success,
                message.find(resultName).orElse(Document.EMPTY),
                text instanceof Value.Text(var words) ? words : null);
    }
}
