package org.tethral.sql;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Up to where the event log is settled on PostgreSQL, where transactions that took a number
/// earlier may commit later. A reader that went past such a gap would never see what fills it.
///
/// Whoever takes a number has a transaction id before. So when all transactions have ended that had
/// begun when a number was the highest, everything up to that number is there or never will be.
final class EventHorizon {

    /// CockroachDB does not tell which transactions run: what is older than this counts as settled
    /// there.
    private static final Duration HELD_BACK_ON_COCKROACH = Duration.ofSeconds(5);

    private long settled;
    private @Nullable Mark waitedFor;

    /// @param transactions all before this id were under way or over when the number was the
    ///   highest
    private record Mark(long number, long transactions, long atNanos) {}

    private record Transactions(long oldest, long next) {}

    static String reserve(Dialect dialect) {
        return dialect == Dialect.COCKROACHDB
                ? "SELECT nextval('event_sequence') AS number FROM generate_series(1, ?)"
                // the condition is looked at once, before the first number is taken
                : """
                SELECT nextval('event_sequence') AS number FROM generate_series(1, ?)
                WHERE pg_current_xact_id() IS NOT NULL
                """;
    }

    synchronized long settled(Database database) {
        var highest =
                database.read(
                        "read the highest event number",
                        session -> session.sql("SELECT last_value FROM event_sequence").number());
        var transactions = transactions(database);
        var mark = waitedFor;
        if (transactions.oldest() == transactions.next()) {
            settled = highest;
            waitedFor = null;
        } else {
            if (mark != null && over(mark, transactions)) {
                settled = mark.number();
                mark = null;
            }
            waitedFor =
                    mark != null ? mark : new Mark(highest, transactions.next(), System.nanoTime());
        }
        return settled;
    }

    private static boolean over(Mark mark, Transactions transactions) {
        return mark.transactions() < 0
                ? System.nanoTime() - mark.atNanos() >= HELD_BACK_ON_COCKROACH.toNanos()
                : transactions.oldest() >= mark.transactions();
    }

    /// A statement of its own, so that it sees a later moment than the one that read the highest
    /// number.
    private static Transactions transactions(Database database) {
        if (database.dialect() == Dialect.COCKROACHDB) {
            return new Transactions(0, -1);
        }
        return database.read(
                "read which transactions run",
                session ->
                        session.sql(
                                        """
                                        SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest,
                                               pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next
                                        """)
                                .find(row ->
                                        new Transactions(row.number("oldest"), row.number("next")))
                                .orElseThrow());
    }
}
