package org.tethral.sql;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.Device;
import org.tethral.device.DeviceId;
import org.tethral.device.Profile;

/// Devices put into the tables as the registry leaves them, for tests of what comes after.
public final class Fleet {

    public static final Instant REGISTERED_AT = Instant.parse("2026-07-01T00:00:00Z");

    private final Database database;

    public Fleet(Database database) {
        this.database = database;
    }

    public ConnectingDevice add(String id) {
        return add(new DeviceId(id), true);
    }

    public ConnectingDevice add(DeviceId id, boolean enabled) {
        database.write(
                "add a device",
                session -> {
                    session.sql(
                                    """
                                    INSERT INTO devices
                                        (id, device_id, name, community_id, enabled, created_at, updated_at)
                                    VALUES (?, ?, ?, ?, ?, ?, ?)
                                    """)
                            .set(UUID.randomUUID())
                            .set(id.value())
                            .set(id.value())
                            .set(CommunityId.DEFAULT.value())
                            .set(enabled)
                            .set(REGISTERED_AT)
                            .set(REGISTERED_AT)
                            .update();
                    return session.sql(
                                    """
                                    INSERT INTO device_states
                                        (id, device_id, state_since, last_updated, created_at)
                                    VALUES (?, ?, ?, ?, ?)
                                    """)
                            .set(UUID.randomUUID())
                            .set(id.value())
                            .set(REGISTERED_AT)
                            .set(REGISTERED_AT)
                            .set(REGISTERED_AT)
                            .update();
                });
        return new ConnectingDevice(
                id,
                CommunityId.DEFAULT,
                enabled,
                Profile.HEARTBEAT_INTERVAL_DEFAULT,
                Profile.OFFLINE_AFTER_DEFAULT);
    }

    /// With numbers after the prefix.
    public List<DeviceId> addAll(String prefix, int count) {
        var ids = IntStream.range(0, count).mapToObj(i -> new DeviceId(prefix + i)).toList();
        new SqlDeviceStore(database)
                .addAll(
                        ids.stream()
                                .map(id ->
                                        Device.register(
                                                UUID.randomUUID(),
                                                id,
                                                Device.About.named(id.value()),
                                                REGISTERED_AT))
                                .toList(),
                        Actor.system("test"));
        return ids;
    }

    public void setEnabled(DeviceId id, boolean enabled) {
        database.write(
                "change a device",
                session ->
                        session.sql("UPDATE devices SET enabled = ? WHERE device_id = ?")
                                .set(enabled)
                                .set(id.value())
                                .update());
    }

    public void remove(DeviceId id) {
        database.write(
                "remove a device",
                session -> {
                    session.sql("DELETE FROM device_states WHERE device_id = ?")
                            .set(id.value())
                            .update();
                    return session.sql("DELETE FROM devices WHERE device_id = ?")
                            .set(id.value())
                            .update();
                });
    }

    /// A device that nobody added.
    public static ConnectingDevice stranger(String id) {
        return new ConnectingDevice(
                new DeviceId(id), null, true, Duration.ofSeconds(30), Duration.ofSeconds(90));
    }

    public long count(String table) {
        return database.read(
                "count", session -> session.sql("SELECT count(*) FROM " + table).number());
    }
}
