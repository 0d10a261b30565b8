package org.tethral.kernel;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import java.util.function.Function;

/// What this program and jars beside it bring of one kind: sinks, sources, protocols, codecs.
public final class Extensions {

    private Extensions() {}

    /// All of them by their names, in the order in which they are found. Of two with one name the
    /// first is taken; one that cannot be loaded is not there, and the others are.
    ///
    /// @param kind as it is named under `META-INF/services`
    /// @param wired beside those that are found, and before them
    /// @param broken is told why one cannot be loaded; must not throw
    public static <K> Map<String, K> load(
            Class<K> kind,
            Function<K, String> name,
            List<? extends K> wired,
            Consumer<Throwable> broken) {
        var kinds = new LinkedHashMap<String, K>();
        for (var one : wired) {
            kinds.put(name.apply(one), one);
        }
        var found = ServiceLoader.load(kind).iterator();
        while (true) {
            try {
                if (!found.hasNext()) {
                    return kinds;
                }
                var one = found.next();
                kinds.putIfAbsent(name.apply(one), one);
            } catch (ServiceConfigurationError | RuntimeException | LinkageError e) {
                broken.accept(e);
            }
        }
    }
}
