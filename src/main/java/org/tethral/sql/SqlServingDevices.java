package org.tethral.sql;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.device.DevEui;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Page;
import org.tethral.kernel.StorageException;
import org.tethral.space.Cause;
import org.tethral.space.DisplayDevice;
import org.tethral.space.LorawanDevice;
import org.tethral.space.Part;
import org.tethral.space.SensorDevice;
import org.tethral.space.ServingDevices;
import org.tethral.space.Space;
import org.tethral.space.SpaceId;

public final class SqlServingDevices implements ServingDevices {

    private static final String SENSORS = "sensors";
    private static final String DISPLAYS = "displays";

    private static final String SELECT_SENSOR =
            """
            SELECT r.device_id, r.dev_eui, r.join_eui, r.payload_decoder, r.application, r.network, r.occupancy_field,
                   v.community_id, s.id AS space_id
            FROM sensor_devices r
            JOIN devices v ON v.device_id = r.device_id
            LEFT JOIN spaces s ON s.sensor_device_id = r.device_id
            {where}
            """;

    private static final String SELECT_DISPLAY =
            "SELECT "
                    + DisplayRows.COLUMNS
                    + """
                    , v.community_id, (SELECT count(*) FROM spaces s WHERE s.display_device_id = d.device_id) AS spaces
                    FROM display_devices d
                    JOIN devices v ON v.device_id = d.device_id
                    {where}
                    """;

    private final Database database;
    private final SpaceTurns turns;

    public SqlServingDevices(SpaceTurns turns) {
        this.database = turns.database();
        this.turns = turns;
    }

    // --- what is entered

    @Override
    public Outcome put(SensorDevice sensor, Instant at) {
        return unlessRefused(
                sensor.devEui(),
                () ->
                        database.write(
                                "enter sensor " + sensor.device(),
                                session -> put(session, sensor, at)));
    }

    @FunctionalInterface
    private interface Attempt {
        Outcome run();
    }

    private static Outcome unlessRefused(@Nullable DevEui devEui, Attempt attempt) {
        try {
            return attempt.run();
        } catch (StorageException e) {
            if (e.getCause() instanceof SQLException reason) {
                if (devEui != null && SqlErrors.isDuplicate(reason)) {
                    return new Outcome.DevEuiTaken(devEui);
                }
                if (SqlErrors.isMissingReference(reason)) {
                    return new Outcome.NoSuchDevice();
                }
            }
            throw e;
        }
    }

    private static boolean isThere(Session session, Part part, DeviceId device)
            throws SQLException {
        return session.sql("SELECT count(*) FROM " + part.word() + "_devices WHERE device_id = ?")
                        .set(device)
                        .number()
                > 0;
    }

    private static Outcome put(Session session, SensorDevice sensor, Instant at)
            throws SQLException {
        var isNew = !isThere(session, Part.SENSOR, sensor.device());
        session.sql(
                        """
                        INSERT INTO sensor_devices (device_id, dev_eui, join_eui, payload_decoder, application, network,
                                                    occupancy_field, created_at)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                        ON CONFLICT (device_id) DO UPDATE
                        SET dev_eui = excluded.dev_eui, join_eui = excluded.join_eui,
                            payload_decoder = excluded.payload_decoder, application = excluded.application,
                            network = excluded.network, occupancy_field = excluded.occupancy_field
                        """)
                .set(sensor.device())
                .set(text(sensor.devEui()))
                .set(text(sensor.joinEui()))
                .set(sensor.payloadDecoder())
                .set(sensor.application())
                .set(sensor.network())
                .set(sensor.occupancyField())
                .set(at)
                .update();
        keepInStep(session, Part.SENSOR, sensor.device(), sensor.devEui());
        return new Outcome.Done(isNew);
    }

    private static @Nullable String text(@Nullable DevEui devEui) {
        return devEui == null ? null : devEui.value();
    }

    /// Elsewhere triggers do it.
    private static void keepInStep(
            Session session, Part part, DeviceId device, @Nullable DevEui devEui)
            throws SQLException {
        if (session.dialect() == Dialect.COCKROACHDB) {
            session.sql(
                            "UPDATE spaces SET "
                                    + part.word()
                                    + "_deveui = ? WHERE "
                                    + SpaceRows.column(part)
                                    + " = ?")
                    .set(text(devEui))
                    .set(device)
                    .update();
        }
    }

    @Override
    public Outcome put(DisplayDevice display, Actor by, Instant at) {
        return unlessRefused(
                display.devEui(),
                () ->
                        database.write(
                                "enter display " + display.device(),
                                session -> put(session, display, by, Micros.truncated(at))));
    }

    private Outcome put(Session session, DisplayDevice display, Actor by, Instant at)
            throws SQLException {
        var served = SpaceRows.served(session, Part.DISPLAY, display.device());
        var space =
                served.isEmpty()
                        ? Optional.<Space>empty()
                        : SpaceRows.lock(session, served.getFirst());
        var before = DisplayRows.lock(session, display.device());
        session.sql(
                        """
                        INSERT INTO display_devices (device_id, dev_eui, display_type, display_codes, fport,
                                                     confirmed_downlinks, application, network, created_at)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                        ON CONFLICT (device_id) DO UPDATE
                        SET dev_eui = excluded.dev_eui, display_type = excluded.display_type,
                            display_codes = excluded.display_codes, fport = excluded.fport,
                            confirmed_downlinks = excluded.confirmed_downlinks, application = excluded.application,
                            network = excluded.network
                        """)
                .set(display.device())
                .set(text(display.devEui()))
                .set(display.displayType().word())
                .set(DisplayRows.document(display.codes()))
                .set(display.fport())
                .set(display.confirmedDownlinks())
                .set(display.application())
                .set(display.network())
                .set(at)
                .update();
        keepInStep(session, Part.DISPLAY, display.device(), display.devEui());
        if (before.isPresent() && space.isPresent() && !before.get().about().equals(display)) {
            var state = space.get().state();
            turns.show(session, space.get(), state, Cause.cleanup(by.toString()), at, true);
        }
        return new Outcome.Done(before.isEmpty());
    }

    @Override
    public boolean removeSensor(DeviceId device) {
        return remove(Part.SENSOR, device);
    }

    @Override
    public boolean removeDisplay(DeviceId device) {
        return remove(Part.DISPLAY, device);
    }

    private boolean remove(Part part, DeviceId device) {
        return database.write(
                        "remove " + part.word() + " " + device,
                        session ->
                                session.sql(
                                                "DELETE FROM "
                                                        + part.word()
                                                        + "_devices WHERE device_id = ?")
                                        .set(device)
                                        .update())
                > 0;
    }

    // --- what is there

    @Override
    public Optional<LorawanDevice> find(DevEui devEui) {
        return database.read(
                "find the device of DevEUI " + devEui,
                session ->
                        session.sql(
                                        """
                                        SELECT device_id, payload_decoder, application, network, 0 AS display
                                        FROM sensor_devices WHERE dev_eui = ?
                                        UNION ALL
                                        SELECT device_id, NULL, application, network, 1 AS display
                                        FROM display_devices WHERE dev_eui = ?
                                        ORDER BY display
                                        """)
                                .set(devEui.value())
                                .set(devEui.value())
                                .find(row ->
                                        new LorawanDevice(
                                                devEui,
                                                row.device(),
                                                row.maybeText("payload_decoder"),
                                                row.maybeText("application"),
                                                row.maybeText("network"))));
    }

    @Override
    public List<LorawanDevice> enabled(int limit) {
        return database.read(
                "list the devices of LoRaWAN networks",
                session ->
                        session.sql(
                                        """
                                        SELECT r.device_id, r.dev_eui, r.application, r.network
                                        FROM (SELECT device_id, dev_eui, application, network FROM sensor_devices
                                              UNION ALL
                                              SELECT device_id, dev_eui, application, network FROM display_devices) r
                                        JOIN devices v ON v.device_id = r.device_id
                                        WHERE r.dev_eui IS NOT NULL AND v.enabled = %s
                                        LIMIT ?
                                        """
                                                .formatted(session.dialect().choose("1", "TRUE")))
                                .set(limit)
                                .list(row ->
                                        new LorawanDevice(
                                                new DevEui(row.text("dev_eui")),
                                                row.device(),
                                                null,
                                                row.maybeText("application"),
                                                row.maybeText("network"))));
    }

    @Override
    public Optional<Sensor> sensor(DeviceId device) {
        return database.read(
                "find sensor " + device,
                session ->
                        new Where()
                                .equal("r.device_id", device.value())
                                .in(session, SELECT_SENSOR)
                                .find(SqlServingDevices::sensor));
    }

    private static Sensor sensor(Row row) throws SQLException {
        var space = row.maybeUuid("space_id");
        return new Sensor(
                new SensorDevice(
                        row.device(),
                        SpaceRows.devEui(row, "dev_eui"),
                        SpaceRows.devEui(row, "join_eui"),
                        row.maybeText("payload_decoder"),
                        row.maybeText("application"),
                        row.maybeText("network"),
                        row.maybeText("occupancy_field")),
                row.maybeCommunity(),
                space == null ? null : new SpaceId(space));
    }

    @Override
    public Optional<Display> display(DeviceId device) {
        return database.read(
                "find display " + device,
                session ->
                        new Where()
                                .equal("d.device_id", device.value())
                                .in(session, SELECT_DISPLAY)
                                .find(SqlServingDevices::display));
    }

    private static Display display(Row row) throws SQLException {
        return new Display(DisplayRows.read(row), row.maybeCommunity(), (int) row.number("spaces"));
    }

    @Override
    public Page<Sensor> sensors(Filter filter, Page.Request page) {
        var where = of(filter.community());
        if (filter.orphans()) {
            where.and("s.id IS NULL", _ -> {});
        }
        var after = Cursor.decode(SENSORS, 1, page);
        if (after != null) {
            where.and("r.device_id > ?", sql -> sql.set(after.text(0)));
        }
        var rows =
                database.read(
                        "list sensors",
                        session ->
                                where.in(session, SELECT_SENSOR + "ORDER BY r.device_id LIMIT ?")
                                        .set(page.limit() + 1)
                                        .list(SqlServingDevices::sensor));
        return Cursor.page(SENSORS, rows, page, one -> Cursor.of(one.about().device().value()));
    }

    private static Where of(@Nullable CommunityId community) {
        return new Where().equal("v.community_id", community == null ? null : community.value());
    }

    @Override
    public Page<Display> displays(Filter filter, Page.Request page) {
        var where = of(filter.community());
        if (filter.orphans()) {
            where.and(
                    "NOT EXISTS (SELECT 1 FROM spaces s WHERE s.display_device_id = d.device_id)",
                    _ -> {});
        }
        var after = Cursor.decode(DISPLAYS, 1, page);
        if (after != null) {
            where.and("d.device_id > ?", sql -> sql.set(after.text(0)));
        }
        var rows =
                database.read(
                        "list displays",
                        session ->
                                where.in(session, SELECT_DISPLAY + "ORDER BY d.device_id LIMIT ?")
                                        .set(page.limit() + 1)
                                        .list(SqlServingDevices::display));
        return Cursor.page(DISPLAYS, rows, page, one -> Cursor.of(one.about().device().value()));
    }
}
