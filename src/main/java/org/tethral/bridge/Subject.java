package org.tethral.bridge;

import java.util.List;
import java.util.Optional;
import org.tethral.payload.TopicMaps;

/// What a topic of the outside broker is about.
sealed interface Subject {

    /// The device that it names.
    String device();

    /// A topic of our own: `devices/{device_id}/report`, `…/state`, `…/event`.
    record Own(String device, Kind kind) implements Subject {
        enum Kind {
            REPORT,
            STATE,
            EVENT
        }
    }

    record Mapped(TopicMaps.Match match) implements Subject {
        @Override
        public String device() {
            return match.device();
        }
    }

    String DEVICES = "devices";

    /// What to subscribe to for our own topics.
    List<String> OWN_FILTERS = List.of("devices/+/report", "devices/+/state", "devices/+/event");

    static Optional<Subject> of(String topic, TopicMaps maps) {
        var levels = topic.split("/", -1);
        if (levels.length == 3 && levels[0].equals(DEVICES)) {
            return kind(levels[2]).map(kind -> new Own(levels[1], kind));
        }
        return maps.match(topic).map(Mapped::new);
    }

    private static Optional<Own.Kind> kind(String level) {
        return switch (level) {
            case "report" -> Optional.of(Own.Kind.REPORT);
            case "state" -> Optional.of(Own.Kind.STATE);
            case "event" -> Optional.of(Own.Kind.EVENT);
            default -> Optional.empty();
        };
    }
}
