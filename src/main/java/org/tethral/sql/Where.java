package org.tethral.sql;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Conditions that all must hold, each with its parameters.
final class Where {

    @FunctionalInterface
    interface Binding {
        void bind(Sql sql) throws SQLException;
    }

    private final StringBuilder text = new StringBuilder();
    private final List<Binding> bindings = new ArrayList<>();

    Where and(String condition, Binding binding) {
        text.append(text.isEmpty() ? "WHERE " : " AND ").append(condition);
        bindings.add(binding);
        return this;
    }

    /// Nothing where `value` is null.
    Where equal(String column, @Nullable String value) {
        return value == null ? this : and(column + " = ?", sql -> sql.set(value));
    }

    Where equal(String column, @Nullable UUID value) {
        return value == null ? this : and(column + " = ?", sql -> sql.set(value));
    }

    /// The statement with these conditions where it says `{where}`, their parameters bound.
    Sql in(Session session, String statement) throws SQLException {
        var sql = session.sql(statement.replace("{where}", text));
        for (var binding : bindings) {
            binding.bind(sql);
        }
        return sql;
    }
}
