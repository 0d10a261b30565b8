package org.tethral.sql;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PGobject;
import org.tethral.kernel.Micros;

/// Where the engines differ: how times, ids and documents are kept, and a few words of SQL.
enum Dialect {
    SQLITE {
        @Override
        void bind(PreparedStatement statement, int index, @Nullable Instant time)
                throws SQLException {
            if (time == null) {
                statement.setNull(index, Types.INTEGER);
            } else {
                statement.setLong(index, Micros.of(time));
            }
        }

        @Override
        void bind(PreparedStatement statement, int index, @Nullable UUID id) throws SQLException {
            statement.setString(index, id == null ? null : id.toString());
        }

        @Override
        void bindJson(PreparedStatement statement, int index, @Nullable String json)
                throws SQLException {
            statement.setString(index, json);
        }

        @Override
        @Nullable Instant time(ResultSet result, int column) throws SQLException {
            var micros = result.getLong(column);
            return result.wasNull() ? null : Micros.toInstant(micros);
        }

        @Override
        @Nullable UUID uuid(ResultSet result, int column) throws SQLException {
            var text = result.getString(column);
            return text == null ? null : UUID.fromString(text);
        }

        @Override
        String choose(String onSqlite, String onPostgresql) {
            return onSqlite;
        }
    },
    POSTGRESQL,
    COCKROACHDB;

    void bind(PreparedStatement statement, int index, @Nullable Instant time) throws SQLException {
        // the driver would round to the nearest microsecond, SQLite's way is to cut
        statement.setObject(
                index,
                time == null
                        ? null
                        : OffsetDateTime.ofInstant(Micros.truncated(time), ZoneOffset.UTC),
                Types.TIMESTAMP_WITH_TIMEZONE);
    }

    void bind(PreparedStatement statement, int index, @Nullable UUID id) throws SQLException {
        statement.setObject(index, id, Types.OTHER);
    }

    void bindJson(PreparedStatement statement, int index, @Nullable String json)
            throws SQLException {
        var object = new PGobject();
        object.setType("jsonb");
        object.setValue(json);
        statement.setObject(index, object);
    }

    @Nullable Instant time(ResultSet result, int column) throws SQLException {
        var time = result.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    @Nullable UUID uuid(ResultSet result, int column) throws SQLException {
        return result.getObject(column, UUID.class);
    }

    /// The words for this engine. CockroachDB understands PostgreSQL's.
    String choose(String onSqlite, String onPostgresql) {
        return onPostgresql;
    }
}
