package org.tethral.account;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Sessions of people, kept, so that a restart signs nobody out. By the SHA-256 of their secrets.
public interface UserSessionStore {

    /// One user has that many sessions at most, and so have all who came by a link together; the
    /// oldest make room.
    int SESSIONS_PER_USER_MAX = 20;

    /// Also removes what is over, and notes the user's log-in.
    void open(Kept session);

    Optional<Kept> find(String secretHash);

    void seen(String secretHash, Instant at);

    void end(String secretHash);

    /// @param user as they are now; null: came by a link, and administers the platform
    /// @param method `password`, `link` or `oidc`
    /// @param expiresAt at the latest
    record Kept(
            String secretHash,
            @Nullable User user,
            String method,
            Instant openedAt,
            Instant lastSeenAt,
            Instant expiresAt,
            @Nullable String remoteAddress) {}
}
