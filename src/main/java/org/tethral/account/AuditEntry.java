package org.tethral.account;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Document;

/// An administrative act: who did what to which thing, and how that was before and after. No entry
/// holds a secret: values whose name says that they are one are struck out when it is made.
///
/// @param action object and verb, `device.update`; no two operations have the same
/// @param community whose administrators may read it; null: superadmins only
/// @param before null: it was not there
/// @param after null: it is not there any more
/// @param remoteAddress null: it was done on this machine
public record AuditEntry(
        UUID id,
        Instant at,
        Actor actor,
        String action,
        String objectKind,
        String objectId,
        @Nullable CommunityId community,
        @Nullable Document before,
        @Nullable Document after,
        @Nullable String remoteAddress) {

    public AuditEntry {
        before = before == null ? null : Redaction.of(before);
        after = after == null ? null : Redaction.of(after);
    }
}
