package org.tethral.account;

import org.jspecify.annotations.Nullable;

/// Somebody who proved who they are, and what they may do.
///
/// @param community null: of no single community
public record Principal(Actor actor, Role role, @Nullable CommunityId community) {

    public static Principal of(ApiKey key) {
        return new Principal(Actor.apiKey(key.name()), key.role(), key.community());
    }
}
