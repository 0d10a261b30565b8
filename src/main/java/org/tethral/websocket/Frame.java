package org.tethral.websocket;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.command.CommandId;
import org.tethral.command.DispatchStep;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.MessageId;
import org.tethral.event.Event;
import org.tethral.ingest.Inbound;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Excerpt;
import org.tethral.kernel.Value;
import org.tethral.payload.Malformed;
import org.tethral.payload.NativePayload;

/// One message of a device, parsed. `messageId` is as the device wrote it, a text or a number,
/// because its answer carries it in the same form; null: it wants no answer.
sealed interface Frame {

    /// Characters of a text of the device that an answer repeats.
    int QUOTED_MAX = 40;

    @Nullable Value messageId();

    record Register(@Nullable Value messageId, Introduction introduction) implements Frame {}

    record Heartbeat(@Nullable Value messageId) implements Frame {}

    record Status(@Nullable Value messageId, Inbound.Measurement measurement) implements Frame {}

    record State(@Nullable Value messageId, NativePayload.StateMessage state) implements Frame {}

    record Happened(@Nullable Value messageId, Event event) implements Frame {}

    record CommandAnswer(@Nullable Value messageId, CommandId command, DispatchStep.Answered answer)
            implements Frame {}

    /// @param reason for the person who wrote the device's program
    record Unusable(@Nullable Value messageId, String reason) implements Frame {}

    static Frame parse(
            byte[] utf8, ConnectingDevice device, Instant receivedAt, RandomGenerator random) {
        Document frame;
        try {
            frame = Json.parseObject(utf8);
        } catch (MalformedJson e) {
            return new Unusable(null, String.valueOf(e.getMessage()));
        }
        Value messageId = null;
        try {
            var id = NativePayload.messageId(frame);
            messageId = id.isEmpty() ? null : frame.find("message_id").orElse(null);
            return parse(frame, messageId, id, device, receivedAt, random);
        } catch (Malformed e) {
            return new Unusable(messageId, String.valueOf(e.getMessage()));
        }
    }

    private static Frame parse(
            Document frame,
            @Nullable Value messageId,
            Optional<MessageId> id,
            ConnectingDevice device,
            Instant receivedAt,
            RandomGenerator random)
            throws Malformed {
        var type =
                frame.text("message_type")
                        .orElseThrow(() -> new Malformed("'message_type' is missing or no text"));
        return switch (type) {
            case "status" -> new Status(messageId, measurement(frame, receivedAt));
            case "heartbeat" -> new Heartbeat(messageId);
            case "state" -> new State(messageId, NativePayload.state(frame));
            case "event" ->
                    new Happened(
                            messageId,
                            NativePayload.event(
                                    named(frame, id, device), device, receivedAt, random));
            case "register" -> new Register(messageId, Introduction.parse(frame));
            case "command_ack" ->
                    new CommandAnswer(
                            messageId,
                            NativePayload.commandId(frame),
                            NativePayload.commandAnswer(frame, "payload"));
            default ->
                    throw new Malformed(
                            "no message_type '"
                                    + shortened(type)
                                    + "': register, heartbeat, status, state, event or command_ack");
        };
    }

    /// `payload` has the values, whatever their names are; `timestamp` and `message_id` stand
    /// beside it.
    private static Inbound.Measurement measurement(Document frame, Instant receivedAt)
            throws Malformed {
        if (!(frame.find("payload").orElse(null) instanceof Document values) || values.isEmpty()) {
            throw new Malformed("'payload' is an object of values, with one at least");
        }
        var report = Document.of("values", values);
        for (var name : new String[] {"timestamp", "message_id"}) {
            var value = frame.find(name);
            if (value.isPresent()) {
                report = report.with(name, value.get());
            }
        }
        return NativePayload.report(report, receivedAt).getFirst();
    }

    /// An event that only has a message id is named after it, so that its repetition is known as
    /// such.
    private static Document named(Document frame, Optional<MessageId> id, ConnectingDevice device) {
        if (frame.text("event_id").isPresent() || id.isEmpty()) {
            return frame;
        }
        var name = device.id().value() + '\n' + id.get().value();
        return frame.with(
                "event_id",
                Value.of(UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString()));
    }

    private static String shortened(String text) {
        return text.length() <= QUOTED_MAX ? text : Excerpt.of(text, QUOTED_MAX) + "…";
    }
}
