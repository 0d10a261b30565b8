package org.tethral.sql;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tethral.alert.Anomaly;
import org.tethral.alert.AnomalyEvents;
import org.tethral.alert.AnomalyStore;
import org.tethral.alert.Suspect;
import org.tethral.device.DeviceId;
import org.tethral.device.Profile;
import org.tethral.kernel.Micros;
import org.tethral.state.StateName;

public final class SqlAnomalyStore implements AnomalyStore {

    private static final String SELECT =
            """
            SELECT d.device_id, d.community_id, d.is_online, s.current_state, s.state_since, s.last_updated,
                   s.reported_version, p.heartbeat_interval_s, %s AS changes
            FROM devices d
            JOIN device_states s %s ON s.device_id = d.device_id
            LEFT JOIN device_profiles p ON p.id = d.profile_id
            """;
    private static final String CHANGES =
            """
            (SELECT count(*) FROM state_changes c
             WHERE c.device_id = d.device_id AND c.timestamp > ? AND c.timestamp <= ?)\
            """;
    private static final String IN_SERVICE = " AND d.lifecycle <> 'decommissioned' ";

    private final Database database;

    public SqlAnomalyStore(Database database) {
        this.database = database;
    }

    @Override
    public List<Suspect> moved(Collection<DeviceId> devices, Instant from, Instant to) {
        return database.read(
                "count changes of state",
                session ->
                        session.sql(movedStatement(session.dialect()))
                                .set(from)
                                .set(to)
                                .set(devices.stream().map(DeviceId::value).toList())
                                .list(SqlAnomalyStore::suspect));
    }

    static String movedStatement(Dialect dialect) {
        return SELECT.formatted(CHANGES, "") + "WHERE d.device_id " + dialect.oneOf() + IN_SERVICE;
    }

    @Override
    public List<Suspect> lingering(Instant since, Instant toldBefore, int limit) {
        return database.read(
                "find devices that linger in a state",
                session ->
                        session.sql(lingeringStatement(session.dialect()))
                                .set(since)
                                .set(toldBefore)
                                .set(limit)
                                .list(SqlAnomalyStore::suspect));
    }

    /// Its condition on the state repeats that of the partial index `device_states_transient`.
    /// SQLite, which keeps no statistics here, would take the states one by one and sort.
    static String lingeringStatement(Dialect dialect) {
        var words =
                StateName.TRANSIENT.stream()
                        .map(word -> "'" + word + "'")
                        .collect(Collectors.joining(", "));
        return SELECT.formatted("0", dialect.choose("INDEXED BY device_states_transient", ""))
                + "LEFT JOIN device_anomalies a ON a.device_id = d.device_id AND a.kind = 'stuck'\n"
                + ("WHERE s.current_state IN (" + words + ") AND s.state_since <= ?")
                + IN_SERVICE
                + "AND (a.told_at IS NULL OR a.told_at < s.state_since AND a.told_at <= ?)"
                + " ORDER BY s.state_since LIMIT ?";
    }

    @Override
    public List<Suspect> online(@Nullable DeviceId after, int limit) {
        return database.read(
                "look at devices that are online",
                session ->
                        session.sql(onlineStatement())
                                .set(after == null ? "" : after.value())
                                .set(limit)
                                .list(SqlAnomalyStore::suspect));
    }

    static String onlineStatement() {
        return SELECT.formatted("0", "")
                + "WHERE d.status = 'online' AND d.device_id > ?"
                + IN_SERVICE
                + "ORDER BY d.device_id LIMIT ?";
    }

    private static Suspect suspect(Row row) throws SQLException {
        var heartbeat = row.maybeNumber("heartbeat_interval_s");
        return new Suspect(
                row.device(),
                row.maybeCommunity(),
                new StateName(row.text("current_state")),
                row.time("state_since"),
                row.flag("is_online"),
                row.number("reported_version") > 0,
                row.time("last_updated"),
                heartbeat == null
                        ? Profile.HEARTBEAT_INTERVAL_DEFAULT
                        : Duration.ofSeconds(heartbeat),
                row.number("changes"));
    }

    @Override
    public boolean tell(Anomaly anomaly, Instant toldBefore, Instant at) {
        return database.write(
                "tell of an anomaly",
                session -> {
                    var noted =
                            session.sql(
                                            """
                                            INSERT INTO device_anomalies (device_id, kind, told_at)
                                            SELECT device_id, ?, ? FROM devices WHERE device_id = ?
                                            ON CONFLICT (device_id, kind) DO UPDATE SET told_at = excluded.told_at
                                            WHERE device_anomalies.told_at <= ?
                                            """)
                                    .set(anomaly.word())
                                    .set(at)
                                    .set(anomaly.device())
                                    .set(toldBefore)
                                    .update();
                    if (noted == 1) {
                        EventRows.append(
                                database,
                                session,
                                List.of(AnomalyEvents.of(anomaly, Micros.truncated(at))));
                    }
                    return noted == 1;
                });
    }
}
