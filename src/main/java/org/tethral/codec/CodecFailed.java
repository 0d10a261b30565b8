package org.tethral.codec;

import java.util.HexFormat;
import java.util.Locale;
import java.util.OptionalInt;

/// A codec gave no values, or no bytes.
///
/// @param line of the script, from 1, where that is known
/// @param column of that line, from 1
/// @param input what it was given: bytes in hexadecimal digits, values as JSON; at most 512
///   characters of it
public record CodecFailed(
        Reason reason, String message, OptionalInt line, OptionalInt column, String input)
        implements Decoding, Encoding {

    public enum Reason {
        /// The script is no JavaScript, or fails before it is called, or lacks the function.
        SCRIPT,
        /// The codec threw an error.
        ERROR,
        /// The codec said in `errors` that the input is wrong; so do the built-in ones.
        REFUSED,
        /// What the codec returned is of no use.
        OUTPUT,
        TIME,
        MEMORY,
        /// Too many calls wait: try again.
        BUSY;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static final int INPUT_CHARS_MAX = 512;

    static CodecFailed of(Reason reason, String message, String input) {
        return new CodecFailed(reason, message, OptionalInt.empty(), OptionalInt.empty(), input);
    }

    static CodecFailed refused(String message, byte[] input) {
        return of(Reason.REFUSED, message, shown(input));
    }

    static String shown(byte[] bytes) {
        var length = Math.min(bytes.length, INPUT_CHARS_MAX / 2);
        return HexFormat.of().formatHex(bytes, 0, length);
    }

    /// For a person, on one line: `line 3, column 7: …`.
    @Override
    public String toString() {
        var at = line.isEmpty() ? "" : "line " + line.getAsInt();
        at += column.isEmpty() ? "" : ", column " + column.getAsInt();
        return (at.isEmpty() ? "" : at + ": ") + message + " (input " + input + ")";
    }
}
