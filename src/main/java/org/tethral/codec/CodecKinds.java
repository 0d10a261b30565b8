package org.tethral.codec;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.kernel.Extensions;

/// All kinds of codecs that there are. They are looked for when the first is asked for, as many a
/// platform has no device that needs one.
public final class CodecKinds {

    private static final Logger LOG = LoggerFactory.getLogger(CodecKinds.class);

    private @Nullable Map<String, CodecKind> known;

    public Optional<CodecKind> find(String name) {
        return Optional.ofNullable(all().get(name));
    }

    public List<String> names() {
        return List.copyOf(all().keySet());
    }

    private synchronized Map<String, CodecKind> all() {
        var kinds = known;
        if (kinds == null) {
            kinds =
                    Extensions.load(
                            CodecKind.class,
                            CodecKind::name,
                            List.of(),
                            e -> LOG.atError().setCause(e).log("a kind of codec cannot be loaded"));
            known = kinds;
        }
        return kinds;
    }
}
