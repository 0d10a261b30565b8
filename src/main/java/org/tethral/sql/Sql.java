package org.tethral.sql;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.device.DeviceId;
import org.tethral.json.Json;
import org.tethral.kernel.Value;

/// One statement on its way: its parameters in the order of their question marks, then one of the
/// acts at the end.
final class Sql {

    @FunctionalInterface
    interface Mapping<T> {
        T map(Row row) throws SQLException;
    }

    @FunctionalInterface
    interface RowConsumer {
        void accept(Row row) throws SQLException;
    }

    private final Session session;
    private final PreparedStatement statement;
    private int index;

    Sql(Session session, PreparedStatement statement) {
        this.session = session;
        this.statement = statement;
    }

    /// Also for words of an enumeration and ids that are text.
    Sql set(@Nullable String value) throws SQLException {
        statement.setString(++index, value);
        return this;
    }

    Sql set(long value) throws SQLException {
        statement.setLong(++index, value);
        return this;
    }

    Sql set(double value) throws SQLException {
        statement.setDouble(++index, value);
        return this;
    }

    Sql setNumber(@Nullable Long value) throws SQLException {
        if (value == null) {
            statement.setNull(++index, Types.BIGINT);
        } else {
            statement.setLong(++index, value);
        }
        return this;
    }

    Sql setNumber(@Nullable Double value) throws SQLException {
        if (value == null) {
            statement.setNull(++index, Types.DOUBLE);
        } else {
            statement.setDouble(++index, value);
        }
        return this;
    }

    Sql set(boolean value) throws SQLException {
        statement.setBoolean(++index, value);
        return this;
    }

    Sql set(@Nullable Instant value) throws SQLException {
        session.dialect().bind(statement, ++index, value);
        return this;
    }

    Sql set(@Nullable UUID value) throws SQLException {
        session.dialect().bind(statement, ++index, value);
        return this;
    }

    Sql set(byte @Nullable [] value) throws SQLException {
        statement.setBytes(++index, value);
        return this;
    }

    /// For `… [Dialect#oneOf]`.
    Sql set(Collection<String> values) throws SQLException {
        session.dialect().bind(statement, ++index, values);
        return this;
    }

    Sql set(@Nullable CommunityId value) throws SQLException {
        return set(value == null ? null : value.value());
    }

    Sql set(@Nullable DeviceId value) throws SQLException {
        return set(value == null ? null : value.value());
    }

    Sql set(Value value) throws SQLException {
        return setJson(value);
    }

    Sql setJson(@Nullable Value value) throws SQLException {
        session.dialect().bindJson(statement, ++index, value == null ? null : Json.write(value));
        return this;
    }

    /// As a JSON list, unlike [#set(Collection)], which is for a condition.
    Sql setTexts(Collection<String> values) throws SQLException {
        return set(new Value.Array(values.stream().<Value>map(Value::of).toList()));
    }

    /// Ends one row of a batch.
    Sql add() throws SQLException {
        statement.addBatch();
        index = 0;
        return this;
    }

    /// Rows changed by each row of the batch.
    int[] batch() throws SQLException {
        try {
            return statement.executeBatch();
        } finally {
            session.release(statement);
        }
    }

    /// Rows changed.
    int update() throws SQLException {
        try {
            return statement.executeUpdate();
        } finally {
            session.release(statement);
        }
    }

    <T> List<T> list(Mapping<T> mapping) throws SQLException {
        var all = new ArrayList<T>();
        each(row -> all.add(mapping.map(row)));
        return all;
    }

    /// The first row.
    <T> Optional<T> find(Mapping<T> mapping) throws SQLException {
        try (var result = statement.executeQuery()) {
            return result.next()
                    ? Optional.of(mapping.map(new Row(result, session.dialect())))
                    : Optional.empty();
        } finally {
            session.release(statement);
        }
    }

    /// The first column of the first row; 0 where it is null.
    long number() throws SQLException {
        try (var result = statement.executeQuery()) {
            return result.next() ? result.getLong(1) : 0;
        } finally {
            session.release(statement);
        }
    }

    /// Rows one by one, `fetchSize` at a time where the engine can (inside a transaction).
    void each(int fetchSize, RowConsumer consumer) throws SQLException {
        statement.setFetchSize(fetchSize);
        each(consumer);
    }

    void each(RowConsumer consumer) throws SQLException {
        try (var result = statement.executeQuery()) {
            var row = new Row(result, session.dialect());
            while (result.next()) {
                consumer.accept(row);
            }
        } finally {
            session.release(statement);
        }
    }
}
