package org.tethral.broker;

import java.util.List;

/// Where a message is published: levels parted by `/`, without wildcards (MQTT 5, 4.7).
///
/// @param text at most [#LENGTH_MAX] characters
public record TopicName(String text, List<String> levels) {

    public static final int LENGTH_MAX = 1_024;

    public TopicName {
        if (text.isEmpty() || text.length() > LENGTH_MAX) {
            throw new IllegalArgumentException("a topic has 1 to " + LENGTH_MAX + " characters");
        }
        if (text.indexOf('+') >= 0 || text.indexOf('#') >= 0 || text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a topic has no + and no #");
        }
        levels = List.copyOf(levels);
    }

    /// @throws IllegalArgumentException says what is wrong with it
    public TopicName(String text) {
        this(text, List.of(text.split("/", -1)));
    }

    /// Topics that begin with `$` are the server's own: no wildcard at the beginning of a filter
    /// stands for them.
    boolean hidden() {
        return text.charAt(0) == '$';
    }

    @Override
    public String toString() {
        return text;
    }
}
