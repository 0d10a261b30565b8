package org.tethral.mqtt;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a subscription asks for: topic levels, of which `+` stands for any one, and a last `#` for
/// all that follow (MQTT 5, 4.7).
record TopicFilter(List<String> levels) {

    static final int LENGTH_MAX = 1_024;
    private static final String ONE = "+";
    private static final String REST = "#";

    TopicFilter {
        levels = List.copyOf(levels);
    }

    /// Null when the text is no filter.
    static @Nullable TopicFilter parse(String text) {
        if (text.isEmpty() || text.length() > LENGTH_MAX || text.indexOf('\0') >= 0) {
            return null;
        }
        var levels = List.of(text.split("/", -1));
        for (int i = 0; i < levels.size(); i++) {
            var level = levels.get(i);
            var wild = level.indexOf('+') >= 0 || level.indexOf('#') >= 0;
            if (wild && !level.equals(ONE) && !(level.equals(REST) && i == levels.size() - 1)) {
                return null;
            }
        }
        return new TopicFilter(levels);
    }

    boolean matches(String topic) {
        var names = topic.split("/", -1);
        if (topic.startsWith("$") && !levels.getFirst().equals(names[0])) {
            return false; // wildcards at the beginning leave out what is the server's own
        }
        for (int i = 0; i < levels.size(); i++) {
            var level = levels.get(i);
            if (level.equals(REST)) {
                return true;
            }
            if (i == names.length || !level.equals(ONE) && !level.equals(names[i])) {
                return false;
            }
        }
        return levels.size() == names.length;
    }

    /// True when nothing but topics below these levels (or of just these levels) can match.
    boolean staysBelow(List<String> names) {
        return levels.size() >= names.size() && levels.subList(0, names.size()).equals(names);
    }

    @Override
    public String toString() {
        return String.join("/", levels);
    }
}
