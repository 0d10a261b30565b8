package org.tethral.lorawan;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.tethral.codec.Codec;
import org.tethral.codec.CodecFailed;
import org.tethral.codec.CodecKinds;
import org.tethral.codec.Decoding;
import org.tethral.codec.Encoding;
import org.tethral.codec.Uplink;
import org.tethral.kernel.Document;

/// Which codec a device has: its own `payload_decoder`, the name of a kind or a script in
/// JavaScript; else the `codec` of its profile, `{"language": "javascript", "source": "…"}`.
final class DeviceCodecs {

    private static final String JAVASCRIPT = "javascript";

    private final CodecKinds kinds;

    DeviceCodecs(CodecKinds kinds) {
        this.kinds = kinds;
    }

    /// Empty: it has none. Cheap: a script is read when it is first used.
    Optional<Codec> of(@Nullable String decoder, Document profile) {
        if (decoder != null && !decoder.isBlank()) {
            var name = decoder.strip();
            return Optional.of(
                    name.equals(JAVASCRIPT)
                            ? open(JAVASCRIPT, profile.text("source").orElse(""))
                            : kinds.find(name)
                                    .map(kind -> kind.open(""))
                                    .orElseGet(() -> open(JAVASCRIPT, decoder)));
        }
        return profile.text("language")
                .map(language -> open(language, profile.text("source").orElse("")));
    }

    private Codec open(String language, String source) {
        return kinds.find(language)
                .map(kind -> kind.open(source))
                .orElseGet(() -> new Unknown(language, kinds.names()));
    }

    /// What a profile asks for and nobody can do: told with each uplink, as any fault of a codec.
    private record Unknown(String language, List<String> names) implements Codec {

        @Override
        public Decoding decode(Uplink uplink) {
            return failed();
        }

        @Override
        public Encoding encode(Document data, Document variables) {
            return failed();
        }

        private CodecFailed failed() {
            return new CodecFailed(
                    CodecFailed.Reason.SCRIPT,
                    "no codec language '" + language + "': " + String.join(", ", names),
                    OptionalInt.empty(),
                    OptionalInt.empty(),
                    "");
        }
    }
}
