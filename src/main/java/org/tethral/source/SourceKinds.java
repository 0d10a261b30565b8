package org.tethral.source;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.kernel.Extensions;

/// All kinds of sources that there are. They are looked for when the first is asked for, as many a
/// platform fetches nothing.
public final class SourceKinds implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SourceKinds.class);

    private final List<SourceKind> wired;
    private final SourceKind.Surroundings surroundings;
    private final Map<String, SourceKind.Source> open = new HashMap<>();
    private @Nullable Map<String, SourceKind> known;

    public SourceKinds(SourceKind.Surroundings surroundings) {
        this(List.of(), surroundings);
    }

    /// @param wired kinds beside those that are found
    public SourceKinds(List<SourceKind> wired, SourceKind.Surroundings surroundings) {
        this.wired = List.copyOf(wired);
        this.surroundings = surroundings;
    }

    public synchronized List<String> names() {
        return List.copyOf(all().keySet());
    }

    public synchronized Optional<SourceKind> find(String name) {
        return Optional.ofNullable(all().get(name));
    }

    /// Opened when it is asked for the first time.
    ///
    /// @throws IllegalStateException there is no such kind, or it cannot be opened
    public synchronized SourceKind.Source source(String name) {
        var source = open.get(name);
        if (source == null) {
            var kind = find(name);
            if (kind.isEmpty()) {
                throw new IllegalStateException("this platform has no source '" + name + "'");
            }
            try {
                source = kind.get().open(surroundings);
            } catch (RuntimeException | LinkageError e) {
                throw new IllegalStateException("the source '" + name + "' cannot be opened", e);
            }
            open.put(name, source);
        }
        return source;
    }

    private Map<String, SourceKind> all() {
        var kinds = known;
        if (kinds == null) {
            kinds =
                    Extensions.load(
                            SourceKind.class,
                            SourceKind::name,
                            wired,
                            e ->
                                    LOG.atError()
                                            .setCause(e)
                                            .log("a kind of source cannot be loaded"));
            known = kinds;
        }
        return kinds;
    }

    @Override
    public synchronized void close() {
        for (var source : open.values()) {
            try {
                source.close();
            } catch (RuntimeException e) {
                LOG.atWarn().setCause(e).log("a source did not end well");
            }
        }
        open.clear();
    }
}
