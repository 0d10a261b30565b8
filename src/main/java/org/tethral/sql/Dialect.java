package org.tethral.sql;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PGobject;
import org.tethral.json.Json;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Value;

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
        void bind(PreparedStatement statement, int index, Collection<String> values)
                throws SQLException {
            statement.setString(
                    index,
                    Json.write(
                            new Value.Array(values.stream().<Value>map(Value.Text::new).toList())));
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

        // its own lower() knows ASCII only: SqliteDatabase brings one that knows more
        @Override
        String folded(String text) {
            return "fold(" + text + ")";
        }

        @Override
        String choose(String onSqlite, String onPostgresql) {
            return onSqlite;
        }
    },
    POSTGRESQL {
        // ids are of the collation "C", whose lower() knows ASCII only
        @Override
        String folded(String text) {
            return "lower(" + text + " COLLATE \"default\")";
        }
    },
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

    void bind(PreparedStatement statement, int index, Collection<String> values)
            throws SQLException {
        statement.setArray(
                index,
                statement.getConnection().createArrayOf("text", values.toArray(new String[0])));
    }

    @Nullable Instant time(ResultSet result, int column) throws SQLException {
        var time = result.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    @Nullable UUID uuid(ResultSet result, int column) throws SQLException {
        return result.getObject(column, UUID.class);
    }

    /// Any number of texts in one parameter: `device_id` followed by this.
    final String oneOf() {
        return choose("IN (SELECT value FROM json_each(?))", "= ANY (?)");
    }

    /// The text without the difference between upper and lower case.
    String folded(String text) {
        return "lower(" + text + ")";
    }

    /// The words for this engine. CockroachDB understands PostgreSQL's.
    String choose(String onSqlite, String onPostgresql) {
        return onPostgresql;
    }
}
