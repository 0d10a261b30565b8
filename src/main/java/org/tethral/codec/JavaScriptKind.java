package org.tethral.codec;

import java.time.InstantSource;
import java.util.regex.Pattern;

/// Codecs as the field publishes them: `decodeUplink` and `encodeDownlink` of LoRa Alliance's codec
/// API (TS013), as ChirpStack v4 and The Things Stack v3 call them; `Decode(fPort, bytes,
/// variables)` and `Encode` of ChirpStack v3; `Decoder(bytes, port)` and `Encoder` of The Things
/// Network v2.
public final class JavaScriptKind implements CodecKind {

    /// A codec that is an ES module; the rest of such a line stays where it is, for the line
    /// numbers.
    private static final Pattern EXPORT =
            Pattern.compile("(?m)^export (?=(?:async |function|const |let |var |class ))");

    private final Sandbox sandbox = new Sandbox(InstantSource.system());

    @Override
    public String name() {
        return "javascript";
    }

    @Override
    public Codec open(String script) {
        return new JavaScript(sandbox, EXPORT.matcher(script).replaceAll("       "));
    }
}
