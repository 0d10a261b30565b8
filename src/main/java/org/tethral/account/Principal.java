package org.tethral.account;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Somebody who proved who they are, and what they may do.
///
/// @param community null: of no single community
/// @param scopes empty: everything that the role may do
public record Principal(
        Actor actor, Role role, @Nullable CommunityId community, Set<Scope> scopes) {

    public Principal {
        scopes = Set.copyOf(scopes);
    }

    /// Without limits below the role's.
    public Principal(Actor actor, Role role, @Nullable CommunityId community) {
        this(actor, role, community, Set.of());
    }

    public static Principal of(ApiKey key) {
        return new Principal(Actor.apiKey(key.name()), key.role(), key.community(), key.scopes());
    }

    public boolean may(Scope scope) {
        return scope.isWithin(scopes);
    }
}
