package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.device.DevEui;
import org.tethral.device.DeviceId;
import org.tethral.event.Event;
import org.tethral.event.EventLog;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.space.Actuation;
import org.tethral.space.ActuationStep;
import org.tethral.space.ActuationStore;
import org.tethral.space.DisplayDevice;
import org.tethral.space.DisplayType;
import org.tethral.space.Occupancy;
import org.tethral.space.Part;
import org.tethral.space.Reservation;
import org.tethral.space.ReservationId;
import org.tethral.space.SensorDevice;
import org.tethral.space.ServingDevices;
import org.tethral.space.Sighting;
import org.tethral.space.Space;
import org.tethral.space.SpaceId;
import org.tethral.space.SpaceStore;

/// Spaces with their devices on real tables; time is an argument.
abstract class SpaceRig {

    static final Instant START = TestDatabase.NOW;
    static final Actor ANN = Actor.session("ann");
    private static int names;

    final Database database;
    final TestDatabase test;
    final Fleet fleet;
    final SpaceTurns turns;
    final SqlSpaceStore spaces;
    final SqlSpaceWork work;
    final SqlReservationStore reservations;
    final SqlActuationStore actuations;
    final SqlServingDevices devices;
    final SqlLocationStore locations;
    private final SplittableRandom random = new SplittableRandom(++names);

    SpaceRig(TestDatabase test) {
        this.test = test;
        this.database = test.database();
        this.fleet = new Fleet(database);
        this.turns = new SpaceTurns(database, random.split());
        this.spaces = new SqlSpaceStore(turns);
        this.work = new SqlSpaceWork(turns);
        this.reservations = new SqlReservationStore(turns);
        this.actuations = new SqlActuationStore(turns);
        this.devices = new SqlServingDevices(turns);
        this.locations = new SqlLocationStore(database);
    }

    static Instant second(long seconds) {
        return START.plusSeconds(seconds);
    }

    static SpaceStore.Act act(Instant at) {
        return new SpaceStore.Act(ANN, at, null);
    }

    String fresh(String what) {
        return what + "-" + ++names;
    }

    DevEui freshEui() {
        return new DevEui("%016X".formatted(0x70B3D50000000000L + ++names));
    }

    DeviceId sensor() {
        var id = fleet.add(fresh("sensor")).id();
        devices.put(new SensorDevice(id, freshEui(), null, null, "1", null, null), START);
        return id;
    }

    DeviceId display(boolean confirmed) {
        var id = fleet.add(fresh("display")).id();
        var type = DisplayType.KUANDO_BUSYLIGHT;
        var display =
                new DisplayDevice(
                        id, freshEui(), type, type.usualCodes(), 15, confirmed, "1", null);
        assertThat(devices.put(display, ANN, START))
                .isEqualTo(new ServingDevices.Outcome.Done(true));
        return id;
    }

    Space space() {
        var code = fresh("A");
        var about = new Space.About("Lot " + code, code, null, CommunityId.DEFAULT, Document.EMPTY);
        return done(
                spaces.add(
                        Space.made(
                                new SpaceId(new UUID(random.nextLong(), random.nextLong())),
                                about,
                                START),
                        ANN));
    }

    Space space(@Nullable DeviceId sensor, @Nullable DeviceId display) {
        var space = space();
        if (sensor != null) {
            space = done(spaces.assign(space.id(), Part.SENSOR, sensor, "new", act(START)));
        }
        if (display != null) {
            space = done(spaces.assign(space.id(), Part.DISPLAY, display, "new", act(START)));
        }
        return space;
    }

    static Space done(SpaceStore.Outcome outcome) {
        assertThat(outcome).isInstanceOf(SpaceStore.Outcome.Done.class);
        return ((SpaceStore.Outcome.Done) outcome).space();
    }

    Space now(Space space) {
        return spaces.find(space.id()).orElseThrow();
    }

    void see(DeviceId sensor, Instant at, Occupancy occupancy) {
        see(sensor, at, 1 + at.getEpochSecond() - START.getEpochSecond(), occupancy);
    }

    void see(DeviceId sensor, Instant at, long sequence, Occupancy occupancy) {
        work.see(List.of(new Sighting(sensor, at, sequence, occupancy)), at);
    }

    Reservation reservation(Space space, int from, int to, @Nullable String requestId) {
        return new Reservation(
                new ReservationId(new UUID(random.nextLong(), random.nextLong())),
                space.id(),
                space.about().community(),
                second(from),
                second(to),
                "Ann",
                Reservation.Status.CONFIRMED,
                requestId,
                Document.EMPTY,
                ANN,
                START,
                START);
    }

    /// Oldest first.
    List<Actuation> trail(Space space) {
        var filter = new ActuationStore.Filter(null, space.id(), null, null, false, null, null);
        return actuations.list(filter, Page.Request.first(100)).items().reversed();
    }

    List<String> words(Space space) {
        return trail(space).stream()
                .map(one ->
                        one.cause().trigger().word()
                                + " "
                                + one.next().word()
                                + " "
                                + one.course().word())
                .toList();
    }

    /// Sends what is due as a network would that takes it at once.
    List<ActuationStore.Claim> send(Instant now) {
        var claims = actuations.look(now, 100).claims();
        hear(
                now,
                claims,
                claim ->
                        new ActuationStep.Taken(
                                claim.downlink().queueItemId(), Duration.ofMinutes(2)));
        return claims;
    }

    @FunctionalInterface
    interface Reaction {
        ActuationStep to(ActuationStore.Claim claim);
    }

    void hear(Instant now, List<ActuationStore.Claim> claims, Reaction reaction) {
        var news = new ArrayList<ActuationStore.News>();
        for (var claim : claims) {
            news.add(new ActuationStore.News(claim.downlink().queueItemId(), reaction.to(claim)));
        }
        actuations.heard(news, now);
    }

    /// What became of everything about these spaces, in the order of the log.
    List<String> told(Space space) {
        return new SqlEventLog(database)
                .list(EventLog.Filter.ALL, Page.Request.first(1_000)).items().reversed().stream()
                        .map(Event.Logged::event)
                        .filter(event ->
                                event.data()
                                        .text("space_id")
                                        .equals(Optional.of(space.id().toString())))
                        .map(event -> event.type().value())
                        .toList();
    }

    int execute(String sql, String... texts) {
        return database.write(
                sql,
                session -> {
                    var statement = session.sql(sql);
                    for (var text : texts) {
                        statement.set(text);
                    }
                    return statement.update();
                });
    }

    @Nullable String text(String sql, DeviceId device) {
        return database.read(
                sql,
                session ->
                        session.sql(sql).set(device).list(SpaceRig::first).stream()
                                .findFirst()
                                .flatMap(value -> value)
                                .orElse(null));
    }

    private static Optional<String> first(Row row) throws SQLException {
        return Optional.ofNullable(row.maybeText("value"));
    }
}
