package org.tethral.space;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// What a sensor says of its space.
public enum Occupancy {
    FREE,
    OCCUPIED;

    /// Names under which makers of parking, desk and room sensors report it, most telling first.
    static final List<String> USUAL_FIELDS =
            List.of(
                    "occupied",
                    "occupancy",
                    "occupancy_status",
                    "parking_status",
                    "parkingStatus",
                    "car_status",
                    "presence",
                    "status",
                    "state");

    private static final Map<String, Occupancy> WORDS =
            Map.ofEntries(
                    Map.entry("free", FREE),
                    Map.entry("vacant", FREE),
                    Map.entry("available", FREE),
                    Map.entry("unoccupied", FREE),
                    Map.entry("empty", FREE),
                    Map.entry("absent", FREE),
                    Map.entry("false", FREE),
                    Map.entry("no", FREE),
                    Map.entry("occupied", OCCUPIED),
                    Map.entry("busy", OCCUPIED),
                    Map.entry("taken", OCCUPIED),
                    Map.entry("in_use", OCCUPIED),
                    Map.entry("present", OCCUPIED),
                    Map.entry("true", OCCUPIED),
                    Map.entry("yes", OCCUPIED));

    public SpaceState state() {
        return switch (this) {
            case FREE -> SpaceState.FREE;
            case OCCUPIED -> SpaceState.OCCUPIED;
        };
    }

    /// Out of a report.
    ///
    /// @param field which value says it; null: the first of the usual ones that does
    /// @return null: the report says nothing of it
    public static @Nullable Occupancy of(Document values, @Nullable String field) {
        if (field != null) {
            return values.find(field).map(Occupancy::of).orElse(null);
        }
        for (var usual : USUAL_FIELDS) {
            var value = values.find(usual);
            var said = value.isPresent() ? of(value.get()) : null;
            if (said != null) {
                return said;
            }
        }
        return null;
    }

    /// A number counts who is there.
    private static @Nullable Occupancy of(Value value) {
        return switch (value) {
            case Value.Bool bool -> bool == Value.Bool.TRUE ? OCCUPIED : FREE;
            case Value.Numeric number -> number.asDouble() > 0 ? OCCUPIED : FREE;
            case Value.Text(var word) -> ofWord(word);
            case Value.Null _, Value.Array _, Document _ -> null;
        };
    }

    public static @Nullable Occupancy ofWord(String word) {
        return WORDS.get(word.strip().toLowerCase(Locale.ROOT));
    }

    public String word() {
        return state().word();
    }

    /// Null: neither.
    public static @Nullable Occupancy parse(String word) {
        return switch (word) {
            case "free" -> FREE;
            case "occupied" -> OCCUPIED;
            default -> null;
        };
    }
}
