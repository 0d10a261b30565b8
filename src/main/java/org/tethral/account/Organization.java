package org.tethral.account;

import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Document;

/// A tenant, or somebody with whom it does business.
///
/// @param community of a community itself its own; null: a distributor or customer of several
/// @param name of a community, unique
public record Organization(
        Kind kind,
        UUID id,
        @Nullable CommunityId community,
        String name,
        Document metadata,
        Instant createdAt) {

    public enum Kind {
        /// A tenant: sees its own devices and nothing else.
        COMMUNITY,
        /// Who sold or keeps a device.
        DISTRIBUTOR,
        /// Whom a device serves.
        CUSTOMER;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
