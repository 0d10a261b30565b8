package org.tethral.cli;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What was set for one run of the program, as text.
///
/// @param flags by the names of settings
/// @param file further settings; null: none
/// @param environment all variables, also those of others
public record Given(
        Map<String, String> flags, @Nullable Path file, Map<String, String> environment) {

    public Given {
        flags = Map.copyOf(flags);
        environment = Map.copyOf(environment);
    }

    /// The same with a setting that was not given as a flag.
    public Given withDefault(String name, String value) {
        if (flags.containsKey(name)) {
            return this;
        }
        var next = new java.util.HashMap<>(flags);
        next.put(name, value);
        return new Given(next, file, environment);
    }
}
