package org.tethral.account;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Page;

/// Administrative acts, kept for ever.
public interface AuditLog {

    /// All are durable when it returns, or none is.
    void add(List<AuditEntry> entries);

    default void add(AuditEntry entry) {
        add(List.of(entry));
    }

    /// Newest first.
    Page<AuditEntry> list(Filter filter, Page.Request page);

    /// What is null does not matter.
    ///
    /// @param from included
    /// @param to not included
    record Filter(
            @Nullable CommunityId community,
            @Nullable Actor actor,
            @Nullable String action,
            @Nullable String objectKind,
            @Nullable String objectId,
            @Nullable Instant from,
            @Nullable Instant to) {

        public static final Filter ALL = new Filter(null, null, null, null, null, null, null);
    }
}
