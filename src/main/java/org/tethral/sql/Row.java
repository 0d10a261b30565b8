package org.tethral.sql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// The row at which a result stands. What is not `maybe…` must not be null.
final class Row {

    private final ResultSet result;
    private final Dialect dialect;

    Row(ResultSet result, Dialect dialect) {
        this.result = result;
        this.dialect = dialect;
    }

    String text(String column) throws SQLException {
        return present(maybeText(column), column);
    }

    @Nullable String maybeText(String column) throws SQLException {
        return result.getString(column);
    }

    long number(String column) throws SQLException {
        return result.getLong(column);
    }

    @Nullable Long maybeNumber(String column) throws SQLException {
        var value = result.getLong(column);
        return result.wasNull() ? null : value;
    }

    double real(String column) throws SQLException {
        return result.getDouble(column);
    }

    @Nullable Double maybeReal(String column) throws SQLException {
        var value = result.getDouble(column);
        return result.wasNull() ? null : value;
    }

    boolean flag(String column) throws SQLException {
        return result.getBoolean(column);
    }

    Instant time(String column) throws SQLException {
        return present(maybeTime(column), column);
    }

    @Nullable Instant maybeTime(String column) throws SQLException {
        return dialect.time(result, result.findColumn(column));
    }

    UUID uuid(String column) throws SQLException {
        return present(maybeUuid(column), column);
    }

    @Nullable UUID maybeUuid(String column) throws SQLException {
        return dialect.uuid(result, result.findColumn(column));
    }

    Document document(String column) throws SQLException {
        if (json(column) instanceof Document document) {
            return document;
        }
        throw new SQLException("column " + column + " holds no JSON object");
    }

    Value json(String column) throws SQLException {
        try {
            return Json.parse(text(column));
        } catch (MalformedJson e) {
            throw new SQLException("column " + column + " holds no JSON", e);
        }
    }

    private static <T> T present(@Nullable T value, String column) throws SQLException {
        if (value == null) {
            throw new SQLException("column " + column + " is null");
        }
        return value;
    }
}
