package org.tethral.kernel;

/// The beginning of a text that somebody else wrote.
public final class Excerpt {

    private Excerpt() {}

    /// At most so many UTF-16 units, and never half of a character: no store keeps such a text.
    public static String of(String text, int lengthMax) {
        if (text.length() <= lengthMax) {
            return text;
        }
        var splits = lengthMax > 0 && Character.isHighSurrogate(text.charAt(lengthMax - 1));
        return text.substring(0, splits ? lengthMax - 1 : lengthMax);
    }
}
