package org.tethral.account;

import java.util.UUID;

public record CommunityId(UUID value) {

    /// The community of a platform that has only one; made by the first migration.
    public static final CommunityId DEFAULT =
            new CommunityId(UUID.fromString("00000000-0000-4000-8000-000000000001"));

    public static CommunityId parse(String text) {
        return new CommunityId(UUID.fromString(text));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
