package org.tethral.codec;

import java.util.List;
import java.util.OptionalInt;

/// What became of values for a device.
public sealed interface Encoding permits Encoding.Encoded, CodecFailed {

    /// @param bytes the application's payload; not copied
    /// @param port LoRaWAN's FPort, where the codec names one
    @SuppressWarnings("ArrayRecordComponent")
    record Encoded(byte[] bytes, OptionalInt port, List<String> warnings) implements Encoding {
        public Encoded {
            warnings = List.copyOf(warnings);
        }
    }
}
