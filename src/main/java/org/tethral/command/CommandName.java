package org.tethral.command;

/// What the device is to do, in a word that it knows: 1 to 255 characters, none of them a control
/// character, no space at either end.
public record CommandName(String value) {

    public static final int LENGTH_MAX = 255;

    public CommandName {
        if (value.isEmpty() || value.length() > LENGTH_MAX) {
            throw new IllegalArgumentException(
                    "a command_name has 1 to " + LENGTH_MAX + " characters");
        }
        if (value.codePoints()
                .anyMatch(c ->
                        Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE)) {
            throw new IllegalArgumentException("a command_name has no control characters");
        }
        if (!value.strip().equals(value)) {
            throw new IllegalArgumentException("a command_name has no space at its ends");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
