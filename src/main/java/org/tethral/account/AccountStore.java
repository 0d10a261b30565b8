package org.tethral.account;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// API keys, kept.
public interface AccountStore {

    /// @param madeBy it ends with that user; null: nobody's
    void addApiKey(ApiKey key, @Nullable UUID madeBy);

    default void addApiKey(ApiKey key) {
        addApiKey(key, null);
    }

    Optional<ApiKey> findApiKey(String keyHash);

    /// Newest first, revoked ones included; null: of all communities, and of none.
    List<ApiKey> apiKeys(@Nullable CommunityId community);

    /// False when there is no such key or it was revoked before.
    boolean revokeApiKey(UUID id, Instant at);

    void apiKeyUsed(UUID id, Instant at);
}
