package org.tethral.device;

import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Page;

/// Devices that knocked without being known, one entry each, until an operator registers or
/// dismisses them.
public interface Inbox {

    /// Entries kept; the one longest unseen makes room.
    int ENTRIES_MAX = 10_000;

    /// @param identity as the device called itself: an id, a user name, a DevEUI; never a secret
    record Entry(
            String identity,
            Protocol protocol,
            @Nullable String remoteAddress,
            String reason,
            long attempts,
            Instant firstSeen,
            Instant lastSeen) {}

    /// Adds it, or counts one more attempt.
    void knocked(Entry entry);

    /// Newest first.
    Page<Entry> list(Page.Request page);

    Optional<Entry> find(String identity);

    boolean dismiss(String identity);

    /// How many messages are kept of each; who is not named has none. An inbox that only counts
    /// knocks keeps none of anybody.
    default Map<String, Long> messages(Collection<String> identities) {
        return Map.of();
    }
}
