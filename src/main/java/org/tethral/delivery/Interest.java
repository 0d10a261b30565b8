package org.tethral.delivery;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.device.DeviceId;
import org.tethral.event.Event;
import org.tethral.event.Priority;

/// Which events a subscriber wants: all that is given must hold; what is empty or null asks for
/// nothing.
///
/// @param types whole types, or beginnings of types and `*`; one of them must match
/// @param sources one of them must be the event's
/// @param minimumPriority that or higher
public record Interest(
        List<String> types,
        List<String> sources,
        @Nullable DeviceId device,
        @Nullable CommunityId community,
        Priority minimumPriority,
        DataFilter filter) {

    public static final Interest ALL =
            new Interest(List.of(), List.of(), null, null, Priority.LOW, DataFilter.NONE);

    /// Types, and sources, that one subscription may name.
    public static final int NAMES_MAX = 100;

    private static final int TYPE_LENGTH_MAX = 65;
    private static final int SOURCE_LENGTH_MAX = 300;

    public Interest {
        types = List.copyOf(types);
        sources = List.copyOf(sources);
        if (types.size() > NAMES_MAX || sources.size() > NAMES_MAX) {
            throw new IllegalArgumentException(
                    "at most " + NAMES_MAX + " types and as many sources");
        }
        for (var type : types) {
            var star = type.indexOf('*');
            if (type.isEmpty()
                    || type.length() > TYPE_LENGTH_MAX
                    || star >= 0 && star < type.length() - 1) {
                throw new IllegalArgumentException(
                        "'"
                                + type
                                + "' is no event type: a type, or its beginning and * at the end");
            }
        }
        for (var source : sources) {
            if (source.isEmpty() || source.length() > SOURCE_LENGTH_MAX) {
                throw new IllegalArgumentException("a source has 1 to 300 characters");
            }
        }
    }

    public boolean wants(Event event) {
        return event.priority().compareTo(minimumPriority) >= 0
                && (device == null || device.equals(event.device()))
                && (community == null || community.equals(event.community()))
                && (types.isEmpty() || types.stream().anyMatch(type -> covers(type, event)))
                && (sources.isEmpty() || sources.contains(event.source()))
                && filter.condition().holds(event.data());
    }

    private static boolean covers(String type, Event event) {
        var actual = event.type().value();
        return type.endsWith("*")
                ? actual.startsWith(type.substring(0, type.length() - 1))
                : actual.equals(type);
    }
}
