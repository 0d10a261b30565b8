package org.tethral.device;

/// The name under which a device is known everywhere: in topics, paths, tables. 1 to 255
/// characters, none of them a control character or one of `/ + # ? %` (they mean something in
/// topics and addresses), no space at either end.
public record DeviceId(String value) implements Comparable<DeviceId> {

    public static final int LENGTH_MAX = 255;

    public DeviceId {
        if (value.isEmpty() || value.length() > LENGTH_MAX) {
            throw new IllegalArgumentException(
                    "a device id has 1 to " + LENGTH_MAX + " characters");
        }
        for (int i = 0; i < value.length(); i++) {
            var c = value.charAt(i);
            if (Character.isISOControl(c)
                    || c == '/'
                    || c == '+'
                    || c == '#'
                    || c == '?'
                    || c == '%'
                    || Character.isSurrogate(c) && !pairedAt(value, i)) {
                throw new IllegalArgumentException(
                        "a device id has no control characters and none of / + # ? %");
            }
        }
        if (!value.strip().equals(value) || value.equals(".") || value.equals("..")) {
            throw new IllegalArgumentException(
                    "a device id has no space at its ends and is not '.' or '..'");
        }
    }

    private static boolean pairedAt(String text, int i) {
        return Character.isHighSurrogate(text.charAt(i))
                ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
                : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
    }

    @Override
    public int compareTo(DeviceId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
