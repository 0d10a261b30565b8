package org.tethral.space;

import java.util.HexFormat;
import java.util.Locale;

/// The bytes that make a display show a state, in upper-case hex: 1 to 242 of them, the most that a
/// LoRaWAN downlink has room for at the best data rate.
public record DisplayCode(String hex) {

    public static final int BYTES_MAX = 242;

    public DisplayCode {
        if (hex.isEmpty() || hex.length() > 2 * BYTES_MAX || hex.length() % 2 != 0) {
            throw new IllegalArgumentException(
                    "a display code has 1 to " + BYTES_MAX + " bytes, in hex");
        }
        if (!hex.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'A' && c <= 'F')) {
            throw new IllegalArgumentException("a display code is written in hex digits");
        }
    }

    /// Also in lower case.
    public static DisplayCode parse(String text) {
        return new DisplayCode(text.toUpperCase(Locale.ROOT));
    }

    public int length() {
        return hex.length() / 2;
    }

    /// A new array each time.
    public byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }

    @Override
    public String toString() {
        return hex;
    }
}
