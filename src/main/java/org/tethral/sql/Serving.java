package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.device.DeviceId;
import org.tethral.space.Cause;
import org.tethral.space.Occupancy;
import org.tethral.space.Part;
import org.tethral.space.Space;
import org.tethral.space.SpaceEvents;
import org.tethral.space.SpaceStore;

/// Devices begin and cease to serve spaces: the columns of `spaces`, the rows of
/// `space_assignments`, and the events, inside one transaction.
final class Serving {

    private Serving() {}

    /// Why the device cannot serve the space.
    static Optional<SpaceStore.Outcome> obstacle(
            Session session, Space space, Part part, DeviceId device) throws SQLException {
        var registry = part.word() + "_devices";
        var ofCommunity =
                session.sql(
                                """
                                SELECT d.community_id FROM %s r JOIN devices d ON d.device_id = r.device_id
                                WHERE r.device_id = ?
                                """
                                        .formatted(registry))
                        .set(device)
                        .list(row -> Optional.ofNullable(row.maybeCommunity()));
        var wanted = Optional.ofNullable(space.about().community());
        if (!ofCommunity.contains(wanted)) {
            return Optional.of(new SpaceStore.Outcome.NothingThere(part.word()));
        }
        return switch (part) {
            case SENSOR ->
                    SpaceRows.served(session, part, device).stream()
                            .<SpaceStore.Outcome>map(SpaceStore.Outcome.ServesAnother::new)
                            .findFirst();
            case DISPLAY -> Optional.empty();
        };
    }

    /// From now on the device that serves it serves it no more.
    static void release(
            Session session,
            SpaceTurns turns,
            Space space,
            Part part,
            @Nullable String reason,
            Actor by,
            Instant at)
            throws SQLException {
        var device = space.serving().device(part);
        if (device == null) {
            return;
        }
        session.sql(
                        """
                        UPDATE space_assignments SET unassigned_at = ?, unassign_reason = ?, unassigned_by = ?
                        WHERE space_id = ? AND part = ? AND unassigned_at IS NULL
                        """)
                .set(at)
                .set(reason)
                .set(by.toString())
                .set(space.id().value())
                .set(part.word())
                .update();
        put(session, space, part, null);
        EventRows.append(
                turns.database(),
                session,
                List.of(SpaceEvents.unassigned(space, part, device, by, at)));
        if (part == Part.DISPLAY) {
            leave(session, turns, space, device, by, at);
        }
    }

    /// A display that serves others goes on with what they are; one that serves nobody is told
    /// nothing more.
    private static void leave(
            Session session, SpaceTurns turns, Space space, DeviceId display, Actor by, Instant at)
            throws SQLException {
        var others = SpaceRows.served(session, Part.DISPLAY, display);
        if (others.isEmpty()) {
            if (DisplayRows.lock(session, display).isPresent()) {
                DisplayRows.want(session, display, null);
                turns.overtake(session, display, at);
            }
            return;
        }
        var other = SpaceRows.find(session, others.getFirst());
        if (other.isPresent() && !other.get().id().equals(space.id())) {
            var state = other.get().state();
            turns.show(session, other.get(), state, Cause.cleanup(by.toString()), at, false);
        }
    }

    static void take(
            Session session,
            SpaceTurns turns,
            Space space,
            Part part,
            DeviceId device,
            @Nullable String reason,
            Actor by,
            Instant at)
            throws SQLException {
        put(session, space, part, device);
        session.sql(
                        """
                        INSERT INTO space_assignments (id, space_id, device_id, part, assigned_at, reason, actor)
                        VALUES (?, ?, ?, ?, ?, ?, ?)
                        """)
                .set(turns.newId(at))
                .set(space.id().value())
                .set(device)
                .set(part.word())
                .set(at)
                .set(reason)
                .set(by.toString())
                .update();
        EventRows.append(
                turns.database(),
                session,
                List.of(SpaceEvents.assigned(space, part, device, by, at)));
    }

    private static void put(Session session, Space space, Part part, @Nullable DeviceId device)
            throws SQLException {
        switch (part) {
            case SENSOR -> {
                var said = device == null ? null : said(session, device);
                session.sql(
                                """
                                UPDATE spaces SET sensor_device_id = ?, sensor_state = ?, sensor_at = NULL,
                                    sensor_sequence = 0, sensor_read_to = NULL,
                                    sensor_deveui = (SELECT dev_eui FROM sensor_devices WHERE device_id = ?)
                                WHERE id = ?
                                """)
                        .set(device)
                        .set(said == null ? "unknown" : said.word())
                        .set(device)
                        .set(space.id().value())
                        .update();
            }
            case DISPLAY ->
                    session.sql(
                                    """
                                    UPDATE spaces SET display_device_id = ?, display_state = NULL,
                                        display_deveui = (SELECT dev_eui FROM display_devices WHERE device_id = ?)
                                    WHERE id = ?
                                    """)
                            .set(device)
                            .set(device)
                            .set(space.id().value())
                            .update();
        }
    }

    /// What the sensor said last, so that its new space does not begin by knowing nothing.
    private static @Nullable Occupancy said(Session session, DeviceId sensor) throws SQLException {
        return session.sql(
                        """
                        SELECT s.reported, s.current_state, r.occupancy_field
                        FROM device_states s JOIN sensor_devices r ON r.device_id = s.device_id
                        WHERE s.device_id = ?
                        """)
                .set(sensor)
                .find(row -> {
                    var field = row.maybeText("occupancy_field");
                    var said = Occupancy.of(row.document("reported"), field);
                    return Optional.ofNullable(
                            said == null ? Occupancy.ofWord(row.text("current_state")) : said);
                })
                .flatMap(said -> said)
                .orElse(null);
    }
}
