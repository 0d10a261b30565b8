package org.tethral.payload;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.command.DispatchStep;
import org.tethral.command.Instruction;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.DeviceId;
import org.tethral.event.Event;
import org.tethral.event.Priority;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// Remote procedure calls as ThingsBoard has them (thingsboard.io, "MQTT/HTTP Device API
/// Reference", "MQTT Gateway API Reference"), in both directions. A call to a device is a command:
/// its name is the method, its payload the parameters.
///
/// ThingsBoard leaves open what a device answers. Here an object with an `error`, or with
/// `"success": false`, says that it did not work; whatever else comes says that it did.
public final class ThingsBoardRpc {

    /// What applications are told of a call that a device makes.
    public static final String CALLED = "rpc.request";

    public static final int METHOD_LENGTH_MAX = 128;

    private ThingsBoardRpc() {}

    /// `{"method": "…", "params": …}`; the number of the request is in the topic or path.
    public static Document call(Instruction instruction) {
        return Document.of("method", Value.of(instruction.name().value()))
                .with("params", instruction.payload());
    }

    /// `{"id": 7, "method": "…", "params": …}`.
    public static Document numberedCall(Instruction instruction) {
        return Document.of("id", Value.of(instruction.command().number()))
                .with("method", Value.of(instruction.name().value()))
                .with("params", instruction.payload());
    }

    /// To a gateway: `{"device": "Device A", "data": {"id": 7, "method": "…", "params": …}}`.
    public static Document gatewayCall(DeviceId device, Instruction instruction) {
        return Document.of("device", Value.of(device.value()))
                .with("data", numberedCall(instruction));
    }

    /// What a device answers to a call. Many answer bare words: what is no JSON is a text.
    public static DispatchStep.Answered answer(byte[] body) throws Malformed {
        try {
            return answer(body.length == 0 ? Document.EMPTY : Json.parse(body));
        } catch (MalformedJson e) {
            return answer(Value.of(text(body)));
        }
    }

    private static String text(byte[] body) throws Malformed {
        try {
            var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
            if (text.chars().noneMatch(character -> character < ' ' && character != '\n')) {
                return text;
            }
        } catch (CharacterCodingException e) {
            // as below
        }
        throw new Malformed("an answer is JSON, or text in UTF-8");
    }

    public static DispatchStep.Answered answer(Value result) {
        var trouble = result instanceof Document document ? trouble(document) : null;
        return new DispatchStep.Answered(
                trouble == null, result, trouble instanceof Value.Text(var words) ? words : null);
    }

    private static @Nullable Value trouble(Document result) {
        return switch (result.find("error").orElse(Value.Null.NULL)) {
            case Value.Null _, Value.Bool _ ->
                    result.find("error").orElse(null) == Value.Bool.TRUE
                                    || result.find("success").orElse(null) == Value.Bool.FALSE
                            ? Value.Bool.TRUE
                            : null;
            case Value.Text text -> text;
            case Value.Numeric _, Value.Array _, Document _ -> Value.Bool.TRUE;
        };
    }

    /// A gateway's answer for one of its devices.
    ///
    /// @param number of the request
    public record GatewayAnswer(DeviceId device, int number, DispatchStep.Answered answer) {}

    /// `{"device": "Device A", "id": 7, "data": {"success": true}}`.
    public static GatewayAnswer gatewayAnswer(byte[] json) throws Malformed {
        if (ThingsBoardPayload.parse(json) instanceof Document document
                && document.find("id").orElse(null) instanceof Value.Numeric(var number)
                && document.text("device").isPresent()) {
            try {
                return new GatewayAnswer(
                        new DeviceId(document.text("device").get()),
                        number.intValue(),
                        answer(document.find("data").orElse(Document.EMPTY)));
            } catch (IllegalArgumentException e) {
                throw new Malformed(String.valueOf(e.getMessage()));
            }
        }
        throw new Malformed(
                "a gateway answers {\"device\": \"…\", \"id\": the number of the request,"
                        + " \"data\": …}");
    }

    /// A call that a device makes.
    public record Call(String method, Value params) {

        /// For applications, who may answer it.
        ///
        /// @param request by which the device knows its answer
        public Event event(ConnectingDevice device, String request, Instant at) {
            return Event.told(
                    CALLED,
                    device.id(),
                    device.community(),
                    Actor.device(device.id().value()),
                    at,
                    Document.of("request_id", Value.of(request))
                            .with("method", Value.of(method))
                            .with("params", params),
                    Priority.NORMAL);
        }
    }

    /// `{"method": "getTime", "params": {}}`.
    public static Call deviceCall(byte[] json) throws Malformed {
        if (ThingsBoardPayload.parse(json) instanceof Document document
                && document.text("method").isPresent()) {
            var method = document.text("method").get();
            if (method.isBlank() || method.length() > METHOD_LENGTH_MAX) {
                throw new Malformed(
                        "the name of a method has 1 to " + METHOD_LENGTH_MAX + " characters");
            }
            return new Call(method, document.find("params").orElse(Document.EMPTY));
        }
        throw new Malformed("a request is {\"method\": \"…\", \"params\": {…}}");
    }
}
