package org.tethral.account;

import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A program's key to the API. Only the SHA-256 of the secret is kept.
///
/// @param community null: of no single community (a superadmin's)
/// @param scopes empty: everything that the role may do
public record ApiKey(
        UUID id,
        String name,
        String keyHash,
        Role role,
        @Nullable CommunityId community,
        Set<Scope> scopes,
        @Nullable Instant expiresAt,
        @Nullable Instant lastUsedAt,
        @Nullable Instant revokedAt,
        Instant createdAt) {

    public static final String SECRET_PREFIX = "tethral_key_";

    public ApiKey {
        scopes = Set.copyOf(scopes);
    }

    public boolean validAt(Instant now) {
        return revokedAt == null && (expiresAt == null || now.isBefore(expiresAt));
    }
}
