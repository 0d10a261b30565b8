package org.tethral.sql;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Micros;

/// Values as SQLite keeps them, for statements that are bound many times in one commit.
final class SqliteBinding {

    private SqliteBinding() {}

    static void setTime(PreparedStatement statement, int index, @Nullable Instant time)
            throws SQLException {
        setNumber(statement, index, time == null ? null : (Long) Micros.of(time));
    }

    static void setNumber(PreparedStatement statement, int index, @Nullable Long number)
            throws SQLException {
        if (number == null) {
            statement.setNull(index, Types.INTEGER);
        } else {
            statement.setLong(index, number);
        }
    }
}
