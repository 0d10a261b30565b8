package org.tethral.benchmark;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.tethral.kernel.Micros;

/// A fleet as after some months, made by statements that fill whole tables: through the program it
/// would take hours. And the indexes that a database could do without.
record Crowd(Connection connection, boolean sqlite) {

    /// One in so many alerts is open.
    static final int ALERTS_PER_OPEN = 100;

    static final String COMMUNITY = "00000000-0000-4000-8000-000000000077";

    /// Devices are there: two thirds are online, a twentieth is of another community, one in fifty
    /// is a pump.
    void describe(Instant now) throws SQLException {
        execute(
                "INSERT INTO communities (id, name, created_at) VALUES ('%s', 'benchmark', %s)"
                        .formatted(COMMUNITY, time(now)));
        execute(
                """
                UPDATE devices SET status = CASE WHEN %1$s %% 3 = 0 THEN 'offline' ELSE 'online' END,
                    is_online = %2$s, last_seen_at = %3$s,
                    overdue_at = CASE WHEN %1$s %% 3 = 0 THEN NULL ELSE %4$s END,
                    community_id = CASE WHEN %1$s %% 20 = 0 THEN '%5$s' ELSE community_id END,
                    device_type = CASE WHEN %1$s %% 50 = 0 THEN 'pump' ELSE 'meter' END,
                    capabilities = CASE WHEN %1$s %% 100 = 0 THEN '["flow", "heat"]' ELSE '["flow"]' END%6$s
                """
                        .formatted(
                                number("device_id"),
                                number("device_id") + " % 3 <> 0",
                                time(now),
                                time(now.plus(Duration.ofDays(2))),
                                COMMUNITY,
                                sqlite ? "" : "::jsonb")
                        .replace("THEN '" + COMMUNITY + "'", "THEN " + id("'" + COMMUNITY + "'")));
    }

    /// After the hyphen.
    private String number(String device) {
        return sqlite
                ? "CAST(substr(%s, 7) AS INTEGER)".formatted(device)
                : "substr(%s, 7)::int".formatted(device);
    }

    private String id(String text) {
        return sqlite ? text : text + "::uuid";
    }

    private String time(Instant at) {
        return sqlite ? Long.toString(Micros.of(at)) : "'" + at + "'::timestamptz";
    }

    /// A second apart, the last one now; of each device as many.
    void alerts(long count, int devices, Instant now) throws SQLException {
        var begin = now.minusSeconds(count);
        execute(
                """
                INSERT INTO alert_history (id, rule_id, node_id, community_id, severity, value, message, triggered_at,
                                           resolved_at, resolved_by, resolution)
                SELECT %1$s, %2$s, 'bench-' || (i %% %3$d),
                       CASE WHEN i %% 20 = 0 THEN %4$s ELSE %5$s END,
                       CASE WHEN i %% 5 = 0 THEN 'critical' ELSE 'warning' END, 91.5, 'temperature 91.5 > 90',
                       %6$s, CASE WHEN i %% %8$d = 0 THEN NULL ELSE %7$s END, 'system:alerts', 'cleared'
                FROM %9$s
                """
                        .formatted(
                                id(padded("a", "i")),
                                id(padded("b", "i / " + devices)),
                                devices,
                                id("'" + COMMUNITY + "'"),
                                id("'00000000-0000-4000-8000-000000000001'"),
                                after(begin, "i"),
                                after(begin, "i + 1"),
                                ALERTS_PER_OPEN,
                                series(count)));
    }

    private String padded(String first, String number) {
        var hex =
                sqlite
                        ? "printf('%012x', " + number + ")"
                        : "lpad(to_hex(" + number + "), 12, '0')";
        return "('" + first.repeat(8) + "-0000-4000-8000-' || " + hex + ")";
    }

    private String after(Instant begin, String seconds) {
        return sqlite
                ? "%d + (%s) * 1000000".formatted(Micros.of(begin), seconds)
                : "%s + (%s) * INTERVAL '1 second'".formatted(time(begin), seconds);
    }

    private String series(long count) {
        return sqlite
                ? "(WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT i FROM n)"
                        .formatted(count)
                : "generate_series(1, %d) AS s (i)".formatted(count);
    }

    void analyze() throws SQLException {
        if (!sqlite) {
            execute("VACUUM ANALYZE");
        }
    }

    /// A statement that makes it, and its name.
    record Index(String name, String definition) {}

    /// All that are neither keys nor keep something from being there twice.
    List<Index> secondary() throws SQLException {
        var query =
                sqlite
                        ? "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql LIKE 'CREATE INDEX%'"
                        : """
                        SELECT x.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i
                        JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
                        WHERE NOT i.indisunique AND NOT t.relispartition
                            AND t.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
                        """;
        var found = new ArrayList<Index>();
        try (var statement = connection.createStatement();
                var result = statement.executeQuery(query)) {
            while (result.next()) {
                found.add(new Index(result.getString(1), result.getString(2)));
            }
        }
        return found;
    }

    void drop(List<Index> indexes) throws SQLException {
        for (var index : indexes) {
            execute("DROP INDEX " + index.name());
        }
    }

    private void execute(String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
