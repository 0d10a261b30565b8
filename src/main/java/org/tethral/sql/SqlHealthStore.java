package org.tethral.sql;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.tethral.dashboard.Health;
import org.tethral.dashboard.HealthStore;
import org.tethral.dashboard.Vitals;
import org.tethral.device.DeviceId;
import org.tethral.device.Profile;
import org.tethral.kernel.Document;
import org.tethral.state.Readings;

public final class SqlHealthStore implements HealthStore {

    private static final String ERROR = "error";

    /// The names under which devices report them.
    private static final String BATTERY = "battery";

    private static final String SIGNAL = "rssi";

    /// `{where}` says which devices.
    private static final String SELECT =
            """
            SELECT d.device_id, d.status, d.last_seen_at, d.health_score, p.offline_after_s,
                   s.current_state, s.state_since, s.reported
            FROM devices d
            JOIN device_states s ON s.device_id = d.device_id
            LEFT JOIN device_profiles p ON p.id = d.profile_id
            WHERE {where} AND d.last_seen_at IS NOT NULL
            """;

    private final Database database;

    public SqlHealthStore(Database database) {
        this.database = database;
    }

    @Override
    public List<Patient> of(Collection<DeviceId> devices, Instant now) {
        var ids = devices.stream().map(DeviceId::value).toList();
        return database.read(
                "look at the health of devices",
                session ->
                        patients(
                                session,
                                session.sql(
                                                SELECT.replace(
                                                        "{where}",
                                                        "d.device_id " + session.dialect().oneOf()))
                                        .set(ids),
                                now));
    }

    @Override
    public List<Patient> next(@Nullable DeviceId after, int limit, Instant now) {
        return database.read(
                "look at the health of devices",
                session ->
                        patients(
                                session,
                                session.sql(
                                                SELECT.replace("{where}", "d.device_id > ?")
                                                        + "ORDER BY d.device_id LIMIT ?")
                                        .set(after == null ? "" : after.value())
                                        .set(limit),
                                now));
    }

    private record Seen(
            DeviceId device,
            boolean online,
            Instant heardAt,
            Duration offlineAfter,
            String state,
            Instant since,
            Document reported,
            int score) {}

    private static List<Patient> patients(Session session, Sql devices, Instant now)
            throws SQLException {
        var seen = devices.list(SqlHealthStore::seen);
        var paths = paths(session, seen, now);
        var patients = new ArrayList<Patient>(seen.size());
        for (var one : seen) {
            var path = paths.getOrDefault(one.device(), new Path());
            var vitals =
                    new Vitals(
                            one.online(),
                            Duration.between(one.heardAt(), now),
                            one.offlineAfter(),
                            path.errorShare(one, now),
                            path.turns,
                            reading(one.reported(), BATTERY),
                            reading(one.reported(), SIGNAL));
            patients.add(new Patient(one.device(), vitals, one.score()));
        }
        return patients;
    }

    private static Seen seen(Row row) throws SQLException {
        var offlineAfter = row.maybeNumber("offline_after_s");
        return new Seen(
                row.device(),
                row.text("status").equals("online"),
                row.time("last_seen_at"),
                offlineAfter == null
                        ? Profile.OFFLINE_AFTER_DEFAULT
                        : Duration.ofSeconds(offlineAfter),
                row.text("current_state"),
                row.time("state_since"),
                row.document("reported"),
                (int) row.number("health_score"));
    }

    private static @Nullable Double reading(Document reported, String metric) {
        var found = new AtomicReference<@Nullable Double>();
        Readings.forEach(reported, metric, found::set);
        return found.get();
    }

    /// How a device went through its states, oldest change first.
    private static final class Path {
        private int turns;
        private long errorSeconds;
        private @Nullable Instant errorSince;
        private boolean moved;

        void move(String from, String to, Instant at, Instant begin, Instant turnsFrom) {
            if (!moved && from.equals(ERROR)) {
                errorSince = begin;
            }
            moved = true;
            if (errorSince != null && !to.equals(ERROR)) {
                errorSeconds += Duration.between(errorSince, at).toSeconds();
                errorSince = null;
            } else if (errorSince == null && to.equals(ERROR)) {
                errorSince = at;
            }
            if (!at.isBefore(turnsFrom)) {
                turns++;
            }
        }

        double errorShare(Seen device, Instant now) {
            var since = errorSince;
            if (!moved && device.state().equals(ERROR)) {
                var begin = now.minus(Health.LOOKED_BACK);
                since = device.since().isBefore(begin) ? begin : device.since();
            }
            var open = since == null ? 0 : Duration.between(since, now).toSeconds();
            return (double) (errorSeconds + open) / (double) Health.LOOKED_BACK.toSeconds();
        }
    }

    private static Map<DeviceId, Path> paths(Session session, List<Seen> devices, Instant now)
            throws SQLException {
        var paths = new HashMap<DeviceId, Path>();
        var begin = now.minus(Health.LOOKED_BACK);
        var turnsFrom = now.minus(Health.TURNS_LOOKED_BACK);
        session.sql(
                        """
                        SELECT device_id, from_state, to_state, timestamp FROM state_changes
                        WHERE device_id %s AND timestamp >= ? AND timestamp <= ? ORDER BY device_id, timestamp
                        """
                                .formatted(session.dialect().oneOf()))
                .set(devices.stream().map(one -> one.device().value()).toList())
                .set(begin)
                .set(now)
                .each(row ->
                        paths.computeIfAbsent(row.device(), _ -> new Path())
                                .move(
                                        row.text("from_state"),
                                        row.text("to_state"),
                                        row.time("timestamp"),
                                        begin,
                                        turnsFrom));
        return paths;
    }

    /// On PostgreSQL it takes only rows that nobody holds, so that no lane ever waits in a circle
    /// with it.
    @Override
    public void keep(Map<DeviceId, Integer> scores) {
        database.write(
                "keep the health of devices",
                session -> {
                    var free = free(session, scores.keySet());
                    var update =
                            session.sql("UPDATE devices SET health_score = ? WHERE device_id = ?");
                    for (var device : free) {
                        update.set((long) scores.getOrDefault(device, Health.UNJUDGED))
                                .set(device)
                                .add();
                    }
                    return update.batch();
                });
    }

    private static Collection<DeviceId> free(Session session, Collection<DeviceId> devices)
            throws SQLException {
        return session.dialect() == Dialect.SQLITE
                ? devices
                : session.sql(
                                "SELECT device_id FROM devices WHERE device_id = ANY (?) FOR UPDATE SKIP LOCKED")
                        .set(devices.stream().map(DeviceId::value).toList())
                        .list(Row::device);
    }
}
