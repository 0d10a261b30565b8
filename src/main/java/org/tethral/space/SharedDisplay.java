package org.tethral.space;

import java.util.Collection;
import java.util.List;

/// One display for several spaces: the sign at the entrance of a row of parking lots.
public final class SharedDisplay {

    private static final List<SpaceState> FIRST_THAT_OCCURS =
            List.of(
                    SpaceState.FREE,
                    SpaceState.OCCUPIED,
                    SpaceState.RESERVED,
                    SpaceState.MAINTENANCE);

    private SharedDisplay() {}

    /// What it shows: free as long as one space is; else the first of occupied, reserved,
    /// maintenance that one of them is. Of a single space, what that is.
    public static SpaceState shows(Collection<SpaceState> spaces) {
        return FIRST_THAT_OCCURS.stream()
                .filter(spaces::contains)
                .findFirst()
                .orElse(SpaceState.UNKNOWN);
    }
}
