package org.tethral.account;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The settings of the program, as the API shows and changes them.
public interface Settings {

    /// @param value as it may be shown: secrets in it are masked; null: not set
    /// @param standard the value where none is given; null: none, or it depends on others
    /// @param origin who set it: a flag, a variable, a file, `default`, or who changed it since
    /// @param changeable while the program runs
    record Setting(
            String name,
            @Nullable String value,
            @Nullable String standard,
            String origin,
            boolean changeable,
            String description) {}

    sealed interface Outcome {
        record Changed(List<Setting> all) implements Outcome {}

        /// Nothing was changed.
        ///
        /// @param reasons by the names of the settings
        record Refused(Map<String, String> reasons) implements Outcome {}
    }

    List<Setting> list();

    /// All or none; in force when it returns, and after a restart.
    ///
    /// @param wanted empty: back to what the start of the program said
    Outcome change(Map<String, Optional<String>> wanted, Actor actor);
}
