package org.tethral;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.tethral.cli.Failure;

/// What is set, for those who know what it means.
interface SettingValues {

    boolean isSet(String name);

    /// @throws Failure it is empty
    String text(String name);

    /// Null: it is not set.
    ///
    /// @throws Failure it cannot be read
    @Nullable Path file(String name);

    /// That the value of a setting cannot be used, with where it comes from.
    Failure wrong(String name, String what);
}
