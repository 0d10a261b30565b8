package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import org.tethral.retention.Ages;

final class StateChangeSweep extends DeviceSweep {

    StateChangeSweep(Database database, Ages ages) {
        super(database, new DeviceWalk("state_changes", "", ages));
    }

    @Override
    int remove(Session session, String device, Instant from, int limit) throws SQLException {
        return session.sql(
                        """
                        DELETE FROM state_changes WHERE id IN (
                            SELECT id FROM state_changes WHERE device_id = ? AND timestamp < ? ORDER BY timestamp LIMIT ?)
                        """)
                .set(device)
                .set(from)
                .set(limit)
                .update();
    }
}
