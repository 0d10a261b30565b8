package org.tethral.delivery;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.kernel.Document;

/// All kinds of receivers that there are. They are looked for when the first is asked for, as many
/// a platform has no subscription.
public final class SinkKinds {

    private static final Logger LOG = LoggerFactory.getLogger(SinkKinds.class);
    private static final String OURS = "org.tethral.";

    private final List<SinkKind> wired;
    private final SinkKind.Surroundings surroundings;
    private @Nullable Map<String, SinkKind> known;

    /// @param wired kinds that need parts of this process, beside those that are found
    public SinkKinds(List<SinkKind> wired, SinkKind.Surroundings surroundings) {
        this.wired = List.copyOf(wired);
        this.surroundings = surroundings;
    }

    public Optional<SinkKind> find(String name) {
        return Optional.ofNullable(all().get(name));
    }

    public List<String> names() {
        return List.copyOf(all().keySet());
    }

    /// The settings as they are to be kept.
    ///
    /// @throws IllegalArgumentException there is no such kind, or it does not take them
    public SinkSettings checked(String kind, Document given) {
        var found =
                find(kind)
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "no sink '" + kind + "': " + String.join(", ", names())));
        return new SinkSettings(kind, found.checked(given, surroundings));
    }

    /// The settings without what is never shown.
    public Document shown(SinkSettings sink) {
        var secrets = find(sink.kind()).map(SinkKind::secrets);
        var shown = Document.EMPTY;
        for (var entry : sink.settings().values().entrySet()) {
            // of a kind that is gone, nobody knows what is secret
            if (secrets.isPresent() && !secrets.get().contains(entry.getKey())) {
                shown = shown.with(entry.getKey(), entry.getValue());
            }
        }
        return shown;
    }

    Sink open(SinkSettings sink) throws Exception {
        var kind = find(sink.kind());
        if (kind.isEmpty()) {
            throw new IllegalStateException("this platform has no sink '" + sink.kind() + "'");
        }
        return kind.get().open(sink.settings(), surroundings);
    }

    /// Others may block a thread for good, which must not be one that all share.
    boolean isOurs(SinkSettings sink) {
        return find(sink.kind())
                .filter(kind -> kind.getClass().getName().startsWith(OURS))
                .isPresent();
    }

    private synchronized Map<String, SinkKind> all() {
        var kinds = known;
        if (kinds == null) {
            kinds = new LinkedHashMap<>();
            for (var kind : wired) {
                kinds.put(kind.name(), kind);
            }
            var found = ServiceLoader.load(SinkKind.class).iterator();
            while (true) {
                try {
                    if (!found.hasNext()) {
                        break;
                    }
                    var kind = found.next();
                    kinds.putIfAbsent(kind.name(), kind);
                } catch (ServiceConfigurationError | RuntimeException e) {
                    LOG.atError().setCause(e).log("a kind of sink cannot be loaded");
                }
            }
            known = kinds;
        }
        return kinds;
    }
}
