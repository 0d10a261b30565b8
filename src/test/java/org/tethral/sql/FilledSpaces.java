package org.tethral.sql;

import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.device.DevEui;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.space.DisplayDevice;
import org.tethral.space.DisplayType;
import org.tethral.space.Location;
import org.tethral.space.LocationId;
import org.tethral.space.Occupancy;
import org.tethral.space.Part;
import org.tethral.space.Reservation;
import org.tethral.space.ReservationId;
import org.tethral.space.SensorDevice;
import org.tethral.space.Sighting;
import org.tethral.space.Space;
import org.tethral.space.SpaceId;
import org.tethral.space.SpaceStore;

/// A space with all that belongs to one, as the stores write it.
final class FilledSpaces {

    private static final Instant NOW = TestDatabase.NOW;
    private static final Actor ANN = Actor.session("ann");

    private FilledSpaces() {}

    /// @param sensor a device that is there
    /// @param display another one
    static void fill(Database database, DeviceId sensor, DeviceId display) {
        var turns = new SpaceTurns(database, new SplittableRandom(8));
        var devices = new SqlServingDevices(turns);
        var eui = new DevEui("70B3D57ED0001234");
        devices.put(new SensorDevice(sensor, eui, eui, "codec", "1", "n", "occupied"), NOW);
        var type = DisplayType.KUANDO_BUSYLIGHT;
        devices.put(
                new DisplayDevice(display, null, type, type.usualCodes(), 15, true, "1", "n"),
                ANN,
                NOW);
        var site = new LocationId(new UUID(7, 2));
        var floor = new LocationId(new UUID(7, 1)); // before its site in the order of ids
        var locations = new SqlLocationStore(database);
        locations.add(location(site, null, Location.Kind.SITE));
        locations.add(location(floor, site, Location.Kind.FLOOR));
        var spaces = new SqlSpaceStore(turns);
        var id = new SpaceId(new UUID(7, 3));
        var about =
                new Space.About(
                        "Lot 7",
                        "P-7",
                        floor,
                        CommunityId.DEFAULT,
                        Document.of("tariff", Value.of("day")));
        spaces.add(Space.made(id, about, NOW), ANN);
        var act = new SpaceStore.Act(ANN, NOW, null);
        spaces.assign(id, Part.SENSOR, sensor, "new", act);
        spaces.assign(id, Part.DISPLAY, display, "new", act);
        new SqlSpaceWork(turns).see(List.of(new Sighting(sensor, NOW, 1, Occupancy.OCCUPIED)), NOW);
        new SqlReservationStore(turns)
                .add(
                        new Reservation(
                                new ReservationId(new UUID(7, 4)),
                                id,
                                CommunityId.DEFAULT,
                                NOW.plusSeconds(60),
                                NOW.plusSeconds(120),
                                "Ann",
                                Reservation.Status.CONFIRMED,
                                "filled",
                                Document.EMPTY,
                                ANN,
                                NOW,
                                NOW));
    }

    private static Location location(LocationId id, LocationId parent, Location.Kind kind) {
        return new Location(
                id, parent, kind, kind.word(), "c", 52.5, 13.25, CommunityId.DEFAULT, NOW, 1);
    }
}
