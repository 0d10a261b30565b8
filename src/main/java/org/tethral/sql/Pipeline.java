package org.tethral.sql;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.StorageException;

/// Statements that go to PostgreSQL together, in one round trip: the driver sends those of one
/// text, parted by `;`, without waiting for the answer of each.
final class Pipeline {

    private final StringBuilder text = new StringBuilder();
    private final List<@Nullable Object> parameters = new ArrayList<>();
    private final List<Expected> expected = new ArrayList<>();

    /// What it means that a statement changed another number of rows than it had to.
    record Miss(StorageException.Cause kind, String why) {}

    private record Expected(int rows, Miss miss) {}

    /// @param rows that the statement must change
    /// @param values its parameters: text, numbers, and arrays of them
    void add(String sql, int rows, Miss miss, @Nullable Object... values) {
        if (!text.isEmpty()) {
            text.append(';');
        }
        text.append(sql);
        expected.add(new Expected(rows, miss));
        for (var value : values) {
            parameters.add(value);
        }
    }

    void run(Session session) throws SQLException {
        var connection = session.connection();
        try (var statement = connection.prepareStatement(text.toString())) {
            for (int i = 0; i < parameters.size(); i++) {
                switch (parameters.get(i)) {
                    case null -> statement.setString(i + 1, null);
                    case String value -> statement.setString(i + 1, value);
                    case Long value -> statement.setLong(i + 1, value);
                    case String[] values ->
                            statement.setArray(i + 1, connection.createArrayOf("text", values));
                    case Long[] values ->
                            statement.setArray(i + 1, connection.createArrayOf("int8", values));
                    case Object values ->
                            statement.setObject(i + 1, values); // long[], double[]: sent in binary
                }
            }
            statement.execute();
            for (var one : expected) {
                if (statement.getUpdateCount() != one.rows()) {
                    throw new StorageException(one.miss().kind(), one.miss().why());
                }
                statement.getMoreResults();
            }
        }
    }
}
