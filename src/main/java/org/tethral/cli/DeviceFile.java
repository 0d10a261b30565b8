package org.tethral.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// Devices in a file: CSV with a head line, or JSON Lines.
sealed interface DeviceFile {

    /// What goes into a file; secrets never do.
    List<String> COLUMNS =
            List.of(
                    "device_id",
                    "name",
                    "device_type",
                    "profile_id",
                    "protocol",
                    "manufacturer",
                    "model",
                    "firmware_version",
                    "capabilities",
                    "metadata",
                    "location",
                    "community_id",
                    "distributor_id",
                    "customer_id",
                    "lifecycle",
                    "enabled");

    /// In a CSV cell these are JSON.
    List<String> JSON_COLUMNS = List.of("capabilities", "metadata", "location", "enabled");

    /// The next device, as JSON; empty at the end.
    ///
    /// @throws Unusable this device cannot be read; the next one may
    Optional<Document> next(BufferedReader reader) throws IOException, Unusable;

    void head(PrintStream out);

    void write(PrintStream out, Document device);

    static DeviceFile named(String name) {
        if (name.endsWith(".csv")) {
            return new CommaSeparated();
        }
        if (name.endsWith(".jsonl") || name.endsWith(".ndjson") || name.equals("-")) {
            return new JsonLines();
        }
        throw Failure.misused("what is in " + name + "? Its name must end with .csv or .jsonl");
    }

    final class Unusable extends Exception {
        private static final long serialVersionUID = 1L;

        Unusable(String reason) {
            super(reason);
        }
    }

    final class JsonLines implements DeviceFile {
        @Override
        public Optional<Document> next(BufferedReader reader) throws IOException, Unusable {
            var line = reader.readLine();
            while (line != null && line.isBlank()) {
                line = reader.readLine();
            }
            if (line == null) {
                return Optional.empty();
            }
            try {
                return Optional.of(Json.parseObject(line));
            } catch (MalformedJson e) {
                throw new Unusable(String.valueOf(e.getMessage()));
            }
        }

        @Override
        public void head(PrintStream out) {}

        @Override
        public void write(PrintStream out, Document device) {
            var row = Document.EMPTY;
            for (var column : COLUMNS) {
                row = row.with(column, device.find(column).orElse(Value.Null.NULL));
            }
            out.println(Json.write(row));
        }
    }

    final class CommaSeparated implements DeviceFile {
        private List<String> head = List.of();

        @Override
        public Optional<Document> next(BufferedReader reader) throws IOException, Unusable {
            if (head.isEmpty()) {
                head =
                        Csv.read(reader).orElse(List.of()).stream()
                                .map(name -> name.replace("\uFEFF", ""))
                                .toList();
            }
            var cells = Csv.read(reader);
            while (cells.isPresent() && cells.get().equals(List.of(""))) {
                cells = Csv.read(reader);
            }
            return cells.isEmpty() ? Optional.empty() : Optional.of(row(cells.get()));
        }

        private Document row(List<String> cells) throws Unusable {
            if (cells.size() != head.size()) {
                throw new Unusable("has " + cells.size() + " cells, the head line " + head.size());
            }
            var row = Document.EMPTY;
            for (int i = 0; i < cells.size(); i++) {
                if (!cells.get(i).isEmpty()) {
                    row = row.with(head.get(i), value(head.get(i), cells.get(i)));
                }
            }
            return row;
        }

        private static Value value(String column, String cell) throws Unusable {
            if (!JSON_COLUMNS.contains(column)) {
                return Value.of(cell);
            }
            try {
                return Json.parse(cell);
            } catch (MalformedJson e) {
                throw new Unusable(column + ": " + e.getMessage());
            }
        }

        @Override
        public void head(PrintStream out) {
            out.println(Csv.line(COLUMNS));
        }

        @Override
        public void write(PrintStream out, Document device) {
            out.println(
                    Csv.line(COLUMNS.stream().map(column -> Lines.text(device, column)).toList()));
        }
    }
}
