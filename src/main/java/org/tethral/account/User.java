package org.tethral.account;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A person who signs in.
///
/// @param passwordHash null: signs in with an identity provider only
/// @param community null: of no single one, which a superadmin is and nobody else
/// @param active false: may not sign in, and is signed out
/// @param version rises with each change
public record User(
        UUID id,
        EmailAddress email,
        @Nullable String passwordHash,
        Role role,
        @Nullable CommunityId community,
        boolean active,
        Instant createdAt,
        @Nullable Instant lastLoginAt,
        long version) {

    public User {
        if ((role == Role.SUPERADMIN) != (community == null)) {
            throw new IllegalArgumentException(
                    "a superadmin is of no community, everybody else of one");
        }
    }

    public static User add(
            UUID id,
            EmailAddress email,
            @Nullable String passwordHash,
            Role role,
            @Nullable CommunityId community,
            Instant at) {
        return new User(id, email, passwordHash, role, community, true, at, null, 1);
    }

    public User withPasswordHash(@Nullable String hash) {
        return new User(id, email, hash, role, community, active, createdAt, lastLoginAt, version);
    }

    /// @param version that the change was made for
    public User changed(
            Role nextRole, @Nullable CommunityId nextCommunity, boolean nextActive, long version) {
        return new User(
                id,
                email,
                passwordHash,
                nextRole,
                nextCommunity,
                nextActive,
                createdAt,
                lastLoginAt,
                version);
    }

    /// As histories name them.
    public Actor actor() {
        return Actor.session(email.value());
    }

    public Principal principal() {
        return new Principal(actor(), role, community);
    }
}
