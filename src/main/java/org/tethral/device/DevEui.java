package org.tethral.device;

import java.util.Locale;

/// The name that the maker of a LoRaWAN device gave it (an EUI-64): 16 hex digits, upper case.
public record DevEui(String value) implements Comparable<DevEui> {

    private static final int DIGITS = 16;

    public DevEui {
        if (value.length() != DIGITS || !value.chars().allMatch(DevEui::isUpperHex)) {
            throw new IllegalArgumentException("a DevEUI has " + DIGITS + " hex digits");
        }
    }

    /// Also as people write it: in lower case, its bytes apart by `-`, `:` or spaces.
    ///
    /// @throws IllegalArgumentException it has not 16 hex digits
    public static DevEui parse(String text) {
        var digits = new StringBuilder(DIGITS);
        for (int i = 0; i < text.length() && digits.length() <= DIGITS; i++) {
            var c = text.charAt(i);
            if (c != '-' && c != ':' && c != ' ') {
                digits.append(c);
            }
        }
        return new DevEui(digits.toString().toUpperCase(Locale.ROOT));
    }

    private static boolean isUpperHex(int c) {
        return c >= '0' && c <= '9' || c >= 'A' && c <= 'F';
    }

    @Override
    public int compareTo(DevEui other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
