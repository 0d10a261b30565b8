package org.tethral.space;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A table of spaces as CSV (RFC 4180): the first line names the columns, `,` or `;` parts them.
final class SiteFile {

    static final int ROWS_MAX = 10_000;

    /// Other names of columns.
    private static final Map<String, String> ALIASES =
            Map.ofEntries(
                    Map.entry("code", "space"),
                    Map.entry("space_code", "space"),
                    Map.entry("space_name", "name"),
                    Map.entry("sensor_deveui", "sensor_eui"),
                    Map.entry("sensor_dev_eui", "sensor_eui"),
                    Map.entry("display_deveui", "display_eui"),
                    Map.entry("display_dev_eui", "display_eui"),
                    Map.entry("sensor_device_id", "sensor_id"),
                    Map.entry("display_device_id", "display_id"));

    private SiteFile() {}

    /// @param line in the file, from 1
    /// @param cells by column, empty ones left out
    record Row(int line, Map<String, String> cells) {

        String cell(String column) {
            return cells.getOrDefault(column, "");
        }
    }

    /// @throws IllegalArgumentException it is no such table; the message says in which line
    static List<Row> parse(String csv) {
        var lines = records(csv);
        if (lines.isEmpty()) {
            throw new IllegalArgumentException("the file is empty");
        }
        var columns = lines.getFirst().cells().stream().map(SiteFile::column).toList();
        if (!columns.contains("space")) {
            throw new IllegalArgumentException("the first line names no column 'space'");
        }
        if (lines.size() - 1 > ROWS_MAX) {
            throw new IllegalArgumentException("a file has " + ROWS_MAX + " rows at most");
        }
        return lines.stream().skip(1).map(record -> row(columns, record)).toList();
    }

    private static String column(String name) {
        var plain = name.strip().toLowerCase(Locale.ROOT).replace(' ', '_');
        return ALIASES.getOrDefault(plain, plain);
    }

    private static Row row(List<String> columns, Line record) {
        if (record.cells().size() > columns.size()) {
            throw new IllegalArgumentException(
                    "line " + record.line() + " has more cells than the first one");
        }
        var cells = new LinkedHashMap<String, String>();
        for (int i = 0; i < record.cells().size(); i++) {
            var cell = record.cells().get(i).strip();
            if (!cell.isEmpty()) {
                cells.put(columns.get(i), cell);
            }
        }
        return new Row(record.line(), cells);
    }

    private record Line(int line, List<String> cells) {}

    private static List<Line> records(String csv) {
        var text = csv.startsWith("\uFEFF") ? csv.substring(1) : csv;
        var first = text.lines().findFirst().orElse("");
        var separator = first.contains(";") && !first.contains(",") ? ';' : ',';
        var records = new ArrayList<Line>();
        var cells = new ArrayList<String>();
        var cell = new StringBuilder();
        var quoted = false;
        var line = 1;
        var begin = 1;
        for (int i = 0; i < text.length(); i++) {
            var c = text.charAt(i);
            if (c == '\n') {
                line++;
            }
            if (quoted && c == '"' && i + 1 < text.length() && text.charAt(i + 1) == '"') {
                cell.append('"');
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (quoted || c != separator && c != '\n' && c != '\r') {
                cell.append(c);
            } else if (c != '\r') {
                cells.add(cell.toString());
                cell.setLength(0);
                if (c == '\n') {
                    add(records, begin, cells);
                    begin = line;
                }
            }
        }
        if (quoted) {
            throw new IllegalArgumentException(
                    "the quoted cell of line " + begin + " does not end");
        }
        cells.add(cell.toString());
        add(records, begin, cells);
        return records;
    }

    private static void add(List<Line> records, int line, List<String> cells) {
        if (cells.stream().anyMatch(cell -> !cell.isBlank())) {
            records.add(new Line(line, List.copyOf(cells)));
        }
        cells.clear();
    }
}
