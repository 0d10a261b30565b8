package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import org.tethral.retention.RetentionStore.Sweep;

/// Removes the oldest rows of a table that has an index by age.
final class OldestSweep implements Sweep {

    private final Database database;
    private final String table;
    private final String key;
    private final String oldest;
    private final Instant from;

    /// @param oldest a condition in which each parameter is the same time, and the order of the
    ///   index
    OldestSweep(Database database, String table, String key, String oldest, Instant from) {
        this.database = database;
        this.table = table;
        this.key = key;
        this.oldest = oldest;
        this.from = from;
    }

    @Override
    public Step step() {
        var removed = database.write("remove old rows of " + table, this::remove);
        return new Step(removed, removed < SqlRetention.ROWS_PER_STEP);
    }

    private int remove(Session session) throws SQLException {
        var sql =
                session.sql(
                        "DELETE FROM %1$s WHERE (%2$s) IN (SELECT %2$s FROM %1$s WHERE %3$s LIMIT %4$d)"
                                .formatted(table, key, oldest, SqlRetention.ROWS_PER_STEP));
        for (var parameters = oldest.chars().filter(c -> c == '?').count();
                parameters > 0;
                parameters--) {
            sql.set(from);
        }
        return sql.update();
    }
}
