package org.tethral.account;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/// What a key may be limited to, below what its role may do.
public enum Scope {
    READ("read"),
    DEVICES_WRITE("devices:write"),
    COMMANDS_SEND("commands:send"),
    EVENTS_WRITE("events:write"),
    SUBSCRIPTIONS_WRITE("subscriptions:write"),
    ALERTS_WRITE("alerts:write"),
    SPACES_WRITE("spaces:write"),
    ADMIN("admin");

    private final String word;

    Scope(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }

    public static Scope parse(String text) {
        var wanted = text.toLowerCase(Locale.ROOT);
        for (var scope : values()) {
            if (scope.word.equals(wanted)) {
                return scope;
            }
        }
        throw new IllegalArgumentException(
                "no scope '"
                        + text
                        + "': "
                        + Arrays.stream(values())
                                .map(Scope::word)
                                .collect(Collectors.joining(", ")));
    }

    /// Whether a key of these scopes may do what needs this one; none are all.
    public boolean isWithin(Set<Scope> scopes) {
        return scopes.isEmpty() || scopes.contains(this);
    }
}
