package org.tethral.sql;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.device.DevEui;
import org.tethral.device.DeviceId;
import org.tethral.space.LocationId;
import org.tethral.space.ManualState;
import org.tethral.space.Occupancy;
import org.tethral.space.Part;
import org.tethral.space.Space;
import org.tethral.space.SpaceId;
import org.tethral.space.SpaceState;

/// The rows of `spaces`.
final class SpaceRows {

    static final String SELECT =
            """
            SELECT id, community_id, location_id, name, code, sensor_device_id, display_device_id, sensor_deveui,
                   display_deveui, current_state, sensor_state, display_state, state_since, override_state,
                   override_until, override_by, maintenance, metadata, created_at, version
            FROM spaces {where}
            """;

    private SpaceRows() {}

    static Space read(Row row) throws SQLException {
        var location = row.maybeUuid("location_id");
        var shown = row.maybeText("display_state");
        return new Space(
                id(row),
                new Space.About(
                        row.text("name"),
                        row.text("code"),
                        location == null ? null : new LocationId(location),
                        row.maybeCommunity(),
                        row.document("metadata")),
                new Space.Serving(
                        device(row, "sensor_device_id"),
                        devEui(row, "sensor_deveui"),
                        device(row, "display_device_id"),
                        devEui(row, "display_deveui")),
                SpaceState.parse(row.text("current_state")),
                row.time("state_since"),
                Occupancy.parse(row.text("sensor_state")),
                shown == null ? null : SpaceState.parse(shown),
                manual(row),
                row.flag("maintenance"),
                row.time("created_at"),
                row.number("version"));
    }

    static SpaceId id(Row row) throws SQLException {
        return new SpaceId(row.uuid("id"));
    }

    private static @Nullable ManualState manual(Row row) throws SQLException {
        var state = row.maybeText("override_state");
        return state == null
                ? null
                : new ManualState(
                        SpaceState.parse(state),
                        row.maybeTime("override_until"),
                        Actor.parse(row.text("override_by")));
    }

    static @Nullable DeviceId device(Row row, String column) throws SQLException {
        var id = row.maybeText(column);
        return id == null ? null : new DeviceId(id);
    }

    static @Nullable DevEui devEui(Row row, String column) throws SQLException {
        var text = row.maybeText(column);
        return text == null ? null : new DevEui(text);
    }

    static Optional<Space> find(Session session, SpaceId id) throws SQLException {
        return new Where().equal("id", id.value()).in(session, SELECT).find(SpaceRows::read);
    }

    /// Nobody else changes it until this is committed.
    static Optional<Space> lock(Session session, SpaceId id) throws SQLException {
        return new Where()
                .equal("id", id.value())
                .in(session, SELECT + session.dialect().choose("", " FOR UPDATE"))
                .find(SpaceRows::read);
    }

    static List<SpaceId> served(Session session, Part part, DeviceId device) throws SQLException {
        return session.sql("SELECT id FROM spaces WHERE " + column(part) + " = ? ORDER BY id")
                .set(device)
                .list(SpaceRows::id);
    }

    static List<SpaceState> statesAt(Session session, DeviceId display) throws SQLException {
        return session.sql("SELECT current_state FROM spaces WHERE display_device_id = ?")
                .set(display)
                .list(row -> SpaceState.parse(row.text("current_state")));
    }

    static String column(Part part) {
        return part.word() + "_device_id";
    }

    static void insert(Session session, Space space) throws SQLException {
        var about = space.about();
        session.sql(
                        """
                        INSERT INTO spaces (id, community_id, location_id, name, code, current_state, state_since,
                                            metadata, created_at, version)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """)
                .set(space.id().value())
                .set(about.community())
                .set(about.location() == null ? null : about.location().value())
                .set(about.name())
                .set(about.code())
                .set(space.state().word())
                .set(space.stateSince())
                .set(about.metadata())
                .set(space.createdAt())
                .set(space.version())
                .update();
    }
}
