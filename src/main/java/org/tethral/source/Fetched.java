package org.tethral.source;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a source answered. Reasons are for people and hold no key.
public sealed interface Fetched {

    /// @param entries in any order; some may be there twice
    /// @param newest the number of the channel's newest entry, 0: none or not known
    /// @param full as many as the source gives at once: there may be more in that time
    record Entries(List<Entry> entries, long newest, boolean full) implements Fetched {
        public Entries {
            entries = List.copyOf(entries);
        }
    }

    /// There is no such channel, or the key does not open it. The source itself works.
    record Refused(String reason) implements Fetched {}

    /// Too many calls of this account.
    ///
    /// @param pause as the source asks for; null: it does not say
    record TooMany(@Nullable Duration pause) implements Fetched {}

    /// No answer, or none that can be read: it may do better a moment later.
    record Failed(String reason) implements Fetched {}
}
