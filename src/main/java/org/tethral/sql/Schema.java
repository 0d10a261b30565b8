package org.tethral.sql;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// What a database really has, read from its own catalogue: for operators who want to see it.
public final class Schema {

    private static final String TABLES_ON_SQLITE =
            """
            m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> 'flyway_schema_history'
            AND m.name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow')
            """;

    private static final String COLUMNS_ON_SQLITE =
            """
            SELECT m.name AS table_name, c.name AS name, c.type AS type,
                   c."notnull" = 0 AND c.pk = 0 AS nullable, c.dflt_value AS fallback, c.pk > 0 AS part_of_key
            FROM sqlite_schema m JOIN pragma_table_info(m.name) c
            WHERE\
            """
                    + " "
                    + TABLES_ON_SQLITE
                    + "ORDER BY m.name, c.cid";

    private static final String INDEXES_ON_SQLITE =
            """
            SELECT m.name AS table_name, i.name AS name, i."unique" AS only_one, c.name AS column_name,
                   CASE WHEN i.partial = 1 THEN substr(s.sql, instr(s.sql, ' WHERE ') + 7) END AS condition
            FROM sqlite_schema m
            JOIN pragma_index_list(m.name) i
            JOIN pragma_index_info(i.name) c
            LEFT JOIN sqlite_schema s ON s.type = 'index' AND s.name = i.name
            WHERE\
            """
                    + " "
                    + TABLES_ON_SQLITE
                    + "ORDER BY m.name, i.name, c.seqno";

    private static final String COLUMNS_ON_POSTGRESQL =
            """
            SELECT t.relname AS table_name, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
                   NOT a.attnotnull AS nullable, pg_get_expr(d.adbin, d.adrelid) AS fallback,
                   EXISTS (SELECT 1 FROM pg_index i
                           WHERE i.indrelid = t.oid AND i.indisprimary AND a.attnum = ANY (i.indkey)) AS part_of_key
            FROM pg_class t
            JOIN pg_namespace n ON n.oid = t.relnamespace
            JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
            LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
            WHERE n.nspname = current_schema() AND t.relkind IN ('r', 'p') AND NOT t.relispartition
              AND t.relname <> 'flyway_schema_history'
            ORDER BY t.relname, a.attnum
            """;

    private static final String INDEXES_ON_POSTGRESQL =
            """
            SELECT t.relname AS table_name, x.relname AS name, i.indisunique AS only_one, a.attname AS column_name,
                   pg_get_expr(i.indpred, i.indrelid) AS condition
            FROM pg_index i
            JOIN pg_class t ON t.oid = i.indrelid
            JOIN pg_class x ON x.oid = i.indexrelid
            JOIN pg_namespace n ON n.oid = t.relnamespace
            JOIN pg_attribute a ON a.attrelid = x.oid
            WHERE n.nspname = current_schema() AND t.relkind IN ('r', 'p') AND NOT t.relispartition
              AND t.relname <> 'flyway_schema_history'
            ORDER BY t.relname, x.relname, a.attnum
            """;

    private Schema() {}

    /// `{"database", "version", "tables": [{"name", "columns": [{"name", "type", "nullable",
    /// "default", "key"}], "indexes": [{"name", "columns", "unique", "where"}]}]}`; `default` and
    /// `where` only where there is one. The partitions of a table are not told apart from it.
    public static Document of(Database database) {
        var described = database.describe();
        return database.snapshot(
                "read the schema",
                session -> {
                    var columns = columns(session);
                    var indexes = indexes(session);
                    var tables = new ArrayList<Value>();
                    columns.forEach((table, ofTable) ->
                            tables.add(
                                    Document.of("name", Value.of(table))
                                            .with("columns", new Value.Array(ofTable))
                                            .with(
                                                    "indexes",
                                                    new Value.Array(
                                                            indexes
                                                                    .getOrDefault(table, Map.of())
                                                                    .entrySet()
                                                                    .stream()
                                                                    .<Value>map(index ->
                                                                            index(
                                                                                    index.getKey(),
                                                                                    index
                                                                                            .getValue()))
                                                                    .toList()))));
                    return Document.of("database", Value.of(described))
                            .with(
                                    "version",
                                    Value.of(
                                            Integer.toString(Migrations.newest(session.dialect()))))
                            .with("tables", new Value.Array(tables));
                });
    }

    private static Map<String, List<Value>> columns(Session session) throws SQLException {
        var tables = new TreeMap<String, List<Value>>();
        session.sql(session.dialect().choose(COLUMNS_ON_SQLITE, COLUMNS_ON_POSTGRESQL))
                .each(row -> {
                    var column =
                            Document.of("name", Value.of(row.text("name")))
                                    .with("type", Value.of(row.text("type")))
                                    .with("nullable", Value.of(row.flag("nullable")))
                                    .with("key", Value.of(row.flag("part_of_key")));
                    var fallback = row.maybeText("fallback");
                    tables.computeIfAbsent(row.text("table_name"), _ -> new ArrayList<>())
                            .add(
                                    fallback == null
                                            ? column
                                            : column.with("default", Value.of(fallback)));
                });
        return tables;
    }

    private record Index(boolean unique, @Nullable String condition, List<Value> columns) {}

    private static Map<String, Map<String, Index>> indexes(Session session) throws SQLException {
        var tables = new TreeMap<String, Map<String, Index>>();
        session.sql(session.dialect().choose(INDEXES_ON_SQLITE, INDEXES_ON_POSTGRESQL))
                .each(row -> {
                    var unique = row.flag("only_one");
                    var condition = row.maybeText("condition");
                    tables.computeIfAbsent(row.text("table_name"), _ -> new TreeMap<>())
                            .computeIfAbsent(
                                    row.text("name"),
                                    _ -> new Index(unique, condition, new ArrayList<>()))
                            .columns()
                            .add(Value.of(row.text("column_name")));
                });
        return tables;
    }

    private static Document index(String name, Index index) {
        var document =
                Document.of("name", Value.of(name))
                        .with("columns", new Value.Array(index.columns()))
                        .with("unique", Value.of(index.unique()));
        return index.condition() == null
                ? document
                : document.with("where", Value.of(index.condition()));
    }
}
