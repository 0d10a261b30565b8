package org.tethral.sql;

import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.tethral.archive.Kind;
import org.tethral.archive.Layout;

/// The tables and columns that a backup carries, read from the database's own catalogue: all there
/// are, but for those in [#LEFT_OUT] and what the database computes by itself. There is a rule for
/// each type; a column of a type that has none is an error, and not forgotten.
final class Catalogue {

    /// What a backup does not carry, and why.
    static final Map<String, String> LEFT_OUT =
            Map.of(
                    "flyway_schema_history",
                    "which scripts made the tables: the target's own made them there",
                    "ingest_progress",
                    "where the writers of a server stand: its roll-ups are mended, and they begin anew",
                    "snapshot_buckets",
                    "SQLite only: made again from the snapshots",
                    "device_state_snapshots.bucket",
                    "SQLite only: follows from the sequence",
                    "device_texts.number",
                    "SQLite only: by which its index for searching knows the row, made again with it");

    private static final String COLUMNS_ON_SQLITE =
            """
            SELECT m.name AS table_name, c.name AS name, c.type AS type, m.sql AS definition, c.hidden <> 0 AS computed
            FROM sqlite_schema m JOIN pragma_table_xinfo(m.name) c
            WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'
            AND m.name IN (SELECT name FROM pragma_table_list WHERE type = 'table')
            """;

    private static final String COLUMNS_ON_POSTGRESQL =
            """
            SELECT t.relname AS table_name, a.attname AS name, format_type(a.atttypid, NULL) AS type, '' AS definition,
                   a.attgenerated <> '' AS computed
            FROM pg_class t
            JOIN pg_namespace n ON n.oid = t.relnamespace
            JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE n.nspname = current_schema() AND t.relkind IN ('r', 'p') AND NOT t.relispartition
              AND t.relname NOT LIKE 'device\\_state\\_snapshots\\_%' -- a month that is on its way out
            """;

    private static final String REFERENCES_ON_SQLITE =
            """
            SELECT m.name AS table_name, f."table" AS referred
            FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'
            """;

    private static final String REFERENCES_ON_POSTGRESQL =
            """
            SELECT t.relname AS table_name, r.relname AS referred
            FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class r ON r.oid = c.confrelid
            WHERE c.contype = 'f' AND c.connamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
            """;

    /// How one engine keeps a value of a backup.
    enum Form {
        TEXT(Kind.TEXT, "%s"),
        ID(Kind.TEXT, "%s::text"),
        NUMBER(Kind.INTEGER, "%s"),
        TRUTH(Kind.INTEGER, "%s::int"),
        TIME(Kind.INTEGER, "(extract(epoch FROM %s) * 1000000)::bigint"),
        REAL(Kind.REAL, "%s"),
        DOCUMENT(Kind.JSON, "%s"),
        DOCUMENT_BINARY(Kind.JSON, "%s::text"),
        BYTES(Kind.BYTES, "%s");

        final Kind kind;
        private final String read;

        Form(Kind kind, String read) {
            this.kind = kind;
            this.read = read;
        }
    }

    record Column(String name, Form form) {
        String read() {
            return form.read.formatted(quoted(name));
        }
    }

    /// @param columns in the order of their names
    record Table(String name, List<Column> columns) {

        Layout layout() {
            return new Layout(
                    name,
                    columns.stream()
                            .map(one -> new Layout.Column(one.name(), one.form().kind))
                            .toList());
        }

        String names() {
            return String.join(", ", columns.stream().map(one -> quoted(one.name())).toList());
        }

        String select() {
            return "SELECT "
                    + String.join(", ", columns.stream().map(Column::read).toList())
                    + " FROM "
                    + quoted(name);
        }
    }

    private Catalogue() {}

    /// Names may be words of SQL.
    static String quoted(String name) {
        return '"' + name + '"';
    }

    /// Whatever a row refers to is in a table before its own.
    static List<Table> tables(Session session) throws SQLException {
        var columns = new TreeMap<String, List<Column>>();
        session.sql(session.dialect().choose(COLUMNS_ON_SQLITE, COLUMNS_ON_POSTGRESQL))
                .each(row -> {
                    var table = row.text("table_name");
                    var name = row.text("name");
                    if (!LEFT_OUT.containsKey(table)
                            && !LEFT_OUT.containsKey(table + "." + name)
                            && !row.flag("computed")) {
                        var form =
                                session.dialect() == Dialect.SQLITE
                                        ? onSqlite(row.text("type"), name, row.text("definition"))
                                        : onPostgresql(row.text("type"), table + "." + name);
                        columns.computeIfAbsent(table, _ -> new ArrayList<>())
                                .add(new Column(name, form));
                    }
                });
        columns.values().forEach(all -> all.sort(Comparator.comparing(Column::name)));
        return inOrder(columns, references(session));
    }

    /// SQLite knows no more of a column than this: what is JSON says so in its check.
    private static Form onSqlite(String type, String name, String definition) throws SQLException {
        return switch (type) {
            case "TEXT" ->
                    Pattern.compile("json_valid\\s*\\(\\s*" + Pattern.quote(name) + "\\s*\\)")
                                    .matcher(definition)
                                    .find()
                            ? Form.DOCUMENT
                            : Form.TEXT;
            case "INTEGER" -> Form.NUMBER;
            case "REAL" -> Form.REAL;
            case "BLOB" -> Form.BYTES;
            default -> throw noRule(name, type);
        };
    }

    private static Form onPostgresql(String type, String name) throws SQLException {
        return switch (type) {
            case "text", "character varying", "character" -> Form.TEXT;
            case "uuid" -> Form.ID;
            case "smallint", "integer", "bigint" -> Form.NUMBER;
            case "boolean" -> Form.TRUTH;
            case "timestamp with time zone" -> Form.TIME;
            case "double precision" -> Form.REAL;
            case "jsonb" -> Form.DOCUMENT_BINARY;
            case "bytea" -> Form.BYTES;
            default -> throw noRule(name, type);
        };
    }

    private static SQLException noRule(String name, String type) {
        return new SQLException(
                "no rule how a backup carries column " + name + " of the type " + type);
    }

    private static Map<String, Set<String>> references(Session session) throws SQLException {
        var references = new HashMap<String, Set<String>>();
        session.sql(session.dialect().choose(REFERENCES_ON_SQLITE, REFERENCES_ON_POSTGRESQL))
                .each(row ->
                        references
                                .computeIfAbsent(row.text("table_name"), _ -> new LinkedHashSet<>())
                                .add(row.text("referred")));
        return references;
    }

    private static List<Table> inOrder(
            Map<String, List<Column>> columns, Map<String, Set<String>> references) {
        var ordered = new LinkedHashSet<String>();
        var waiting = new ArrayDeque<>(columns.keySet());
        // each round through all places one at least, unless tables refer to each other in a circle
        for (int left = waiting.size() * waiting.size(); !waiting.isEmpty(); left--) {
            var table = waiting.remove();
            var missing = new LinkedHashSet<>(references.getOrDefault(table, Set.of()));
            missing.removeAll(ordered);
            missing.remove(table);
            missing.retainAll(columns.keySet());
            if (missing.isEmpty() || left < 0) {
                ordered.add(table);
            } else {
                waiting.add(table);
            }
        }
        return ordered.stream()
                .map(table -> new Table(table, columns.getOrDefault(table, List.of())))
                .toList();
    }
}
