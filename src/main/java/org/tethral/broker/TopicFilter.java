package org.tethral.broker;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a subscription asks for: topic levels, of which `+` stands for any one, and a last `#` for
/// all that follow (MQTT 5, 4.7).
///
/// @param group of a shared subscription (`$share/group/…`; 4.8.2): each message goes to one of its
///   members; null: not shared
public record TopicFilter(@Nullable String group, List<String> levels) {

    public static final int LENGTH_MAX = 1_024;
    static final String ONE = "+";
    static final String REST = "#";
    private static final String SHARE = "$share/";

    public TopicFilter {
        levels = List.copyOf(levels);
    }

    /// Null when the text is no filter.
    public static @Nullable TopicFilter parse(String text) {
        if (text.isEmpty() || text.length() > LENGTH_MAX || text.indexOf('\0') >= 0) {
            return null;
        }
        if (!text.startsWith(SHARE)) {
            return text.equals("$share") ? null : unshared(null, text);
        }
        var end = text.indexOf('/', SHARE.length());
        if (end <= SHARE.length() || end == text.length() - 1) {
            return null;
        }
        var group = text.substring(SHARE.length(), end);
        return group.contains(ONE) || group.contains(REST)
                ? null
                : unshared(group, text.substring(end + 1));
    }

    private static @Nullable TopicFilter unshared(@Nullable String group, String text) {
        var levels = List.of(text.split("/", -1));
        for (int i = 0; i < levels.size(); i++) {
            var level = levels.get(i);
            var wild = level.contains(ONE) || level.contains(REST);
            if (wild && !level.equals(ONE) && !(level.equals(REST) && i == levels.size() - 1)) {
                return null;
            }
        }
        return new TopicFilter(group, levels);
    }

    public boolean shared() {
        return group != null;
    }

    /// Sharing or not: whether messages of the topic are meant.
    public boolean matches(String topic) {
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
    public boolean staysBelow(List<String> names) {
        return levels.size() >= names.size() && levels.subList(0, names.size()).equals(names);
    }

    @Override
    public String toString() {
        var text = String.join("/", levels);
        return group == null ? text : SHARE + group + "/" + text;
    }
}
