package org.tethral.space;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/// The codes of a display by the state that each shows. A state without one is not shown.
public record DisplayCodes(Map<SpaceState, DisplayCode> byState) {

    public static final DisplayCodes NONE = new DisplayCodes(Map.of());

    public DisplayCodes {
        byState = Map.copyOf(byState);
    }

    public Optional<DisplayCode> of(SpaceState state) {
        return Optional.ofNullable(byState.get(state));
    }

    /// These, and for states that are missing the others.
    public DisplayCodes or(DisplayCodes others) {
        var all = new EnumMap<SpaceState, DisplayCode>(SpaceState.class);
        all.putAll(others.byState);
        all.putAll(byState);
        return new DisplayCodes(all);
    }
}
