package org.tethral.archive;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Value;

/// The values of one row of a backup, by the number of their column. Good until the next row.
public final class Cells {

    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

    private final int[] starts;
    private final int[] ends;
    private byte[] line = {};

    Cells(int columns) {
        this.starts = new int[columns];
        this.ends = new int[columns];
    }

    /// Finds where each value begins and ends.
    void divide(byte[] row, int length) {
        line = row;
        if (length < 2 || row[0] != '[' || row[length - 1] != ']') {
            throw malformed();
        }
        var position = 1;
        for (int i = 0; i < starts.length; i++) {
            starts[i] = position;
            position = endOfValue(row, position, length - 1);
            ends[i] = position++;
        }
        if (position != Math.max(length, 2)) {
            throw malformed();
        }
    }

    /// The position of the comma after the value, or of the end.
    private static int endOfValue(byte[] row, int start, int end) {
        var depth = 0;
        var quoted = false;
        for (int i = start; i < end; i++) {
            switch (row[i]) {
                case '\\' -> i++;
                case '"' -> quoted = !quoted;
                case '[', '{' -> depth += quoted ? 0 : 1;
                case ']', '}' -> depth -= quoted ? 0 : 1;
                case ',' -> {
                    if (depth == 0 && !quoted) {
                        return i;
                    }
                }
                default -> {}
            }
        }
        return end;
    }

    public boolean isNull(int column) {
        return Arrays.equals(line, starts[column], ends[column], NULL, 0, NULL.length);
    }

    /// The value as it is in the file; of a JSON column, the JSON.
    public String json(int column) {
        return new String(
                line, starts[column], ends[column] - starts[column], StandardCharsets.UTF_8);
    }

    public String text(int column) {
        var start = starts[column];
        var end = ends[column];
        if (end - start < 2 || line[start] != '"' || line[end - 1] != '"') {
            throw malformed();
        }
        for (int i = start; i < end; i++) {
            if (line[i] == '\\') {
                return unescaped(start, end);
            }
        }
        return new String(line, start + 1, end - start - 2, StandardCharsets.UTF_8);
    }

    private String unescaped(int start, int end) {
        try {
            if (Json.parse(line, start, end - start) instanceof Value.Text(var text)) {
                return text;
            }
            throw malformed();
        } catch (MalformedJson e) {
            throw new UnusableBackup("it has a text that is none: " + e.getMessage(), e);
        }
    }

    public long integer(int column) {
        try {
            return Long.parseLong(json(column));
        } catch (NumberFormatException e) {
            throw new UnusableBackup("it has a number that is none", e);
        }
    }

    public double real(int column) {
        try {
            return Double.parseDouble(line[starts[column]] == '"' ? text(column) : json(column));
        } catch (NumberFormatException e) {
            throw new UnusableBackup("it has a number that is none", e);
        }
    }

    public byte[] bytes(int column) {
        try {
            return Base64.getDecoder().decode(text(column));
        } catch (IllegalArgumentException e) {
            throw new UnusableBackup("it has bytes that are none", e);
        }
    }

    private static UnusableBackup malformed() {
        return new UnusableBackup("it has a row that is not in its form");
    }
}
