package org.tethral.archive;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// One row as a JSON array, value by value in the order of the columns. A value has one form only:
/// objects have their names sorted, numbers no fraction that is zero. So equal rows are equal
/// lines, whichever engine they come from.
public final class Line {

    private final StringBuilder text = new StringBuilder(512);

    /// Begins anew.
    public void clear() {
        text.setLength(0);
    }

    public void nothing() {
        next().append("null");
    }

    public void text(@Nullable String value) {
        if (value == null) {
            nothing();
        } else {
            next();
            quoted(value);
        }
    }

    public void integer(long value) {
        next().append(value);
    }

    /// What JSON has no number for is a text: `"NaN"`, `"Infinity"`.
    public void real(double value) {
        if (Double.isFinite(value)) {
            next();
            number(value);
        } else {
            text(Double.toString(value));
        }
    }

    /// @throws MalformedJson it is none
    public void json(@Nullable String value) throws MalformedJson {
        if (value == null) {
            nothing();
        } else {
            next();
            write(Json.parse(value));
        }
    }

    public void bytes(byte @Nullable [] value) {
        text(value == null ? null : Base64.getEncoder().encodeToString(value));
    }

    byte[] utf8() {
        return text.append(text.isEmpty() ? "[]" : "]").toString().getBytes(StandardCharsets.UTF_8);
    }

    private StringBuilder next() {
        return text.append(text.isEmpty() ? '[' : ',');
    }

    private void write(Value value) {
        switch (value) {
            case Document(var values) -> {
                var separator = '{';
                for (var entry : new TreeMap<>(values).entrySet()) {
                    text.append(separator);
                    quoted(entry.getKey());
                    text.append(':');
                    write(entry.getValue());
                    separator = ',';
                }
                text.append(values.isEmpty() ? "{}" : "}");
            }
            case Value.Array(var items) -> {
                var separator = '[';
                for (var item : items) {
                    text.append(separator);
                    write(item);
                    separator = ',';
                }
                text.append(items.isEmpty() ? "[]" : "]");
            }
            case Value.Text(var string) -> quoted(string);
            case Value.Numeric(var number) -> {
                if (number instanceof Long whole) {
                    text.append(whole.longValue());
                } else {
                    number(number.doubleValue());
                }
            }
            case Value.Bool truth -> text.append(truth == Value.Bool.TRUE);
            case Value.Null _ -> text.append("null");
        }
    }

    /// A whole number is written as one: PostgreSQL forgets that `1E3` was not `1000`.
    private void number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 0x1p63) {
            text.append((long) value);
        } else {
            text.append(value);
        }
    }

    private void quoted(String string) {
        text.append('"');
        for (int i = 0; i < string.length(); i++) {
            var c = string.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < ' ') {
                text.append("\\u00")
                        .append(Character.forDigit(c >> 4, 16))
                        .append(Character.forDigit(c & 15, 16));
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }
}
