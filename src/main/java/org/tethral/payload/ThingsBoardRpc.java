package org.tethral.payload;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.tethral.command.DispatchStep;
import org.tethral.command.Instruction;
import org.tethral.device.DeviceId;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// Remote procedure calls as ThingsBoard has them (thingsboard.io, "MQTT/HTTP Device API
/// Reference", "MQTT Gateway API Reference"). A call to a device is a command: its name is the
/// method, its payload the parameters. Of calls that devices make see [RpcPayload].
///
/// ThingsBoard leaves open what a device answers. Here an object with an `error`, or with
/// `"success": false`, says that it did not work; whatever else comes says that it did.
public final class ThingsBoardRpc {

    private ThingsBoardRpc() {}

    /// `{"method": "…", "params": …}`; the number of the request is in the topic or path.
    public static Document call(Instruction instruction) {
        return Document.of("method", Value.of(instruction.name().value()))
                .with("params", instruction.payload());
    }

    /// To a gateway: `{"device": "Device A", "data": {"id": 7, "method": "…", "params": …}}`.
    public static Document gatewayCall(DeviceId device, Instruction instruction) {
        return Document.of("device", Value.of(device.value()))
                .with("data", CommandPayload.asked(instruction));
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
}
