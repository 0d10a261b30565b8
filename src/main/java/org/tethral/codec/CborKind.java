package org.tethral.codec;

import java.util.List;
import java.util.OptionalInt;
import org.tethral.json.Cbor;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// CBOR (RFC 8949): a map is the values, anything else is `value`.
public final class CborKind implements CodecKind, Codec {

    @Override
    public String name() {
        return "cbor";
    }

    @Override
    public Codec open(String script) {
        return this;
    }

    @Override
    public Decoding decode(Uplink uplink) {
        Value value;
        try {
            value = Cbor.parse(uplink.bytes());
        } catch (MalformedJson e) {
            return CodecFailed.refused(String.valueOf(e.getMessage()), uplink.bytes());
        }
        return new Decoding.Decoded(
                value instanceof Document document ? document : Document.of("value", value),
                List.of());
    }

    @Override
    public Encoding encode(Document data, Document variables) {
        return new Encoding.Encoded(Cbor.bytes(data), OptionalInt.empty(), List.of());
    }
}
