package org.tethral.codec;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tethral.codec.CodecFailed.Reason;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Excerpt;
import org.tethral.kernel.Value;

/// One script: builds what its functions are given, and reads what they return.
final class JavaScript implements Codec {

    /// Bytes of a downlink. LoRaWAN has 242 at most, by region and data rate; whoever sends it
    /// knows.
    static final int DOWNLINK_BYTES_MAX = 255;

    private static final int MESSAGES_MAX = 16;
    private static final int MESSAGE_LENGTH_MAX = 300;

    /// The innermost place in the script, in QuickJS's list of calls.
    private static final Pattern PLACE = Pattern.compile("<input>:(\\d{1,7})(?::(\\d{1,7}))?");

    private final Sandbox sandbox;
    private final String script;

    JavaScript(Sandbox sandbox, String script) {
        this.sandbox = sandbox;
        this.script = script;
    }

    @Override
    public Decoding decode(Uplink uplink) {
        var input =
                Document.of("bytes", array(uplink.bytes()))
                        .with("fPort", Value.of(uplink.port()))
                        .with("time", Value.of(uplink.receivedAt().toEpochMilli()))
                        .with("variables", uplink.variables());
        var shown = CodecFailed.shown(uplink.bytes());
        return switch (call(input, "decodeUplink", shown)) {
            case Failure(var failed) -> failed;
            case Returned(var result) ->
                    result.find("data").orElse(Value.Null.NULL) instanceof Document data
                            ? new Decoding.Decoded(data, messages(result, "warnings"))
                            : CodecFailed.of(Reason.OUTPUT, "returned no object as data", shown);
        };
    }

    @Override
    public Encoding encode(Document data, Document variables) {
        var input = Document.of("data", data).with("variables", variables);
        var shown = Excerpt.of(Json.write(data), CodecFailed.INPUT_CHARS_MAX);
        return switch (call(input, "encodeDownlink", shown)) {
            case Failure(var failed) -> failed;
            case Returned(var result) -> encoded(result, shown);
        };
    }

    private sealed interface Outcome permits Returned, Failure {}

    private record Returned(Document result) implements Outcome {}

    private record Failure(CodecFailed failed) implements Outcome {}

    private Outcome call(Document input, String function, String shown) {
        return switch (sandbox.call(script, input)) {
            case Sandbox.Failed(var reason, var message) ->
                    new Failure(CodecFailed.of(reason, message, shown));
            case Sandbox.Text(var json) -> {
                try {
                    yield read(Json.parseObject(json), function, shown);
                } catch (MalformedJson e) {
                    var why = "returned what cannot be kept: " + e.getMessage();
                    yield new Failure(CodecFailed.of(Reason.OUTPUT, why, shown));
                }
            }
        };
    }

    private static Outcome read(Document answer, String function, String shown) {
        if (answer.find("error").orElse(Value.Null.NULL) instanceof Document error) {
            return new Failure(thrown(error, shown));
        }
        if (answer.find("missing").isPresent()) {
            var why = "the script has no function " + function;
            return new Failure(CodecFailed.of(Reason.SCRIPT, why, shown));
        }
        if (!(answer.find("result").orElse(Value.Null.NULL) instanceof Document result)) {
            return new Failure(CodecFailed.of(Reason.OUTPUT, "returned no object", shown));
        }
        var errors = messages(result, "errors");
        return errors.isEmpty()
                ? new Returned(result)
                : new Failure(CodecFailed.of(Reason.REFUSED, String.join("; ", errors), shown));
    }

    /// What somebody threw, and where.
    private static CodecFailed thrown(Document error, String shown) {
        var message = error.text("message").orElse("");
        var name = error.text("name").map(it -> it + ": ").orElse("");
        var reason =
                message.equals("out of memory")
                        ? Reason.MEMORY
                        : error.find("loading").isPresent() ? Reason.SCRIPT : Reason.ERROR;
        var place = PLACE.matcher(error.text("stack").orElse(""));
        var isKnown = place.find();
        return new CodecFailed(
                reason,
                Excerpt.of(name + message, MESSAGE_LENGTH_MAX),
                isKnown ? number(place.group(1)) : OptionalInt.empty(),
                isKnown ? number(place.group(2)) : OptionalInt.empty(),
                shown);
    }

    private static OptionalInt number(@Nullable String digits) {
        return digits == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(digits));
    }

    private static List<String> messages(Document result, String name) {
        if (!(result.find(name).orElse(Value.Null.NULL) instanceof Value.Array(var items))) {
            return List.of();
        }
        return items.stream()
                .limit(MESSAGES_MAX)
                .map(item -> item instanceof Value.Text(var text) ? text : Json.write(item))
                .map(text -> Excerpt.of(text, MESSAGE_LENGTH_MAX))
                .toList();
    }

    private static Value array(byte[] bytes) {
        var items = new ArrayList<Value>(bytes.length);
        for (var b : bytes) {
            items.add(Value.of(b & 0xff));
        }
        return new Value.Array(items);
    }

    private static Encoding encoded(Document result, String shown) {
        if (!(result.find("bytes").orElse(Value.Null.NULL) instanceof Value.Array(var items))
                || items.size() > DOWNLINK_BYTES_MAX) {
            return CodecFailed.of(Reason.OUTPUT, "returned no list of at most 255 bytes", shown);
        }
        var bytes = new byte[items.size()];
        for (int i = 0; i < bytes.length; i++) {
            if (!(items.get(i) instanceof Value.Numeric(Long value)) || value < 0 || value > 255) {
                return CodecFailed.of(
                        Reason.OUTPUT, "bytes[" + i + "] is no number from 0 to 255", shown);
            }
            bytes[i] = value.byteValue();
        }
        var port = OptionalInt.empty();
        if (result.find("fPort").orElse(Value.Null.NULL) instanceof Value.Numeric(Long value)) {
            if (value < 1 || value > 255) {
                return CodecFailed.of(Reason.OUTPUT, "fPort is not from 1 to 255", shown);
            }
            port = OptionalInt.of(value.intValue());
        }
        return new Encoding.Encoded(bytes, port, messages(result, "warnings"));
    }
}
