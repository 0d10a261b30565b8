package org.tethral.account;

import java.util.Locale;

/// What somebody may do, most first.
public enum Role {
    SUPERADMIN,
    COMMUNITY_ADMIN,
    OPERATOR,
    VIEWER;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Role parse(String word) {
        for (var role : values()) {
            if (role.word().equals(word)) {
                return role;
            }
        }
        throw new IllegalArgumentException(
                "no role '" + word + "': superadmin, community_admin, operator or viewer");
    }

    public boolean covers(Role needed) {
        return compareTo(needed) <= 0;
    }
}
