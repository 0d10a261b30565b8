package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/// The months of `device_state_snapshots` on PostgreSQL: made ahead of time, so that the default
/// partition holds only what devices with wrong clocks report.
final class Partitions {

    static final int MONTHS_BEFORE = 2;
    static final int MONTHS_AFTER = 12;

    /// Several nodes may start at once: the first one makes them.
    private static final long LOCK = 0x7e7412a1_0001L;

    private Partitions() {}

    /// Makes those that are missing around `now`; what the default partition holds of such a month
    /// moves.
    static void make(Database database, Instant now) {
        var present = YearMonth.from(now.atOffset(ZoneOffset.UTC));
        var known = known(database);
        for (int i = -MONTHS_BEFORE; i <= MONTHS_AFTER; i++) {
            var month = present.plusMonths(i);
            if (!known.contains(name(month))) {
                database.write(
                        "make the partition " + name(month), session -> make(session, month));
            }
        }
    }

    static String name(YearMonth month) {
        return String.format(
                Locale.ROOT,
                "device_state_snapshots_%04d_%02d",
                month.getYear(),
                month.getMonthValue());
    }

    private static Set<String> known(Database database) {
        return database.read(
                "list partitions",
                session ->
                        new HashSet<>(
                                session.sql(
                                                """
                                                SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                                                WHERE i.inhparent = 'device_state_snapshots'::regclass
                                                """)
                                        .list(row -> row.text("name"))));
    }

    /// Attaching an own table holds up nobody who writes to other months; creating it in place
    /// would.
    static int make(Session session, YearMonth month) throws SQLException {
        session.sql("SELECT pg_advisory_xact_lock(?)").set(LOCK).each(_ -> {});
        var name = name(month);
        if (session.sql("SELECT count(to_regclass(?)::text)").set(name).number() > 0) {
            return 0;
        }
        var from = month.atDay(1) + " 00:00:00+00";
        var to = month.plusMonths(1).atDay(1) + " 00:00:00+00";
        session.sql("CREATE TABLE " + name + " (LIKE device_state_snapshots INCLUDING ALL)")
                .update();
        session.sql("LOCK TABLE device_state_snapshots_default IN ACCESS EXCLUSIVE MODE").update();
        var moved =
                session.sql(
                                """
                                WITH moved AS (
                                    DELETE FROM device_state_snapshots_default
                                    WHERE timestamp >= '%2$s' AND timestamp < '%3$s' RETURNING *)
                                INSERT INTO %1$s SELECT * FROM moved
                                """
                                        .formatted(name, from, to))
                        .update();
        session.sql(
                        "ALTER TABLE device_state_snapshots ATTACH PARTITION %s FOR VALUES FROM ('%s') TO ('%s')"
                                .formatted(name, from, to))
                .update();
        return moved;
    }
}
