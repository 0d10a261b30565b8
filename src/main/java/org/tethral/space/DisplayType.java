package org.tethral.space;

import java.util.Locale;
import java.util.Map;

/// What kind of display it is, and so what a code for it must look like.
public enum DisplayType {
    /// Kuando Busylight IoT Omega LoRaWAN: red, blue, green, time on, time off, one byte each.
    KUANDO_BUSYLIGHT(5, 15) {
        @Override
        public DisplayCodes usualCodes() {
            return new DisplayCodes(
                    Map.of(
                            SpaceState.FREE, new DisplayCode("0000FF6400"),
                            SpaceState.OCCUPIED, new DisplayCode("FF00006400"),
                            SpaceState.RESERVED, new DisplayCode("FF00FF6400"),
                            SpaceState.MAINTENANCE, new DisplayCode("FF00A56400")));
        }
    },
    /// Any other: whoever sets its codes knows what they mean.
    GENERIC(0, 1);

    private final int codeBytes;
    private final int usualFport;

    DisplayType(int codeBytes, int usualFport) {
        this.codeBytes = codeBytes;
        this.usualFport = usualFport;
    }

    /// What is meant where nobody said otherwise.
    public DisplayCodes usualCodes() {
        return DisplayCodes.NONE;
    }

    public int usualFport() {
        return usualFport;
    }

    /// @throws IllegalArgumentException such a display would not understand the code
    void check(SpaceState state, DisplayCode code) {
        if (codeBytes > 0 && code.length() != codeBytes) {
            throw new IllegalArgumentException(
                    "the code for "
                            + state.word()
                            + " of a "
                            + word()
                            + " has "
                            + codeBytes
                            + " bytes, not "
                            + code.length());
        }
    }

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static DisplayType parse(String word) {
        for (var type : values()) {
            if (type.word().equals(word)) {
                return type;
            }
        }
        throw new IllegalArgumentException(
                "no display type '" + word + "': kuando_busylight or generic");
    }
}
