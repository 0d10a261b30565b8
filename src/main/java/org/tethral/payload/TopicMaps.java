package org.tethral.payload;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The topic maps in use, in their order.
public record TopicMaps(List<TopicMap> maps) {

    public static final TopicMaps NONE = new TopicMaps(List.of());

    /// The first levels of the platform's own topics, which no map reaches.
    private static final Set<String> OURS = Set.of("devices", "communities", "v1");

    public TopicMaps {
        maps = List.copyOf(maps);
    }

    /// A topic that a rule takes.
    ///
    /// @param device empty only where the kind is `NOTHING`
    /// @param names levels of the topic that name a value
    public record Match(String device, List<String> names, TopicMap.Rule.Kind kind) {}

    /// @param text with commas between them: names of maps that are shipped, and patterns with the
    ///   kind of their payload, `meters/{device}/{value}=value`
    /// @throws IllegalArgumentException the message says what is wrong with which
    public static TopicMaps parse(String text) {
        var maps = new ArrayList<TopicMap>();
        for (var item : text.split(",", -1)) {
            var one = item.strip();
            if (!one.isEmpty()) {
                maps.add(one(one));
            }
        }
        return new TopicMaps(maps);
    }

    private static TopicMap one(String text) {
        var equals = text.lastIndexOf('=');
        if (equals >= 0) {
            var kind = TopicMap.Rule.Kind.parse(text.substring(equals + 1).strip());
            var pattern = TopicPattern.parse(text.substring(0, equals).strip());
            return new TopicMap(text, List.of(new TopicMap.Rule(pattern, kind)));
        }
        for (var map : TopicMap.SHIPPED) {
            if (map.name().equals(text)) {
                return map;
            }
        }
        throw new IllegalArgumentException(
                "there is no topic map '"
                        + text
                        + "': tasmota, zigbee2mqtt, homie, shelly, or"
                        + " PATTERN=KIND");
    }

    public Optional<Match> match(String topic) {
        if (maps.isEmpty()) {
            return Optional.empty();
        }
        var levels = topic.split("/", -1);
        if (OURS.contains(levels[0])) {
            return Optional.empty();
        }
        for (var map : maps) {
            for (var rule : map.rules()) {
                var match = rule.pattern().match(levels);
                if (match.isPresent()) {
                    return Optional.of(
                            new Match(match.get().device(), match.get().names(), rule.kind()));
                }
            }
        }
        return Optional.empty();
    }

    /// What to subscribe to, to get all that they match; none twice.
    public List<String> filters() {
        var filters = new LinkedHashSet<String>();
        for (var map : maps) {
            for (var rule : map.rules()) {
                if (rule.kind() != TopicMap.Rule.Kind.NOTHING) {
                    filters.add(rule.pattern().filter());
                }
            }
        }
        return List.copyOf(filters);
    }
}
