package org.tethral.http;

import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import org.tethral.codec.Codec;
import org.tethral.codec.CodecFailed;
import org.tethral.codec.CodecKinds;
import org.tethral.codec.Decoding;
import org.tethral.codec.Encoding;
import org.tethral.codec.Uplink;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// `/api/v1/codecs/test`: a codec, tried on bytes or on values.
final class CodecRoutes {

    private final CodecKinds kinds;
    private final InstantSource clock;

    CodecRoutes(HttpEdge.Parts parts) {
        this.kinds = parts.networks().codecs();
        this.clock = parts.clock();
    }

    void on(Operations.Target operations) {
        operations.on("testCodec", this::test);
    }

    private Reply test(ApiRequest request) {
        var body = request.body();
        var bytes = body.find("bytes");
        var data = body.find("data");
        if (bytes.isPresent() == data.isPresent()) {
            throw new Refusal(
                    Problem.invalid("bytes", "either bytes to decode or data to encode is needed"));
        }
        var codec = codec(body);
        var variables = object(body, "variables");
        return Reply.ok(
                bytes.isPresent()
                        ? shown(codec.decode(uplink(request, variables)))
                        : shown(codec.encode(object(body, "data"), variables)));
    }

    private Codec codec(Document body) {
        var language = body.text("language").orElse("");
        return kinds.find(language)
                .map(kind -> kind.open(body.text("source").orElse("")))
                .orElseThrow(() ->
                        new Refusal(
                                Problem.invalid(
                                        "language",
                                        "no codec '"
                                                + language
                                                + "': "
                                                + String.join(", ", kinds.names()))));
    }

    private Uplink uplink(ApiRequest request, Document variables) {
        var payload = request.field("bytes", CodecRoutes::hex);
        var port =
                request.body().find("f_port").orElse(Value.Null.NULL)
                                instanceof Value.Numeric(var number)
                        ? number.intValue()
                        : 1;
        return new Uplink(payload, port, clock.instant(), variables);
    }

    private static byte[] hex(String text) {
        try {
            return HexFormat.of().parseHex(text.replace(" ", ""));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("is not written in hex digits", e);
        }
    }

    private static Document object(Document body, String name) {
        return body.find(name).orElse(Document.EMPTY) instanceof Document document
                ? document
                : Document.EMPTY;
    }

    private static Document shown(Decoding decoding) {
        return switch (decoding) {
            case Decoding.Decoded(var data, var warnings) ->
                    answer(data, Value.Null.NULL, Value.Null.NULL, warnings, List.of());
            case CodecFailed failed -> failed(failed);
        };
    }

    private static Document shown(Encoding encoding) {
        return switch (encoding) {
            case Encoding.Encoded(var bytes, var port, var warnings) ->
                    answer(
                            Value.Null.NULL,
                            Value.of(HexFormat.of().formatHex(bytes)),
                            port.isPresent() ? Value.of(port.getAsInt()) : Value.Null.NULL,
                            warnings,
                            List.of());
            case CodecFailed failed -> failed(failed);
        };
    }

    private static Document failed(CodecFailed failed) {
        return answer(
                Value.Null.NULL, Value.Null.NULL, Value.Null.NULL, List.of(), List.of(failed));
    }

    private static Document answer(
            Value data, Value bytes, Value port, List<String> warnings, List<CodecFailed> errors) {
        return new Fields()
                .value("data", data)
                .value("bytes", bytes)
                .value("f_port", port)
                .list("warnings", warnings, Value::of)
                .list("errors", errors, CodecRoutes::error)
                .document();
    }

    private static Document error(CodecFailed failed) {
        return new Fields()
                .text("reason", failed.reason().word())
                .text("message", failed.message())
                .value("line", number(failed.line()))
                .value("column", number(failed.column()))
                .text("input", failed.input())
                .document();
    }

    private static Value number(OptionalInt number) {
        return number.isPresent() ? Value.of(number.getAsInt()) : Value.Null.NULL;
    }
}
