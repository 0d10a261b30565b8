package org.tethral.sql;

import java.time.Instant;
import java.util.List;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.Overdue;

public final class SqlOverdue implements Overdue {

    private final Database database;

    public SqlOverdue(Database database) {
        this.database = database;
    }

    @Override
    public List<ConnectingDevice> overdue(Instant now, String node, int limit) {
        return database.read(
                "find overdue devices",
                session ->
                        session.sql(statement(session.dialect()))
                                .set(now)
                                .set(node)
                                .set(limit)
                                .list(SqlCredentialStore::connecting));
    }

    /// Its condition repeats that of the partial index `devices_overdue`.
    static String statement(Dialect dialect) {
        return """
        SELECT d.device_id, d.community_id, d.enabled, p.heartbeat_interval_s, p.offline_after_s
        FROM devices d
        LEFT JOIN device_profiles p ON p.id = d.profile_id
        WHERE d.is_online %s AND d.overdue_at < ? AND (d.connection_node IS NULL OR d.connection_node = ?
            OR NOT EXISTS (SELECT 1 FROM nodes n WHERE n.node = d.connection_node))
        ORDER BY d.overdue_at LIMIT ?
        """
                .formatted(dialect.choose("= 1", ""));
    }
}
