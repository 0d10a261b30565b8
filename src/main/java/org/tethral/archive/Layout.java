package org.tethral.archive;

import java.util.List;

/// A table as a backup carries it: its columns in the order of their names, which is the same on
/// every engine.
public record Layout(String table, List<Column> columns) {

    public record Column(String name, Kind kind) {}

    public Layout {
        columns = List.copyOf(columns);
    }
}
