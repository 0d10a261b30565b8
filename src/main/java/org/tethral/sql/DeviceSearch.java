package org.tethral.sql;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// Conditions on what is said of devices. `device_terms` and `device_texts` find those that may
/// fulfil them, the device's own row decides. CockroachDB has indexes on that row.
final class DeviceSearch {

    /// As long as the column; a term that was cut off finds more, which the row then rules out.
    private static final int TERM_LENGTH_MAX = 255;

    /// Shorter texts have no parts to be found by: lists go along the ids until a page is full.
    private static final int PART_LENGTH = 3;

    private DeviceSearch() {}

    static void capability(Where where, @Nullable String capability, Dialect dialect) {
        if (capability == null) {
            return;
        }
        term(where, "capability=" + capability, dialect);
        where.and(
                dialect.choose(
                        "EXISTS (SELECT 1 FROM json_each(capabilities) WHERE value = ?)",
                        "capabilities @> ?"),
                dialect == Dialect.SQLITE
                        ? sql -> sql.set(capability)
                        : sql -> sql.setTexts(List.of(capability)));
    }

    static void metadata(
            Where where, @Nullable String key, @Nullable String value, Dialect dialect) {
        if (key == null) {
            return;
        }
        if (value == null) {
            term(where, "metadata." + key, dialect);
            where.and(
                    dialect.choose(
                            "EXISTS (SELECT 1 FROM json_each(metadata) WHERE key = ?)",
                            "(metadata -> ?) IS NOT NULL"),
                    sql -> sql.set(key));
        } else {
            term(where, "metadata." + key + "=" + value, dialect);
            where.and(
                    dialect.choose(
                            "EXISTS (SELECT 1 FROM json_each(metadata) WHERE key = ? AND type = 'text' AND value = ?)",
                            "metadata @> ?"),
                    dialect == Dialect.SQLITE
                            ? sql -> sql.set(key).set(value)
                            : sql -> sql.set(Document.of(key, Value.of(value))));
        }
    }

    private static void term(Where where, String term, Dialect dialect) {
        if (dialect != Dialect.COCKROACHDB) {
            where.and(
                    "device_id IN (SELECT device_id FROM device_terms WHERE term = ?)",
                    sql -> sql.set(cut(term)));
        }
    }

    /// In characters as the databases count them.
    private static String cut(String term) {
        return term.codePointCount(0, term.length()) <= TERM_LENGTH_MAX
                ? term
                : term.substring(0, term.offsetByCodePoints(0, TERM_LENGTH_MAX));
    }

    static void text(Where where, @Nullable String text, Dialect dialect) {
        if (text == null || text.isEmpty()) {
            return;
        }
        if (text.codePointCount(0, text.length()) >= PART_LENGTH) {
            switch (dialect) {
                case SQLITE ->
                        where.and(
                                """
                                device_id IN (SELECT t.device_id FROM device_text_search s
                                              JOIN device_texts t ON t.number = s.rowid
                                              WHERE s.device_text_search MATCH ?)\
                                """,
                                sql -> sql.set('"' + text.replace("\"", "\"\"") + '"'));
                case POSTGRESQL ->
                        where.and(
                                """
                                device_id IN (SELECT device_id FROM device_texts
                                              WHERE text_parts(text) @> text_parts(?))\
                                """,
                                sql -> sql.set(text));
                case COCKROACHDB -> {}
            }
        }
        where.and(
                "(" + contains(dialect, "device_id") + " OR " + contains(dialect, "name") + ")",
                sql -> sql.set(text).set(text));
    }

    private static String contains(Dialect dialect, String column) {
        return "%s(%s, %s) > 0"
                .formatted(
                        dialect.choose("instr", "strpos"),
                        dialect.folded(column),
                        dialect.folded("?"));
    }
}
