package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.tethral.account.CommunityId;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.kernel.StorageException;
import org.tethral.space.ActuationStep;
import org.tethral.space.ActuationStore;
import org.tethral.space.Cause;
import org.tethral.space.Location;
import org.tethral.space.LocationId;
import org.tethral.space.LocationStore;
import org.tethral.space.ManualState;
import org.tethral.space.Occupancy;
import org.tethral.space.Part;
import org.tethral.space.Reservation;
import org.tethral.space.ReservationStore;
import org.tethral.space.SensorDevice;
import org.tethral.space.ServingDevices;
import org.tethral.space.Space;
import org.tethral.space.SpaceId;
import org.tethral.space.SpaceState;
import org.tethral.space.SpaceStore;
import org.tethral.space.SpaceWork;

@EachEngine
class SpaceContractTest extends SpaceRig {

    SpaceContractTest(TestDatabase test) {
        super(test);
    }

    // --- from the sensor to the display

    @Test
    void tellsTheDisplayWhatItsSensorSaysAndKeepsTheTrail() {
        var sensor = sensor();
        var display = display(true);
        var space = space(sensor, display);
        see(sensor, second(1), Occupancy.OCCUPIED);
        assertThat(now(space).state()).isEqualTo(SpaceState.OCCUPIED);
        assertThat(now(space).stateSince()).isEqualTo(second(1));
        var claims = send(second(2));
        assertThat(claims).hasSize(1);
        var downlink = claims.getFirst().downlink();
        assertThat(downlink.payload().hex()).isEqualTo("FF00006400");
        assertThat(downlink.fport()).isEqualTo(15);
        assertThat(downlink.confirmed()).isTrue();
        assertThat(downlink.lorawan().application()).isEqualTo("1");
        hear(second(3), claims, claim -> new ActuationStep.Transmitted(item(claim), second(3)));
        assertThat(now(space).displayState()).isNull();
        hear(second(4), claims, claim -> new ActuationStep.Answered(item(claim), true, second(4)));
        assertThat(now(space).displayState()).isEqualTo(SpaceState.OCCUPIED);
        var actuation = trail(space).getLast();
        assertThat(actuation.course().word()).isEqualTo("confirmed");
        assertThat(actuation.previous()).isEqualTo(SpaceState.UNKNOWN);
        assertThat(actuation.responseTime()).isEqualTo(Duration.ofSeconds(3));
        assertThat(actuation.cause()).isEqualTo(Cause.sensor(sensor));
        assertThat(told(space)).contains("space.assigned", "space.state_changed");
    }

    private static UUID item(ActuationStore.Claim claim) {
        return claim.downlink().queueItemId();
    }

    @Test
    void changesNothingForReportsThatComeLateOrAgain() {
        var sensor = sensor();
        var space = space(sensor, null);
        see(sensor, second(10), 5, Occupancy.OCCUPIED);
        see(sensor, second(5), 6, Occupancy.FREE);
        see(sensor, second(10), 5, Occupancy.FREE);
        assertThat(now(space).state()).isEqualTo(SpaceState.OCCUPIED);
        see(sensor, second(10), 7, Occupancy.FREE);
        assertThat(now(space).state()).isEqualTo(SpaceState.FREE);
        assertThat(words(space))
                .containsExactly("sensor_uplink occupied none", "sensor_uplink free none");
    }

    @Test
    void supersedesWhatWasNotSentYet() {
        var sensor = sensor();
        var space = space(sensor, display(false));
        see(sensor, second(1), Occupancy.OCCUPIED);
        see(sensor, second(2), Occupancy.FREE);
        var claims = send(second(3));
        assertThat(claims).extracting(claim -> claim.downlink().state())
                .containsExactly(SpaceState.FREE);
        assertThat(words(space))
                .containsExactly(
                        "sensor_uplink occupied superseded", "sensor_uplink free sent");
    }

    @Test
    void sendsTheNewerOnlyWhenTheNetworkHasTheOlder() {
        var sensor = sensor();
        var space = space(sensor, display(false));
        see(sensor, second(1), Occupancy.OCCUPIED);
        var first = actuations.look(second(1), 100).claims();
        assertThat(first).hasSize(1);
        see(sensor, second(2), Occupancy.FREE);
        assertThat(actuations.look(second(2), 100).claims()).isEmpty();
        hear(second(3), first, claim -> new ActuationStep.Taken(item(claim), Duration.ofMinutes(2)));
        var second = send(second(4));
        assertThat(second).hasSize(1);
        assertThat(second.getFirst().outdated()).containsExactly(item(first.getFirst()));
        hear(second(5), second, claim -> new ActuationStep.Transmitted(item(claim), second(5)));
        // late news of the older one says nothing of what is shown now
        hear(second(6), first, claim -> new ActuationStep.Transmitted(item(claim), second(4)));
        assertThat(now(space).displayState()).isEqualTo(SpaceState.FREE);
    }

    @Test
    void givesWhatANodeTookAndNeverSentToAnother() {
        var sensor = sensor();
        var space = space(sensor, display(false));
        see(sensor, second(1), Occupancy.OCCUPIED);
        assertThat(actuations.look(second(1), 100).claims()).hasSize(1);
        assertThat(actuations.look(second(2), 100).claims()).isEmpty();
        assertThat(actuations.look(second(20), 100).claims()).isEmpty();
        var again = send(second(23));
        assertThat(again).hasSize(1);
        assertThat(again.getFirst().actuation().course().attempts()).isEqualTo(2);
        assertThat(words(space)).containsExactly("sensor_uplink occupied sent");
    }

    @Test
    void isClaimedByOneNodeOnly() throws Exception {
        var sensors = new ArrayList<Space>();
        for (int i = 0; i < 20; i++) {
            var sensor = sensor();
            sensors.add(space(sensor, display(false)));
            see(sensor, second(1), Occupancy.OCCUPIED);
        }
        var claimed = new AtomicInteger();
        var threads = new ArrayList<Thread>();
        for (int node = 0; node < 4; node++) {
            threads.add(
                    Thread.ofVirtual()
                            .start(() ->
                                    claimed.addAndGet(
                                            (int)
                                                    actuations.look(second(2), 100).claims().stream()
                                                            .filter(claim ->
                                                                    sensors.stream()
                                                                            .anyMatch(space -> isOf(claim, space)))
                                                            .count())));
        }
        for (var thread : threads) {
            thread.join();
        }
        assertThat(claimed).hasValue(20);
    }

    private static boolean isOf(ActuationStore.Claim claim, Space space) {
        return claim.actuation().space().equals(space.id());
    }

    @Test
    void showsASharedDisplayFreeUntilTheLastSpaceIsTaken() {
        var one = sensor();
        var other = sensor();
        var display = display(false);
        var first = space(one, display);
        var second = space(other, display);
        see(one, second(1), Occupancy.FREE);
        see(other, second(2), Occupancy.FREE);
        see(one, second(3), Occupancy.OCCUPIED);
        assertThat(words(first)).endsWith("sensor_uplink occupied none");
        see(other, second(4), Occupancy.OCCUPIED);
        var claims = send(second(5));
        assertThat(claims).extracting(claim -> claim.downlink().state())
                .containsExactly(SpaceState.OCCUPIED);
        hear(second(6), claims, claim -> new ActuationStep.Transmitted(item(claim), second(6)));
        assertThat(now(first).displayState()).isEqualTo(SpaceState.OCCUPIED);
        assertThat(now(second).displayState()).isEqualTo(SpaceState.OCCUPIED);
        // without the second it shows what the first is, and that is no news
        done(spaces.assign(second.id(), Part.DISPLAY, null, "moved", act(second(7))));
        see(one, second(8), Occupancy.FREE);
        assertThat(send(second(9))).hasSize(1);
    }

    @Test
    void tellsADisplayAgainThatComesBackAfterItWasGivenUp() {
        var sensor = sensor();
        var display = display(false);
        var space = space(sensor, display);
        see(sensor, second(1), Occupancy.OCCUPIED);
        var claims = actuations.look(second(1), 100).claims();
        hear(second(2), claims, claim -> new ActuationStep.Refused(item(claim), "too far", true));
        assertThat(actuations.inTheDark()).contains(display);
        assertThat(told(space)).endsWith("actuation.failed");
        assertThat(actuations.tellAgain(List.of(display), second(3))).isEqualTo(1);
        assertThat(actuations.tellAgain(List.of(display), second(3))).isZero();
        var again = send(second(4));
        assertThat(again).extracting(claim -> claim.downlink().state())
                .containsExactly(SpaceState.OCCUPIED);
        assertThat(words(space))
                .containsExactly("sensor_uplink occupied failed", "system_cleanup occupied sent");
        assertThat(actuations.inTheDark()).doesNotContain(display);
        var failed = new ActuationStore.Filter(null, space.id(), null, null, true, null, null);
        assertThat(actuations.list(failed, Page.Request.first(10)).items()).hasSize(1);
    }

    @Test
    void remembersWhatASensorSaidThatNobodyLookedAt() {
        var sensor = sensor();
        var space = space(sensor, null);
        var behind = behindOf(sensor);
        assertThat(behind).hasSize(1);
        work.readTo(behind, START.plus(Duration.ofDays(1)));
        assertThat(behindOf(sensor)).isEmpty();
        database.write(
                "report",
                session ->
                        session.sql("UPDATE device_states SET last_updated = ? WHERE device_id = ?")
                                .set(second(5))
                                .set(sensor)
                                .update());
        assertThat(behindOf(sensor)).hasSize(1);
        // of the last seconds something may still come
        work.readTo(behindOf(sensor), second(6));
        assertThat(behindOf(sensor)).hasSize(1);
        assertThat(now(space).state()).isEqualTo(SpaceState.UNKNOWN);
    }

    private List<SpaceWork.Behind> behindOf(DeviceId sensor) {
        return work.behind(null, 1_000).stream()
                .filter(one -> one.sensor().equals(sensor))
                .toList();
    }

    // --- by hand

    @Test
    void prefersMaintenanceToOverridesAndEndsTheseInTime() {
        var sensor = sensor();
        var space = space(sensor, null);
        see(sensor, second(1), Occupancy.OCCUPIED);
        var manual = new ManualState(SpaceState.FREE, second(60), ANN);
        assertThat(done(spaces.override(space.id(), manual, act(second(2)))).state())
                .isEqualTo(SpaceState.FREE);
        assertThat(done(spaces.maintain(space.id(), true, act(second(3)))).state())
                .isEqualTo(SpaceState.MAINTENANCE);
        see(sensor, second(4), Occupancy.FREE);
        see(sensor, second(5), Occupancy.OCCUPIED);
        assertThat(done(spaces.maintain(space.id(), false, act(second(6)))).state())
                .isEqualTo(SpaceState.FREE);
        assertThat(work.endOverrides(second(59), 100)).isZero();
        assertThat(work.endOverrides(second(60), 100)).isEqualTo(1);
        assertThat(now(space).state()).isEqualTo(SpaceState.OCCUPIED);
        assertThat(now(space).manual()).isNull();
        assertThat(words(space))
                .containsExactly(
                        "sensor_uplink occupied none",
                        "manual_override free none",
                        "manual_override maintenance none",
                        "manual_override free none",
                        "system_cleanup occupied none");
    }

    @Test
    void keepsWhoServedASpaceThroughASwap() {
        var old = sensor();
        var fresh = sensor();
        var space = space(old, null);
        see(old, second(1), Occupancy.OCCUPIED);
        done(spaces.assign(space.id(), Part.SENSOR, fresh, "battery empty", act(second(2))));
        see(old, second(3), Occupancy.FREE);
        assertThat(now(space).state()).isEqualTo(SpaceState.UNKNOWN);
        see(fresh, second(4), Occupancy.FREE);
        assertThat(now(space).state()).isEqualTo(SpaceState.FREE);
        var history = spaces.assignments(space.id(), Page.Request.first(10)).items();
        assertThat(history).extracting(one -> one.device()).containsExactly(fresh, old);
        assertThat(history.getLast().until()).isEqualTo(second(2));
        assertThat(history.getLast().endReason()).isEqualTo("battery empty");
        assertThat(history.getFirst().until()).isNull();
        assertThat(devices.sensor(old).orElseThrow().space()).isNull();
        var orphans = new ServingDevices.Filter(null, true);
        assertThat(devices.sensors(orphans, Page.Request.first(1_000)).items())
                .extracting(one -> one.about().device())
                .contains(old)
                .doesNotContain(fresh);
    }

    @Test
    void refusesWhatCannotServe() {
        var sensor = sensor();
        var first = space(sensor, null);
        var second = space();
        assertThat(spaces.assign(second.id(), Part.SENSOR, sensor, null, act(START)))
                .isEqualTo(new SpaceStore.Outcome.ServesAnother(first.id()));
        var plain = fleet.add(fresh("plain")).id();
        assertThat(spaces.assign(second.id(), Part.DISPLAY, plain, null, act(START)))
                .isEqualTo(new SpaceStore.Outcome.NothingThere("display"));
        var elsewhere =
                Space.made(
                        new SpaceId(UUID.randomUUID()),
                        new Space.About("x", fresh("X"), null, null, Document.EMPTY),
                        START);
        done(spaces.add(elsewhere, ANN));
        assertThat(spaces.assign(elsewhere.id(), Part.SENSOR, sensor(), null, act(START)))
                .as("of another community")
                .isEqualTo(new SpaceStore.Outcome.NothingThere("sensor"));
        var stale = new SpaceStore.Act(ANN, START, 7L);
        assertThat(spaces.maintain(second.id(), true, stale))
                .isEqualTo(new SpaceStore.Outcome.VersionIsNow(1));
        var twin =
                Space.made(new SpaceId(UUID.randomUUID()), second.about(), START);
        assertThat(spaces.add(twin, ANN))
                .isEqualTo(new SpaceStore.Outcome.CodeTaken(second.about().code()));
        assertThat(spaces.remove(new SpaceId(UUID.randomUUID()), act(START)))
                .isEqualTo(new SpaceStore.Outcome.Unknown());
        var taken = devices.sensor(sensor).orElseThrow().about().devEui();
        assertThat(devices.put(new SensorDevice(plain, taken, null, null, null, null, null), START))
                .isEqualTo(new ServingDevices.Outcome.DevEuiTaken(taken));
    }

    @Test
    void leavesItsHistoriesWhenItIsRemoved() {
        var sensor = sensor();
        var space = space(sensor, null);
        see(sensor, second(1), Occupancy.OCCUPIED);
        var booked = reservation(space, 100, 200, null);
        reservations.add(booked);
        done(spaces.remove(space.id(), act(second(2))));
        assertThat(spaces.find(space.id())).isEmpty();
        assertThat(trail(space)).isNotEmpty();
        assertThat(spaces.assignments(space.id(), Page.Request.first(10)).items().getFirst().until())
                .isEqualTo(second(2));
        assertThat(reservations.find(booked.id()).orElseThrow().status())
                .isEqualTo(Reservation.Status.CANCELLED);
        assertThat(devices.sensor(sensor).orElseThrow().space()).isNull();
    }

    @Test
    void hasLocationsThatAreNeverInsideOfThemselves() {
        var site = location(null, Location.Kind.SITE);
        var floor = location(site.id(), Location.Kind.FLOOR);
        assertThat(locations.add(of(floor.id(), Location.Kind.BUILDING, 1)))
                .isEqualTo(new LocationStore.Outcome.NoSuchParent());
        assertThat(locations.remove(site.id())).isEqualTo(new LocationStore.Outcome.InUse());
        assertThat(locations.remove(floor.id())).isInstanceOf(LocationStore.Outcome.Done.class);
        var children = new LocationStore.Filter(null, site.id(), null);
        assertThat(locations.list(children, Page.Request.first(10)).items()).isEmpty();
    }

    private Location location(LocationId parent, Location.Kind kind) {
        var location = of(parent, kind, 1);
        assertThat(locations.add(location)).isEqualTo(new LocationStore.Outcome.Done(location));
        return location;
    }

    private Location of(LocationId parent, Location.Kind kind, long version) {
        return new Location(
                new LocationId(UUID.randomUUID()),
                parent,
                kind,
                fresh("loc"),
                null,
                52.5,
                13.25,
                CommunityId.DEFAULT,
                START,
                version);
    }

    // --- what the database does by itself

    @Test
    void keepsDevEuisInStepWhoeverWrites() {
        assumeThat(database.dialect()).isNotEqualTo(Dialect.COCKROACHDB);
        var sensor = sensor();
        var space = space(sensor, null);
        assertThat(now(space).serving().sensorDevEui())
                .isEqualTo(devices.sensor(sensor).orElseThrow().about().devEui());
        execute("UPDATE sensor_devices SET dev_eui = ? WHERE device_id = ?", "AAAABBBBCCCCDDDD", sensor.value());
        assertThat(devEui(sensor)).isEqualTo("AAAABBBBCCCCDDDD");
        execute("UPDATE spaces SET sensor_deveui = ? WHERE sensor_device_id = ?", "0000000000000000", sensor.value());
        assertThat(devEui(sensor)).as("nobody can write another one").isEqualTo("AAAABBBBCCCCDDDD");
        execute("UPDATE sensor_devices SET dev_eui = NULL WHERE device_id = ?", sensor.value());
        assertThat(devEui(sensor)).isNull();
        var other = sensor();
        execute("UPDATE spaces SET sensor_device_id = ? WHERE sensor_device_id = ?", other.value(), sensor.value());
        assertThat(devEui(other))
                .isEqualTo(devices.sensor(other).orElseThrow().about().devEui().value());
        execute("DELETE FROM sensor_devices WHERE device_id = ?", other.value());
        assertThat(now(space).serving()).isEqualTo(Space.Serving.NONE);
        assertThatThrownBy(() -> execute("UPDATE sensor_devices SET dev_eui = ? WHERE device_id = ?", "nonsense", sensor.value()))
                .isInstanceOf(StorageException.class);
    }

    private String devEui(DeviceId sensor) {
        return text("SELECT sensor_deveui AS value FROM spaces WHERE sensor_device_id = ?", sensor);
    }

    @Test
    void losesADeviceThatIsRemovedAndSettles() {
        assumeThat(database.dialect()).isNotEqualTo(Dialect.COCKROACHDB);
        var sensor = sensor();
        var space = space(sensor, null);
        see(sensor, second(1), Occupancy.OCCUPIED);
        var registry = new SqlDeviceStore(database);
        assertThat(registry.remove(sensor, DeviceStore.History.KEEP, ANN, second(2))).isTrue();
        assertThat(work.settleLeft(second(3), 100)).isEqualTo(1);
        assertThat(now(space).state()).isEqualTo(SpaceState.UNKNOWN);
        var history = spaces.assignments(space.id(), Page.Request.first(10)).items();
        assertThat(history.getFirst().until()).isNotNull();
        assertThat(history.getFirst().endReason()).isEqualTo("removed");
    }

    // --- reservations

    @Test
    void reservesASpaceForOneOfAHundredWhoTryAtOnce() throws Exception {
        var space = space();
        var outcomes = new ArrayList<ReservationStore.Outcome>();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < 100; i++) {
            var asked = reservation(space, 100 + i, 300 + i, "race-" + space.id() + i);
            threads.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                var outcome = reservations.add(asked);
                                synchronized (outcomes) {
                                    outcomes.add(outcome);
                                }
                            }));
        }
        for (var thread : threads) {
            thread.join();
        }
        assertThat(outcomes).hasSize(100);
        assertThat(outcomes)
                .filteredOn(ReservationStore.Outcome.Done.class::isInstance)
                .hasSize(1);
        assertThat(outcomes)
                .filteredOn(ReservationStore.Outcome.Overlaps.class::isInstance)
                .hasSize(99);
        assertThat(reservations.booked(space.id(), START, second(1_000))).hasSize(1);
    }

    /// Past the program, as somebody with a shell would.
    @Test
    void refusesOverlapsByTheDatabaseItself() throws Exception {
        assumeThat(database.dialect()).isNotEqualTo(Dialect.COCKROACHDB);
        var space = space();
        var refused = new AtomicInteger();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < 100; i++) {
            var asked = reservation(space, 100 + i, 300 + i, null);
            threads.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    database.write(
                                            "insert past the store",
                                            session -> {
                                                ReservationRows.insert(session, asked);
                                                return 0;
                                            });
                                } catch (StorageException e) {
                                    refused.incrementAndGet();
                                }
                            }));
        }
        for (var thread : threads) {
            thread.join();
        }
        assertThat(refused).hasValue(99);
        var kept = reservations.booked(space.id(), START, second(1_000)).getFirst();
        reservations.cancel(kept.id(), ANN, START);
        var beside = reservation(space, 0, 100, null);
        var next = reservation(space, 100, 200, null);
        assertThat(reservations.add(beside)).isInstanceOf(ReservationStore.Outcome.Done.class);
        assertThat(reservations.add(next)).isInstanceOf(ReservationStore.Outcome.Done.class);
        assertThatThrownBy(
                        () ->
                                database.write(
                                        "bring it back",
                                        session ->
                                                session.sql(
                                                                "UPDATE reservations SET status = 'active' WHERE id = ?")
                                                        .set(kept.id().value())
                                                        .update()))
                .isInstanceOf(StorageException.class);
    }

    @Test
    void givesTheSameAnswerToTheSameRequest() throws Exception {
        var space = space();
        var outcomes = new ArrayList<ReservationStore.Outcome>();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < 20; i++) {
            var asked = reservation(space, 100, 200, "same-" + space.id());
            threads.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                var outcome = reservations.add(asked);
                                synchronized (outcomes) {
                                    outcomes.add(outcome);
                                }
                            }));
        }
        for (var thread : threads) {
            thread.join();
        }
        assertThat(outcomes)
                .filteredOn(ReservationStore.Outcome.Done.class::isInstance)
                .hasSize(1);
        assertThat(outcomes)
                .filteredOn(ReservationStore.Outcome.Repeated.class::isInstance)
                .hasSize(19);
        assertThat(reservations.add(reservation(space, 300, 400, "same-" + space.id())))
                .isEqualTo(new ReservationStore.Outcome.RequestIdTaken());
    }

    @Test
    void beginsAndEndsReservationsAndTellsTheDisplay() {
        var sensor = sensor();
        var space = space(sensor, display(false));
        see(sensor, second(1), Occupancy.FREE);
        var booked = reservation(space, 100, 200, null);
        assertThat(reservations.add(booked))
                .isEqualTo(new ReservationStore.Outcome.Done(booked));
        advance(second(99));
        assertThat(now(space).state()).isEqualTo(SpaceState.FREE);
        advance(second(100));
        assertThat(now(space).state()).isEqualTo(SpaceState.RESERVED);
        see(sensor, second(150), Occupancy.OCCUPIED);
        assertThat(now(space).state()).isEqualTo(SpaceState.RESERVED);
        advance(second(200));
        assertThat(now(space).state()).isEqualTo(SpaceState.OCCUPIED);
        assertThat(reservations.find(booked.id()).orElseThrow().status())
                .isEqualTo(Reservation.Status.COMPLETED);
        assertThat(words(space))
                .containsExactly(
                        "sensor_uplink free superseded",
                        "api_reservation reserved superseded",
                        "reservation_expired occupied queued");
        assertThat(told(space))
                .containsSubsequence(
                        "reservation.confirmed", "reservation.activated", "reservation.completed");
    }

    private void advance(Instant now) {
        while (work.advanceReservations(now, 100) > 0) {
            // others of this class may be due, too
        }
    }

    @Test
    void freesTheSpaceWhenAReservationIsCancelled() {
        var space = space(sensor(), null);
        var booked = reservation(space, -10, 200, null);
        reservations.add(booked);
        assertThat(now(space).state()).isEqualTo(SpaceState.RESERVED);
        assertThat(reservations.cancel(booked.id(), ANN, second(5)))
                .isInstanceOf(ReservationStore.Outcome.Done.class);
        assertThat(now(space).state()).isEqualTo(SpaceState.UNKNOWN);
        assertThat(reservations.cancel(booked.id(), ANN, second(6)))
                .isInstanceOf(ReservationStore.Outcome.IsOver.class);
        assertThat(reservations.add(reservation(space, 0, 100, null)))
                .isInstanceOf(ReservationStore.Outcome.Done.class);
    }
}
