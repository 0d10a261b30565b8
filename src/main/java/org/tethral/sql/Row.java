package org.tethral.sql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.device.DeviceId;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Value;

/// The row at which a result stands. What is not `maybe…` must not be null.
final class Row {

    /// SQLSTATE of what somebody else wrote there: it is of no use to ask again.
    private static final String INVALID_JSON = "22032";

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

    byte[] bytes(String column) throws SQLException {
        return present(result.getBytes(column), column);
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

    long micros(String column) throws SQLException {
        return Micros.of(time(column));
    }

    UUID uuid(String column) throws SQLException {
        return present(maybeUuid(column), column);
    }

    @Nullable UUID maybeUuid(String column) throws SQLException {
        return dialect.uuid(result, result.findColumn(column));
    }

    /// Out of `community_id`.
    @Nullable CommunityId maybeCommunity() throws SQLException {
        var id = maybeUuid("community_id");
        return id == null ? null : new CommunityId(id);
    }

    /// Out of `device_id`.
    DeviceId device() throws SQLException {
        return new DeviceId(text("device_id"));
    }

    Document document(String column) throws SQLException {
        if (json(column) instanceof Document document) {
            return document;
        }
        throw new SQLException("column " + column + " holds no JSON object", INVALID_JSON);
    }

    Value json(String column) throws SQLException {
        try {
            return Json.parse(text(column));
        } catch (MalformedJson e) {
            throw new SQLException("column " + column + " holds no JSON", INVALID_JSON, e);
        }
    }

    /// A JSON list of texts.
    List<String> texts(String column) throws SQLException {
        if (json(column) instanceof Value.Array(var items)) {
            return items.stream()
                    .map(item -> item instanceof Value.Text(var text) ? text : Json.write(item))
                    .toList();
        }
        throw new SQLException("column " + column + " holds no JSON list");
    }

    private static <T> T present(@Nullable T value, String column) throws SQLException {
        if (value == null) {
            throw new SQLException("column " + column + " is null");
        }
        return value;
    }
}
