package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.device.Device;
import org.tethral.device.DeviceId;

/// The rows of `former_devices`: whose the devices were that left their history under their ids. A
/// device of another community that took such an id would show it that history.
final class FormerDevices {

    private FormerDevices() {}

    static void remember(
            Session session, DeviceId id, @Nullable CommunityId community, Instant removedAt)
            throws SQLException {
        session.sql(
                        """
                        INSERT INTO former_devices (device_id, community_id, removed_at) VALUES (?, ?, ?)
                        ON CONFLICT (device_id) DO UPDATE
                        SET community_id = excluded.community_id, removed_at = excluded.removed_at
                        """)
                .set(id)
                .set(community)
                .set(removedAt)
                .update();
    }

    /// Nothing is left of its history.
    static void forget(Session session, DeviceId id) throws SQLException {
        session.sql("DELETE FROM former_devices WHERE device_id = ?").set(id).update();
    }

    /// By the ids that were used, the communities of those who used them.
    static Map<DeviceId, Optional<CommunityId>> of(Session session, Collection<DeviceId> ids)
            throws SQLException {
        var found = new HashMap<DeviceId, Optional<CommunityId>>();
        session.sql(
                        "SELECT device_id, community_id FROM former_devices WHERE device_id "
                                + session.dialect().oneOf())
                .set(ids.stream().map(DeviceId::value).toList())
                .each(row -> found.put(row.device(), Optional.ofNullable(row.maybeCommunity())));
        return found;
    }

    static boolean keepAway(Map<DeviceId, Optional<CommunityId>> former, Device device) {
        var community = former.get(device.deviceId());
        return community != null
                && !Objects.equals(community.orElse(null), device.about().community());
    }
}
