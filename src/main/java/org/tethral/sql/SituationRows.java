package org.tethral.sql;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.device.DeviceId;
import org.tethral.device.Link;
import org.tethral.device.Profile;
import org.tethral.device.Protocol;
import org.tethral.device.Status;
import org.tethral.ingest.Situation;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.state.Latest;
import org.tethral.state.StateName;

/// What decisions need to know of devices, out of `devices`, `device_profiles` and `device_states`.
final class SituationRows {

    private static final String SELECT =
            """
            SELECT d.device_id, d.community_id, d.enabled, p.offline_after_s, d.status, d.connection_id,
                   d.connection_protocol, d.connection_address, d.connection_node, d.connected_at, d.last_seen_at,
                   s.current_state, s.state_since, s.last_updated, s.reported, s.reported_at, s.reported_times, s.reported_version,
                   s.desired, s.desired_version, s.configuration, s.revision
            FROM devices d
            JOIN device_states s ON s.device_id = d.device_id
            LEFT JOIN device_profiles p ON p.id = d.profile_id
            WHERE d.device_id
            """;

    private SituationRows() {}

    static Map<DeviceId, Situation> read(Session session, Collection<DeviceId> devices)
            throws SQLException {
        var situations = HashMap.<DeviceId, Situation>newHashMap(devices.size());
        session.sql(SELECT + session.dialect().oneOf())
                .set(devices.stream().map(DeviceId::value).toList())
                .each(row -> {
                    var situation = situation(row);
                    situations.put(situation.device(), situation);
                });
        return situations;
    }

    private static Situation situation(Row row) throws SQLException {
        var link = link(row, row.maybeUuid("connection_id"));
        var protocol = row.maybeText("connection_protocol");
        var community = row.maybeUuid("community_id");
        var offlineAfter = row.maybeNumber("offline_after_s");
        return new Situation(
                new DeviceId(row.text("device_id")),
                community == null ? null : new CommunityId(community),
                row.flag("enabled"),
                offlineAfter == null
                        ? Profile.OFFLINE_AFTER_DEFAULT
                        : Duration.ofSeconds(offlineAfter),
                new Situation.Presence(
                        Status.parse(row.text("status")),
                        link,
                        row.maybeTime("connected_at"),
                        row.maybeTime("last_seen_at"),
                        link != null || protocol == null ? null : Protocol.parse(protocol)),
                new Situation.Values(
                        new StateName(row.text("current_state")),
                        row.time("state_since"),
                        row.time("last_updated"),
                        latest(row),
                        row.number("reported_version"),
                        row.document("desired"),
                        row.number("desired_version"),
                        row.document("configuration"),
                        row.number("revision")));
    }

    private static Latest latest(Row row) throws SQLException {
        var times = new HashMap<String, Instant>();
        row.document("reported_times")
                .values()
                .forEach((pointer, time) -> {
                    if (time instanceof Value.Text(var text)) {
                        times.put(pointer, Instant.parse(text));
                    }
                });
        return new Latest(row.document("reported"), row.maybeTime("reported_at"), times);
    }

    /// As it is kept.
    static String times(Latest latest) {
        if (latest.times().isEmpty()) {
            return "{}"; // as nearly always
        }
        var times = new LinkedHashMap<String, Value>();
        latest.times().forEach((pointer, time) -> times.put(pointer, Value.of(time.toString())));
        return Json.write(new Document(times));
    }

    private static @Nullable Link link(Row row, @Nullable UUID id) throws SQLException {
        return id == null
                ? null
                : new Link(
                        id,
                        Protocol.parse(row.text("connection_protocol")),
                        row.maybeText("connection_address"),
                        row.text("connection_node"));
    }
}
