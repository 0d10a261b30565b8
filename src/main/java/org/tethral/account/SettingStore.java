package org.tethral.account;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// Settings that were changed while the program ran, kept.
public interface SettingStore {

    record Kept(String value, Actor by, Instant at) {}

    /// By the names of settings.
    Map<String, Kept> all();

    /// Keeps the values, or forgets those that are empty: all or none.
    void change(Map<String, Optional<String>> values, Actor by, Instant at);
}
