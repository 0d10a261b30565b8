package org.tethral.sql;

import java.sql.SQLException;
import org.tethral.device.DeviceId;

/// What the other tables keep of a device, deleted for good.
final class DeviceHistory {

    /// Snapshots deleted in one transaction: a device may have millions, and nobody else shall wait
    /// for them.
    private static final int SNAPSHOTS_PER_STEP = 10_000;

    private DeviceHistory() {}

    /// Deletes snapshots until there are few enough to go with the rest.
    static void shorten(Database database, DeviceId device) {
        int deleted;
        do {
            deleted =
                    database.write(
                            "purge snapshots of " + device,
                            session -> deleteSnapshots(session, device));
        } while (deleted == SNAPSHOTS_PER_STEP);
    }

    static void delete(Session session, DeviceId device) throws SQLException {
        int deleted;
        do {
            deleted = deleteSnapshots(session, device);
        } while (deleted == SNAPSHOTS_PER_STEP);
        for (var table :
                new String[] {
                    "state_changes",
                    "message_receipts",
                    "reading_rollups",
                    "device_connection_logs",
                    "device_lifecycle_log",
                    "space_assignments",
                    "events"
                }) {
            session.sql("DELETE FROM " + table + " WHERE device_id = ?").set(device).update();
        }
        session.sql("DELETE FROM alert_history WHERE node_id = ?").set(device).update();
    }

    private static int deleteSnapshots(Session session, DeviceId device) throws SQLException {
        return session.sql(
                        session.dialect()
                                .choose(
                                        """
                                        DELETE FROM device_state_snapshots WHERE (bucket, device_id, timestamp, sequence) IN
                                            (SELECT bucket, device_id, timestamp, sequence FROM device_state_snapshots
                                             WHERE bucket IN (SELECT bucket FROM snapshot_buckets) AND device_id = ?
                                             LIMIT ?)
                                        """,
                                        """
                                        DELETE FROM device_state_snapshots WHERE (device_id, timestamp, sequence) IN
                                            (SELECT device_id, timestamp, sequence FROM device_state_snapshots
                                             WHERE device_id = ? LIMIT ?)
                                        """))
                .set(device)
                .set(SNAPSHOTS_PER_STEP)
                .update();
    }
}
