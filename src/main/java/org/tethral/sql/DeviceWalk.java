package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.retention.Ages;

/// The devices that have rows in a table, each found by one look into an index that begins with the
/// device, whether it is registered or not.
final class DeviceWalk {

    static final int DEVICES_AT_ONCE = 100;

    private final String table;
    private final String where;
    private final Ages ages;

    /// @param where a further condition, or empty; fixed text
    DeviceWalk(String table, String where, Ages ages) {
        this.table = table;
        this.where = where.isEmpty() ? "" : where + " AND ";
        this.ages = ages;
    }

    /// @param from null: all of it is kept
    record Stop(String device, @Nullable Instant from) {}

    /// The next ones after a device; none: that was the last.
    List<Stop> after(Session session, String device) throws SQLException {
        var stops = new ArrayList<Stop>();
        session.sql(
                        """
                        WITH RECURSIVE walk (device_id, place) AS (
                            SELECT (SELECT min(device_id) FROM %1$s WHERE %2$s device_id > ?), 1
                            UNION ALL
                            SELECT (SELECT min(t.device_id) FROM %1$s t WHERE %2$s t.device_id > walk.device_id), walk.place + 1
                            FROM walk WHERE walk.device_id IS NOT NULL AND walk.place < %3$d)
                        SELECT w.device_id, p.retention FROM walk w
                        LEFT JOIN devices d ON d.device_id = w.device_id
                        LEFT JOIN device_profiles p ON p.id = d.profile_id
                        WHERE w.device_id IS NOT NULL ORDER BY w.device_id
                        """
                                .formatted(table, where, DEVICES_AT_ONCE))
                .set(device)
                .each(row ->
                        stops.add(
                                new Stop(
                                        row.text("device_id"),
                                        ages.from(document(row.maybeText("retention"))))));
        return stops;
    }

    private static @Nullable Document document(@Nullable String json) throws SQLException {
        try {
            return json == null ? null : Json.parseObject(json);
        } catch (MalformedJson e) {
            throw new SQLException("the retention of a profile is no JSON", e);
        }
    }
}
