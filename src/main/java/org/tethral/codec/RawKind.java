package org.tethral.codec;

import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Excerpt;
import org.tethral.kernel.Value;

/// No reading at all: `bytes` are the payload in hexadecimal digits, both ways.
public final class RawKind implements CodecKind, Codec {

    @Override
    public String name() {
        return "raw";
    }

    @Override
    public Codec open(String script) {
        return this;
    }

    @Override
    public Decoding decode(Uplink uplink) {
        var digits = HexFormat.of().formatHex(uplink.bytes());
        return new Decoding.Decoded(Document.of("bytes", Value.of(digits)), List.of());
    }

    @Override
    public Encoding encode(Document data, Document variables) {
        var shown = Excerpt.of(Json.write(data), CodecFailed.INPUT_CHARS_MAX);
        var digits = data.text("bytes").orElse("").toLowerCase(Locale.ROOT);
        try {
            return new Encoding.Encoded(
                    HexFormat.of().parseHex(digits), OptionalInt.empty(), List.of());
        } catch (IllegalArgumentException e) {
            return CodecFailed.of(
                    CodecFailed.Reason.REFUSED, "bytes are no hexadecimal digits", shown);
        }
    }
}
