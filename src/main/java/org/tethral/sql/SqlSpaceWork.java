package org.tethral.sql;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.device.DeviceId;
import org.tethral.space.Cause;
import org.tethral.space.ReservationId;
import org.tethral.space.Sighting;
import org.tethral.space.SpaceEvents;
import org.tethral.space.SpaceId;
import org.tethral.space.SpaceWork;
import org.tethral.state.StateName;

public final class SqlSpaceWork implements SpaceWork {

    static final String RESERVATIONS_DUE =
            """
            SELECT id, space_id FROM reservations
            WHERE due_at IS NOT NULL AND due_at <= ? ORDER BY due_at LIMIT ?
            """;

    private static final Actor SPACES = Actor.system("spaces");

    /// What a lane received before that and commits later than what it received after it, is still
    /// looked at.
    private static final Duration MARGIN = Duration.ofSeconds(10);

    private final Database database;
    private final SpaceTurns turns;

    public SqlSpaceWork(SpaceTurns turns) {
        this.database = turns.database();
        this.turns = turns;
    }

    @Override
    public Map<DeviceId, Optional<String>> sensors() {
        return database.read(
                "read which sensors serve spaces",
                session -> {
                    var fields = new HashMap<DeviceId, Optional<String>>();
                    session.sql(
                                    """
                                    SELECT r.device_id, r.occupancy_field
                                    FROM spaces s JOIN sensor_devices r ON r.device_id = s.sensor_device_id
                                    WHERE s.sensor_device_id IS NOT NULL
                                    """)
                            .each(row ->
                                    fields.put(
                                            row.device(),
                                            Optional.ofNullable(row.maybeText("occupancy_field"))));
                    return fields;
                });
    }

    @Override
    public void see(List<Sighting> sightings, Instant now) {
        if (sightings.isEmpty()) {
            return;
        }
        // two nodes lock the spaces of a batch in the same order
        var ordered = new ArrayList<>(sightings);
        ordered.sort(Comparator.comparing(Sighting::sensor));
        database.write(
                "write what sensors said of spaces",
                session -> {
                    for (var sighting : ordered) {
                        see(session, sighting, now);
                    }
                    return ordered.size();
                });
    }

    private void see(Session session, Sighting sighting, Instant now) throws SQLException {
        var noted =
                session.sql(
                                """
                                UPDATE spaces SET sensor_state = ?, sensor_at = ?, sensor_sequence = ?
                                WHERE sensor_device_id = ?
                                    AND (sensor_at IS NULL OR sensor_at < ? OR sensor_at = ? AND sensor_sequence < ?)
                                """)
                        .set(sighting.occupancy().word())
                        .set(sighting.at())
                        .set(sighting.sequence())
                        .set(sighting.sensor())
                        .set(sighting.at())
                        .set(sighting.at())
                        .set(sighting.sequence())
                        .update();
        if (noted == 0) {
            return;
        }
        var space =
                session.sql("SELECT id FROM spaces WHERE sensor_device_id = ?")
                        .set(sighting.sensor())
                        .find(SpaceRows::id);
        if (space.isPresent()) {
            turns.settle(session, space.get(), Cause.sensor(sighting.sensor()), now);
        }
    }

    @Override
    public List<Behind> behind(@Nullable DeviceId after, int limit) {
        return database.read(
                "find sensors that said more",
                session ->
                        session.sql(
                                        """
                                        SELECT r.device_id, r.occupancy_field, s.sensor_at, s.sensor_sequence,
                                               d.current_state, d.state_since, d.last_updated
                                        FROM spaces s
                                        JOIN sensor_devices r ON r.device_id = s.sensor_device_id
                                        JOIN device_states d ON d.device_id = s.sensor_device_id
                                        WHERE s.sensor_device_id > ?
                                            AND (s.sensor_read_to IS NULL OR d.last_updated > s.sensor_read_to)
                                        ORDER BY s.sensor_device_id LIMIT ?
                                        """)
                                .set(after == null ? "" : after.value())
                                .set(limit)
                                .list(SqlSpaceWork::behind));
    }

    private static Behind behind(Row row) throws SQLException {
        return new Behind(
                row.device(),
                Optional.ofNullable(row.maybeText("occupancy_field")),
                row.maybeTime("sensor_at"),
                row.number("sensor_sequence"),
                new StateName(row.text("current_state")),
                row.time("state_since"),
                row.time("last_updated"));
    }

    @Override
    public void readTo(Collection<Behind> behind, Instant now) {
        if (behind.isEmpty()) {
            return;
        }
        var most = now.minus(MARGIN);
        database.write(
                "keep how far sensors were looked at",
                session -> {
                    var update =
                            session.sql(
                                    """
                                    UPDATE spaces SET sensor_read_to = ?
                                    WHERE sensor_device_id = ? AND (sensor_read_to IS NULL OR sensor_read_to < ?)
                                    """);
                    for (var one : behind) {
                        var to = one.updatedAt().isBefore(most) ? one.updatedAt() : most;
                        update.set(to).set(one.sensor()).set(to).add();
                    }
                    return update.batch();
                });
    }

    @Override
    public int settleLeft(Instant now, int limit) {
        return database.write(
                "settle spaces whose sensor was removed",
                session -> {
                    var left =
                            session.sql(
                                            """
                                            SELECT id FROM spaces
                                            WHERE sensor_device_id IS NULL AND sensor_state <> 'unknown'
                                            ORDER BY id LIMIT ?
                                            """)
                                    .set(limit)
                                    .list(SpaceRows::id);
                    for (var id : left) {
                        session.sql(
                                        """
                                        UPDATE spaces SET sensor_state = 'unknown', sensor_at = NULL, sensor_sequence = 0,
                                            sensor_read_to = NULL
                                        WHERE id = ? AND sensor_device_id IS NULL
                                        """)
                                .set(id.value())
                                .update();
                        turns.settle(session, id, Cause.cleanup("sensor removed"), now);
                    }
                    return left.size();
                });
    }

    @Override
    public int endOverrides(Instant now, int limit) {
        return database.write(
                "end overrides",
                session -> {
                    var over =
                            session.sql(
                                            """
                                            SELECT id FROM spaces WHERE override_until IS NOT NULL AND override_until <= ?
                                            ORDER BY override_until, id LIMIT ?
                                            """)
                                    .set(now)
                                    .set(limit)
                                    .list(SpaceRows::id);
                    for (var id : over) {
                        session.sql(
                                        """
                                        UPDATE spaces SET override_state = NULL, override_until = NULL, override_by = NULL
                                        WHERE id = ? AND override_until <= ?
                                        """)
                                .set(id.value())
                                .set(now)
                                .update();
                        if (SpaceRows.find(session, id).isPresent()) {
                            turns.settle(session, id, Cause.cleanup("override over"), now);
                        }
                    }
                    return over.size();
                });
    }

    @Override
    public int advanceReservations(Instant now, int limit) {
        record Due(UUID id, SpaceId space) {}
        return database.write(
                "begin and end reservations",
                session -> {
                    var due =
                            session.sql(RESERVATIONS_DUE)
                                    .set(now)
                                    .set(limit)
                                    .list(row ->
                                            new Due(
                                                    row.uuid("id"),
                                                    new SpaceId(row.uuid("space_id"))));
                    for (var one : due) {
                        advance(session, one.id(), one.space(), now);
                    }
                    return due.size();
                });
    }

    private void advance(Session session, UUID id, SpaceId space, Instant now) throws SQLException {
        var there = SpaceRows.lock(session, space).isPresent();
        var found = ReservationRows.find(session, new ReservationId(id));
        if (found.isEmpty()) {
            return;
        }
        var before = found.get();
        var after = before.at(now);
        if (after.status() == before.status()) {
            return; // another node was faster
        }
        ReservationRows.update(session, after);
        EventRows.append(database, session, List.of(SpaceEvents.reservation(after, SPACES, now)));
        if (there) {
            turns.settle(session, space, Cause.reservation(after), now);
        }
    }
}
