package org.tethral.archive;

import java.time.Instant;
import java.time.YearMonth;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// What a backup says of itself.
///
/// @param schema the version of the tables
/// @param engine that it was taken from
/// @param takenAt the moment that it shows, or shortly before
/// @param numbers that must not be given out again
/// @param months in which snapshots lie, rising
/// @param tables in the order of the file
public record Manifest(
        int schema,
        String engine,
        Instant takenAt,
        Numbers numbers,
        List<YearMonth> months,
        List<Contents> tables) {

    static final int FORMAT = 1;

    /// @param lastEvent the highest number of an event that may have been given out; `lastSnapshot`
    ///   likewise
    /// @param unkept numbers of snapshots, from and to, that roll-ups may lack: a server writes
    ///   roll-ups some seconds later than snapshots
    public record Numbers(long lastEvent, long lastSnapshot, List<Range> unkept) {
        public Numbers {
            unkept = List.copyOf(unkept);
        }
    }

    /// Both ends belong to it.
    public record Range(long first, long last) {}

    /// @param parts files that the rows are divided among
    public record Contents(Layout layout, int parts, Tally.Total total) {}

    public Manifest {
        months = List.copyOf(months);
        tables = List.copyOf(tables);
    }

    public long rows() {
        return tables.stream().mapToLong(table -> table.total().rows()).sum();
    }

    String json() {
        return Json.write(
                Document.of("format", Value.of(FORMAT))
                        .with("schema", Value.of(schema))
                        .with("engine", Value.of(engine))
                        .with("taken_at", Value.of(takenAt.toString()))
                        .with("last_event", Value.of(numbers.lastEvent()))
                        .with("last_snapshot", Value.of(numbers.lastSnapshot()))
                        .with("unkept", array(numbers.unkept(), Manifest::range))
                        .with("months", array(months, month -> Value.of(month.toString())))
                        .with("tables", array(tables, Manifest::contents)));
    }

    private static <T> Value array(List<T> items, java.util.function.Function<T, Value> form) {
        return new Value.Array(items.stream().map(form).toList());
    }

    private static Value range(Range range) {
        return new Value.Array(List.of(Value.of(range.first()), Value.of(range.last())));
    }

    private static Value contents(Contents contents) {
        return Document.of("name", Value.of(contents.layout().table()))
                .with(
                        "columns",
                        array(
                                contents.layout().columns(),
                                column ->
                                        Document.of("name", Value.of(column.name()))
                                                .with("type", Value.of(column.kind().word()))))
                .with("parts", Value.of(contents.parts()))
                .with("rows", Value.of(contents.total().rows()))
                .with("checksum", Value.of(contents.total().checksum()));
    }

    static Manifest parse(byte[] json) {
        try {
            var manifest = Json.parseObject(json);
            var format = number(manifest, "format");
            if (format > FORMAT) {
                throw new UnusableBackup(
                        "it is of a later program (format %d, this program knows %d)"
                                .formatted(format, FORMAT));
            }
            return new Manifest(
                    (int) number(manifest, "schema"),
                    text(manifest, "engine"),
                    Instant.parse(text(manifest, "taken_at")),
                    new Numbers(
                            number(manifest, "last_event"),
                            number(manifest, "last_snapshot"),
                            items(manifest, "unkept").stream().map(Manifest::range).toList()),
                    items(manifest, "months").stream().map(Manifest::month).toList(),
                    objects(manifest, "tables").stream().map(Manifest::contents).toList());
        } catch (MalformedJson | DateTimeParseException e) {
            throw new UnusableBackup("its manifest cannot be read: " + e.getMessage(), e);
        }
    }

    private static Range range(Value value) {
        if (value instanceof Value.Array(var ends)
                && ends.size() == 2
                && ends.getFirst() instanceof Value.Numeric(var first)
                && ends.getLast() instanceof Value.Numeric(var last)) {
            return new Range(first.longValue(), last.longValue());
        }
        throw lacks("unkept");
    }

    private static YearMonth month(Value value) {
        if (value instanceof Value.Text(var text)) {
            return YearMonth.parse(text);
        }
        throw lacks("months");
    }

    private static Contents contents(Document table) {
        var columns = new ArrayList<Layout.Column>();
        for (var column : objects(table, "columns")) {
            columns.add(new Layout.Column(text(column, "name"), Kind.parse(text(column, "type"))));
        }
        return new Contents(
                new Layout(text(table, "name"), columns),
                (int) number(table, "parts"),
                new Tally.Total(number(table, "rows"), text(table, "checksum")));
    }

    private static List<Value> items(Document document, String name) {
        if (document.find(name).orElse(Value.Null.NULL) instanceof Value.Array(var items)) {
            return items;
        }
        throw lacks(name);
    }

    private static List<Document> objects(Document document, String name) {
        return items(document, name).stream()
                .map(item -> {
                    if (item instanceof Document object) {
                        return object;
                    }
                    throw lacks(name);
                })
                .toList();
    }

    private static String text(Document document, String name) {
        return document.text(name).orElseThrow(() -> lacks(name));
    }

    private static long number(Document document, String name) {
        if (document.find(name).orElse(Value.Null.NULL) instanceof Value.Numeric(var number)) {
            return number.longValue();
        }
        throw lacks(name);
    }

    private static UnusableBackup lacks(String name) {
        return new UnusableBackup("its manifest lacks " + name);
    }
}
