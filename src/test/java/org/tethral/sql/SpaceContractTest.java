package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.tethral.account.CommunityId;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.kernel.StorageException;
import org.tethral.space.Location;
import org.tethral.space.LocationId;
import org.tethral.space.LocationStore;
import org.tethral.space.ManualState;
import org.tethral.space.Occupancy;
import org.tethral.space.Part;
import org.tethral.space.Reservation;
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
        var twin = Space.made(new SpaceId(UUID.randomUUID()), second.about(), START);
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
        assertThat(
                        spaces.assignments(space.id(), Page.Request.first(10))
                                .items()
                                .getFirst()
                                .until())
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
        execute(
                "UPDATE sensor_devices SET dev_eui = ? WHERE device_id = ?",
                "AAAABBBBCCCCDDDD",
                sensor.value());
        assertThat(devEui(sensor)).isEqualTo("AAAABBBBCCCCDDDD");
        execute(
                "UPDATE spaces SET sensor_deveui = ? WHERE sensor_device_id = ?",
                "0000000000000000",
                sensor.value());
        assertThat(devEui(sensor)).as("nobody can write another one").isEqualTo("AAAABBBBCCCCDDDD");
        execute("UPDATE sensor_devices SET dev_eui = NULL WHERE device_id = ?", sensor.value());
        assertThat(devEui(sensor)).isNull();
        var other = sensor();
        execute(
                "UPDATE spaces SET sensor_device_id = ? WHERE sensor_device_id = ?",
                other.value(),
                sensor.value());
        assertThat(devEui(other))
                .isEqualTo(devices.sensor(other).orElseThrow().about().devEui().value());
        execute("DELETE FROM sensor_devices WHERE device_id = ?", other.value());
        assertThat(now(space).serving()).isEqualTo(Space.Serving.NONE);
        assertThatThrownBy(() ->
                        execute(
                                "UPDATE sensor_devices SET dev_eui = ? WHERE device_id = ?",
                                "nonsense",
                                sensor.value()))
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
}
