package org.tethral.payload;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// A topic with places to be filled: `meters/{device}/{channel}/power`. `{device}` names the
/// device; other names in braces take one level each, a last `{name...}` one or more. None of these
/// takes a level that begins with `$`. A last `#` takes whatever follows, also nothing.
public record TopicPattern(List<Level> levels) {

    private static final String DEVICE = "device";
    private static final int LENGTH_MAX = 1_024;

    sealed interface Level {
        record Literal(String text) implements Level {}

        record Device() implements Level {}

        record Name(String name) implements Level {}

        record Names(String name) implements Level {}

        record Anything() implements Level {}
    }

    /// @param device empty where the pattern names none
    /// @param names the levels that stand in place of the names in braces, in their order, without
    ///   the device
    public record Match(String device, List<String> names) {
        public Match {
            names = List.copyOf(names);
        }
    }

    public TopicPattern {
        levels = List.copyOf(levels);
    }

    /// @throws IllegalArgumentException it is none; the message says why
    public static TopicPattern parse(String text) {
        if (text.isEmpty() || text.length() > LENGTH_MAX) {
            throw new IllegalArgumentException(
                    "a topic pattern has 1 to " + LENGTH_MAX + " characters");
        }
        var levels = new ArrayList<Level>();
        var names = new HashSet<String>();
        var texts = text.split("/", -1);
        for (int i = 0; i < texts.length; i++) {
            var level = level(texts[i]);
            var open = level instanceof Level.Names || level instanceof Level.Anything;
            if (open && i != texts.length - 1) {
                throw new IllegalArgumentException("'" + texts[i] + "' can only be the last level");
            }
            if (!(level instanceof Level.Literal) && !names.add(texts[i])) {
                throw new IllegalArgumentException("'" + texts[i] + "' occurs twice");
            }
            levels.add(level);
        }
        return new TopicPattern(levels);
    }

    private static Level level(String text) {
        if (text.equals("#")) {
            return new Level.Anything();
        }
        if (text.startsWith("{") && text.endsWith("}")) {
            var name = text.substring(1, text.length() - 1);
            if (name.equals(DEVICE)) {
                return new Level.Device();
            }
            var plain = name.endsWith("...") ? name.substring(0, name.length() - 3) : name;
            if (!plain.matches("[a-z0-9_]+")) {
                throw new IllegalArgumentException(
                        "'" + text + "' is no name: lower-case letters, digits and _ in braces");
            }
            return plain.length() < name.length() ? new Level.Names(plain) : new Level.Name(plain);
        }
        if (text.matches(".*[+#{}].*")) {
            throw new IllegalArgumentException(
                    "'" + text + "' mixes text with one of + # { }: a name takes a whole level");
        }
        return new Level.Literal(text);
    }

    boolean hasDevice() {
        return levels.contains(new Level.Device());
    }

    /// @param topic its levels
    Optional<Match> match(String[] topic) {
        var names = new ArrayList<String>();
        var device = "";
        for (int i = 0; i < levels.size(); i++) {
            var level = levels.get(i);
            if (level instanceof Level.Anything) {
                return Optional.of(new Match(device, names));
            }
            if (i >= topic.length || !takes(level, topic[i])) {
                return Optional.empty();
            }
            switch (level) {
                case Level.Device _ -> device = topic[i];
                case Level.Name _ -> names.add(topic[i]);
                case Level.Names _ -> {
                    for (int rest = i; rest < topic.length; rest++) {
                        if (!takes(level, topic[rest])) {
                            return Optional.empty();
                        }
                        names.add(topic[rest]);
                    }
                    return Optional.of(new Match(device, names));
                }
                case Level.Literal _, Level.Anything _ -> {}
            }
        }
        return levels.size() == topic.length
                ? Optional.of(new Match(device, names))
                : Optional.empty();
    }

    private static boolean takes(Level level, String text) {
        return level instanceof Level.Literal(var literal)
                ? literal.equals(text)
                : !text.isEmpty() && text.charAt(0) != '$';
    }

    @Override
    public String toString() {
        return levels.stream()
                .map(level ->
                        switch (level) {
                            case Level.Literal(var text) -> text;
                            case Level.Device _ -> "{" + DEVICE + "}";
                            case Level.Name(var name) -> "{" + name + "}";
                            case Level.Names(var name) -> "{" + name + "...}";
                            case Level.Anything _ -> "#";
                        })
                .collect(Collectors.joining("/"));
    }

    /// What to subscribe to, to get all that it matches.
    public String filter() {
        var filter = new ArrayList<String>();
        for (var level : levels) {
            filter.add(
                    switch (level) {
                        case Level.Literal(var text) -> text;
                        case Level.Device _, Level.Name _ -> "+";
                        case Level.Names _, Level.Anything _ -> "#";
                    });
        }
        return String.join("/", filter);
    }
}
