package org.tethral.sql;

import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.tethral.device.Device;
import org.tethral.device.DeviceFilter;
import org.tethral.device.DeviceId;
import org.tethral.device.Lifecycle;
import org.tethral.device.ProfileId;
import org.tethral.device.Protocol;
import org.tethral.device.Status;
import org.tethral.kernel.Document;

/// The rows of `devices`, and the empty `device_states` row of a new one.
final class DeviceRows {

    static final String SELECT =
            """
            SELECT id, device_id, name, device_type, profile_id, protocol, manufacturer, model, firmware_version,
                   capabilities, metadata, location, community_id, distributor_id, customer_id, lifecycle, enabled, status,
                   health_score, last_heartbeat, last_seen_at, connected_at, created_at, updated_at, version
            FROM devices {where}
            """;

    private static final String INSERT =
            """
            INSERT INTO devices (name, device_type, profile_id, protocol, manufacturer, model, firmware_version,
                                 capabilities, metadata, location, community_id, distributor_id, customer_id, enabled,
                                 updated_at, version, device_id, id, lifecycle, status, is_online, health_score,
                                 last_heartbeat, last_seen_at, connected_at, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """;

    private static final String UPDATE =
            """
            UPDATE devices
            SET name = ?, device_type = ?, profile_id = ?, protocol = ?, manufacturer = ?, model = ?, firmware_version = ?,
                capabilities = ?, metadata = ?, location = ?, community_id = ?, distributor_id = ?, customer_id = ?,
                enabled = ?, updated_at = ?, version = ?
            WHERE device_id = ? AND version = ?
            """;

    private DeviceRows() {}

    static Optional<Device> find(Session session, DeviceId id) throws SQLException {
        return new Where()
                .equal("device_id", id.value())
                .in(session, SELECT)
                .find(DeviceRows::read);
    }

    /// None of their ids may be there.
    static void insert(Session session, Collection<Device> devices) throws SQLException {
        var insert = session.sql(INSERT);
        for (var device : devices) {
            bindChangeable(insert, device)
                    .set(device.id())
                    .set(device.lifecycle().word())
                    .set(device.presence().status().word())
                    .set(device.presence().status() == Status.ONLINE)
                    .set(device.presence().healthScore())
                    .set(device.presence().lastHeartbeat())
                    .set(device.presence().lastSeenAt())
                    .set(device.presence().connectedAt())
                    .set(device.createdAt())
                    .add();
        }
        insert.batch();
        insertStates(session, devices);
    }

    private static void insertStates(Session session, Collection<Device> devices)
            throws SQLException {
        var configurations = new HashMap<ProfileId, Document>();
        for (var device : devices) {
            var profile = device.about().profile();
            if (profile != null && !configurations.containsKey(profile)) {
                configurations.put(profile, defaultConfiguration(session, profile));
            }
        }
        var insert =
                session.sql(
                        """
                        INSERT INTO device_states (id, device_id, state_since, last_updated, configuration, created_at)
                        VALUES (?, ?, ?, ?, ?, ?)
                        """);
        for (var device : devices) {
            var profile = device.about().profile();
            insert.set(device.id())
                    .set(device.deviceId())
                    .set(device.createdAt())
                    .set(device.createdAt())
                    .set(
                            profile == null
                                    ? Document.EMPTY
                                    : configurations.getOrDefault(profile, Document.EMPTY))
                    .set(device.createdAt())
                    .add();
        }
        insert.batch();
    }

    private static Document defaultConfiguration(Session session, ProfileId profile)
            throws SQLException {
        return session.sql("SELECT default_configuration FROM device_profiles WHERE id = ?")
                .set(profile.value())
                .find(row -> row.document("default_configuration"))
                .orElse(Document.EMPTY);
    }

    /// False where the row is of another version than the one before `next`.
    static boolean update(Session session, Device next) throws SQLException {
        return bindChangeable(session.sql(UPDATE), next).set(next.version() - 1).update() > 0;
    }

    private static Sql bindChangeable(Sql sql, Device device) throws SQLException {
        var about = device.about();
        return sql.set(about.name())
                .set(about.deviceType())
                .set(about.profile() == null ? null : about.profile().value())
                .set(about.protocol() == null ? null : about.protocol().word())
                .set(about.manufacturer())
                .set(about.model())
                .set(about.firmwareVersion())
                .setTexts(about.capabilities())
                .set(about.metadata())
                .set(about.location())
                .set(about.community())
                .set(about.distributor())
                .set(about.customer())
                .set(device.enabled())
                .set(device.updatedAt())
                .set(device.version())
                .set(device.deviceId());
    }

    static Device read(Row row) throws SQLException {
        var profile = row.maybeUuid("profile_id");
        var protocol = row.maybeText("protocol");
        return new Device(
                row.uuid("id"),
                row.device(),
                new Device.About(
                        row.text("name"),
                        row.maybeText("device_type"),
                        profile == null ? null : new ProfileId(profile),
                        protocol == null ? null : Protocol.parse(protocol),
                        row.maybeText("manufacturer"),
                        row.maybeText("model"),
                        row.maybeText("firmware_version"),
                        row.texts("capabilities"),
                        row.document("metadata"),
                        row.document("location"),
                        row.maybeCommunity(),
                        row.maybeUuid("distributor_id"),
                        row.maybeUuid("customer_id")),
                Lifecycle.parse(row.text("lifecycle")),
                row.flag("enabled"),
                new Device.Presence(
                        Status.parse(row.text("status")),
                        (int) row.number("health_score"),
                        row.maybeTime("last_heartbeat"),
                        row.maybeTime("last_seen_at"),
                        row.maybeTime("connected_at")),
                row.time("created_at"),
                row.time("updated_at"),
                row.number("version"));
    }

    static Where where(DeviceFilter filter, Dialect dialect) {
        var where =
                new Where()
                        .equal(
                                "community_id",
                                filter.community() == null ? null : filter.community().value())
                        .equal("status", filter.status() == null ? null : filter.status().word())
                        .equal(
                                "protocol",
                                filter.protocol() == null ? null : filter.protocol().word())
                        .equal(
                                "lifecycle",
                                filter.lifecycle() == null ? null : filter.lifecycle().word())
                        .equal("manufacturer", filter.manufacturer())
                        .equal("model", filter.model())
                        .equal("device_type", filter.deviceType())
                        .equal(
                                "profile_id",
                                filter.profile() == null ? null : filter.profile().value());
        DeviceSearch.capability(where, filter.capability(), dialect);
        DeviceSearch.metadata(where, filter.metadataKey(), filter.metadataValue(), dialect);
        DeviceSearch.text(where, filter.search(), dialect);
        return where;
    }

    /// Those of the ids that are there.
    static Map<DeviceId, UUID> known(Session session, Collection<DeviceId> ids)
            throws SQLException {
        var known = new HashMap<DeviceId, UUID>();
        session.sql(
                        "SELECT device_id, id FROM devices WHERE device_id "
                                + session.dialect().oneOf())
                .set(ids.stream().map(DeviceId::value).toList())
                .each(row -> known.put(row.device(), row.uuid("id")));
        return known;
    }
}
