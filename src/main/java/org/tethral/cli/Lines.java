package org.tethral.cli;

import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// Text for people: tables, and values as words.
final class Lines {

    /// Wider cells are printed whole, but do not widen their column.
    private static final int COLUMN_WIDTH_MAX = 60;

    private Lines() {}

    /// Leaves out what was not given.
    static void put(Map<String, String> all, String name, @Nullable String value) {
        if (value != null) {
            all.put(name, value);
        }
    }

    static void table(PrintStream out, List<String> head, List<List<String>> rows) {
        var widths = head.stream().mapToInt(String::length).toArray();
        for (var row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.min(COLUMN_WIDTH_MAX, Math.max(widths[i], row.get(i).length()));
            }
        }
        line(out, head, widths);
        rows.forEach(row -> line(out, row, widths));
    }

    private static void line(PrintStream out, List<String> cells, int[] widths) {
        var text = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            text.append(padded(printable(cells.get(i)), widths[i])).append("  ");
        }
        out.println(text.toString().stripTrailing());
    }

    static String padded(String text, int width) {
        return text.length() >= width ? text : text + " ".repeat(width - text.length());
    }

    /// Without what a terminal would take for a command.
    static String printable(String text) {
        return text.codePoints().noneMatch(Character::isISOControl)
                ? text
                : text.replaceAll("\\p{Cntrl}", "?");
    }

    static List<Document> objects(Document document, String name) {
        return document.find(name).orElse(Value.Null.NULL) instanceof Value.Array(var items)
                ? items.stream()
                        .filter(Document.class::isInstance)
                        .map(Document.class::cast)
                        .toList()
                : List.of();
    }

    static List<String> texts(Document document, String name) {
        return document.find(name).orElse(Value.Null.NULL) instanceof Value.Array(var items)
                ? items.stream().map(Lines::text).toList()
                : List.of();
    }

    static String text(Document document, String name) {
        return text(document.find(name).orElse(Value.Null.NULL));
    }

    static String text(Value value) {
        return switch (value) {
            case Value.Text(var text) -> text;
            case Value.Numeric(var number) -> number.toString();
            case Value.Bool truth -> truth == Value.Bool.TRUE ? "true" : "false";
            case Value.Null _ -> "";
            case Value.Array _, Document _ -> Json.write(value);
        };
    }

    static Value orNull(@Nullable String text) {
        return text == null ? Value.Null.NULL : Value.of(text);
    }
}
