package org.tethral.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// CSV (RFC 4180). A cell that a spreadsheet would run as a formula gets an apostrophe in front,
/// which reading takes away again, so that every text survives the way out and back.
final class Csv {

    private static final Pattern FORMULA = Pattern.compile("^'*[=+\\-@\\t\\r]");

    private Csv() {}

    static String line(List<String> cells) {
        var line = new StringBuilder();
        for (var cell : cells) {
            var safe = FORMULA.matcher(cell).find() ? "'" + cell : cell;
            if (!line.isEmpty()) {
                line.append(',');
            }
            line.append(mustQuote(safe) ? '"' + safe.replace("\"", "\"\"") + '"' : safe);
        }
        return line.toString();
    }

    private static boolean mustQuote(String cell) {
        return cell.isEmpty()
                || cell.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    }

    /// The next record, which may go over several lines; empty at the end of the file.
    static Optional<List<String>> read(BufferedReader reader) throws IOException {
        var cells = new ArrayList<String>();
        var cell = new StringBuilder();
        var quoted = false;
        var any = false;
        for (int c = reader.read(); c >= 0; c = reader.read()) {
            any = true;
            if (quoted) {
                if (c != '"') {
                    cell.append((char) c);
                } else if (peek(reader) == '"') {
                    cell.append((char) reader.read());
                } else {
                    quoted = false;
                }
            } else if (c == '"') {
                quoted = true;
            } else if (c == ',') {
                cells.add(plain(cell));
                cell.setLength(0);
            } else if (c == '\n') {
                cells.add(plain(cell));
                return Optional.of(cells);
            } else if (c != '\r') {
                cell.append((char) c);
            }
        }
        if (quoted) {
            throw new IOException("a quoted cell does not end");
        }
        cells.add(plain(cell));
        return any ? Optional.of(cells) : Optional.empty();
    }

    private static int peek(BufferedReader reader) throws IOException {
        reader.mark(1);
        var next = reader.read();
        reader.reset();
        return next;
    }

    private static String plain(CharSequence cell) {
        var text = cell.toString();
        return text.startsWith("'") && FORMULA.matcher(text).find() ? text.substring(1) : text;
    }
}
