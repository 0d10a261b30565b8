package org.tethral.codec;

import java.util.List;
import org.tethral.kernel.Document;

/// What became of an uplink.
public sealed interface Decoding permits Decoding.Decoded, CodecFailed {

    /// @param warnings of the codec, for people
    record Decoded(Document data, List<String> warnings) implements Decoding {
        public Decoded {
            warnings = List.copyOf(warnings);
        }
    }
}
