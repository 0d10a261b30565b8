package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.sql.Devices.ACTOR;
import static org.tethral.sql.Devices.NOW;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tethral.device.Credential;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore;
import org.tethral.device.DeviceStore.History;
import org.tethral.device.Lifecycle;
import org.tethral.device.Protocol;
import org.tethral.event.EventLog;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;

@EachEngine
class DeviceRemovalTest {

    private final Database database;
    private final DeviceStore store;
    private final EventLog events;

    DeviceRemovalTest(TestDatabase test) {
        this.database = test.database();
        this.store = new SqlDeviceStore(database);
        this.events = new SqlEventLog(database);
    }

    @Test
    void keepsOrPurgesTheHistoryOfARemovedDevice() {
        for (var id : List.of("kept", "purged", "neighbour")) {
            store.add(
                    Devices.plain(id),
                    Devices.credential(id, Credential.Type.PSK, "psk " + id),
                    ACTOR);
            store.move(Devices.plain(id).moved(Lifecycle.TESTING, NOW), "try", ACTOR);
            addHistory(id);
        }
        var before = rows("kept");
        assertThat(before).doesNotContain(0L);

        assertThat(store.remove(new DeviceId("kept"), History.KEEP, ACTOR, NOW)).isTrue();
        assertThat(rows("kept"))
                .isEqualTo(
                        List.of(
                                before.get(0),
                                before.get(1),
                                before.get(2),
                                before.get(3),
                                before.get(4),
                                before.get(5),
                                before.get(6) + 1,
                                0L,
                                0L,
                                0L));
        assertThat(store.remove(new DeviceId("purged"), History.PURGE, ACTOR, NOW)).isTrue();
        assertThat(rows("purged")).isEqualTo(List.of(0L, 0L, 0L, 0L, 0L, 0L, 1L, 0L, 0L, 0L));
        assertThat(types("purged")).containsExactly("device.removed");
        assertThat(rows("neighbour")).isEqualTo(before);
        assertThat(store.remove(new DeviceId("purged"), History.PURGE, ACTOR, NOW)).isFalse();
    }

    /// Rows of the device, history first, then what goes with it in any case.
    private List<Long> rows(String id) {
        return List.of(
                        "device_state_snapshots",
                        "state_changes",
                        "message_receipts",
                        "reading_rollups",
                        "device_connection_logs",
                        "device_lifecycle_log",
                        "events",
                        "devices",
                        "device_states",
                        "device_credentials")
                .stream()
                .map(table ->
                        count("SELECT count(*) FROM " + table + " WHERE device_id = '" + id + "'"))
                .toList();
    }

    private void addHistory(String id) {
        database.write(
                "fill",
                session -> {
                    addSnapshot(session, id);
                    session.sql(
                                    """
                                    INSERT INTO state_changes (id, device_id, from_state, to_state, timestamp, actor)
                                    VALUES (?, ?, 'unknown', 'online', ?, 'test')
                                    """)
                            .set(java.util.UUID.randomUUID())
                            .set(id)
                            .set(NOW)
                            .update();
                    session.sql(
                                    """
                                    INSERT INTO message_receipts (device_id, message_id, sequence, received_at)
                                    VALUES (?, 'm', 1, ?)
                                    """)
                            .set(id)
                            .set(NOW)
                            .update();
                    session.sql(
                                    """
                                    INSERT INTO reading_rollups (device_id, metric, bucket, bucket_start, count, min, max,
                                                                 sum, first, last, first_at, last_at)
                                    VALUES (?, 't', '1m', ?, 1, 1, 1, 1, 1, 1, ?, ?)
                                    """)
                            .set(id)
                            .set(NOW)
                            .set(NOW)
                            .set(NOW)
                            .update();
                    SqlConnectionLog.insert(
                            session,
                            java.util.UUID.randomUUID(),
                            new org.tethral.device.ConnectionLog.Entry(
                                    id,
                                    org.tethral.device.ConnectionLog.Kind.CONNECTED,
                                    Protocol.MQTT,
                                    null,
                                    "node",
                                    null,
                                    null,
                                    NOW));
                    return 0;
                });
    }

    private void addSnapshot(Session session, String id) throws SQLException {
        if (database.dialect() == Dialect.SQLITE) {
            session.sql(
                            """
                            INSERT INTO snapshot_buckets (bucket, first_timestamp, last_timestamp)
                            VALUES (0, 0, 0) ON CONFLICT DO NOTHING
                            """)
                    .update();
        }
        session.sql(
                        """
                        INSERT INTO device_state_snapshots (%s device_id, timestamp, sequence, state_data)
                        VALUES (%s ?, ?, 1, ?)
                        """
                                .formatted(
                                        database.dialect().choose("bucket,", ""),
                                        database.dialect().choose("0,", "")))
                .set(id)
                .set(NOW)
                .set(Document.EMPTY)
                .update();
    }

    private List<String> types(String id) {
        return events
                .list(
                        new EventLog.Filter(null, null, null, new DeviceId(id), null, null, null),
                        Page.Request.first(100))
                .items()
                .stream()
                .map(logged -> logged.event().type().value())
                .toList();
    }

    private long count(String statement) {
        return database.read("count", session -> session.sql(statement).number());
    }
}
