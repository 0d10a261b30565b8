package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.sql.Devices.ACTOR;
import static org.tethral.sql.Devices.NOW;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.tethral.device.Credential;
import org.tethral.device.Device;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore;
import org.tethral.device.DeviceStore.Addition;
import org.tethral.device.DeviceStore.Change;
import org.tethral.device.Lifecycle;
import org.tethral.device.Status;
import org.tethral.event.EventLog;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;

@EachEngine
class DeviceStoreTest {

    private final Database database;
    private final DeviceStore store;
    private final EventLog events;

    DeviceStoreTest(TestDatabase test) {
        this.database = test.database();
        this.store = new SqlDeviceStore(database);
        this.events = new SqlEventLog(database);
    }

    @Test
    void givesBackWhatWasAdded() {
        var profile = Devices.profile("pumps");
        new SqlProfileStore(database).add(profile);
        var device = Devices.full("pump süd 7", profile.id());
        assertThat(store.add(device, null, ACTOR)).isEqualTo(new Addition.Added(device));
        assertThat(store.find(device.deviceId())).contains(device);
        assertThat(store.find(new DeviceId("pump süd 8"))).isEmpty();
    }

    @Test
    void startsWithAnEmptyStateAndTheConfigurationOfItsProfile() {
        var profile = Devices.profile("configured");
        new SqlProfileStore(database).add(profile);
        var device = Devices.full("configured-1", profile.id());
        store.add(device, null, ACTOR);
        var states =
                database.read(
                        "read",
                        session ->
                                session.sql("SELECT * FROM device_states WHERE device_id = ?")
                                        .set(device.deviceId())
                                        .list(row -> {
                                            assertThat(row.uuid("id")).isEqualTo(device.id());
                                            assertThat(row.text("current_state"))
                                                    .isEqualTo("unknown");
                                            assertThat(row.time("state_since")).isEqualTo(NOW);
                                            assertThat(row.document("reported"))
                                                    .isEqualTo(Document.EMPTY);
                                            return row.document("configuration");
                                        }));
        assertThat(states).containsExactly(profile.defaultConfiguration());
    }

    @Test
    void keepsTheFirstOfTwoDevicesWithOneId() {
        var first = Devices.full("twice", null);
        store.add(first, null, ACTOR);
        assertThat(store.add(Devices.plain("twice"), null, ACTOR))
                .isEqualTo(new Addition.IdTaken(new DeviceId("twice")));
        assertThat(store.find(first.deviceId())).contains(first);
        assertThat(types("twice")).containsExactly("device.registered");
    }

    @Test
    void letsOneOfManyWinWhoAddTheSameIdAtOnce() {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var additions =
                    IntStream.range(0, 8)
                            .mapToObj(_ ->
                                    CompletableFuture.supplyAsync(
                                            () -> store.add(Devices.plain("raced"), null, ACTOR),
                                            threads))
                            .toList()
                            .stream()
                            .map(CompletableFuture::join)
                            .toList();
            assertThat(additions).filteredOn(Addition.Added.class::isInstance).hasSize(1);
            assertThat(additions).filteredOn(Addition.IdTaken.class::isInstance).hasSize(7);
        }
    }

    @Test
    void addsADeviceTogetherWithItsCredentialOrNotAtAll() {
        var credentials = new SqlCredentialStore(database);
        var credential = Devices.credential("with-token", Credential.Type.TOKEN, "token-a");
        store.add(Devices.plain("with-token"), credential, ACTOR);
        assertThat(credentials.list(new DeviceId("with-token"))).containsExactly(credential);

        var second = Devices.credential("with-same-token", Credential.Type.TOKEN, "token-a");
        assertThat(store.add(Devices.plain("with-same-token"), second, ACTOR))
                .isEqualTo(new Addition.IdentityTaken());
        assertThat(store.find(new DeviceId("with-same-token"))).isEmpty();
        assertThat(types("with-same-token")).isEmpty();
    }

    @Test
    void addsManyWhoseIdsAreFreeAndAnswersInTheirOrder() {
        Devices.add(database, "many-00002");
        var devices =
                new ArrayList<>(IntStream.range(0, 2_500).mapToObj(i -> numbered(i)).toList());
        devices.add(numbered(7));
        var additions = store.addAll(devices, ACTOR);
        assertThat(additions).hasSize(2_501);
        assertThat(additions.get(0)).isEqualTo(new Addition.Added(devices.get(0)));
        assertThat(additions.get(2)).isEqualTo(new Addition.IdTaken(new DeviceId("many-00002")));
        assertThat(additions.get(2_500))
                .isEqualTo(new Addition.IdTaken(new DeviceId("many-00007")));
        assertThat(additions).filteredOn(Addition.Added.class::isInstance).hasSize(2_499);
        assertThat(store.find(new DeviceId("many-02499"))).contains(devices.get(2_499));
        assertThat(types("many-01234")).containsExactly("device.registered");
        assertThat(count("SELECT count(*) FROM devices d JOIN device_states s ON s.id = d.id"))
                .isEqualTo(count("SELECT count(*) FROM devices"));
    }

    private static Device numbered(int i) {
        return Devices.plain("many-%05d".formatted(i));
    }

    @Test
    void changesOnlyTheVersionThatWasSeen() {
        var device = Devices.plain("changing");
        store.add(device, null, ACTOR);
        var full = Devices.full("changing", null).about();
        var changed = device.changed(full, false, NOW.plusSeconds(5));
        assertThat(store.change(changed, ACTOR)).isEqualTo(new Change.Changed(changed));
        assertThat(store.find(device.deviceId())).contains(changed);

        var stale = device.changed(Device.About.named("stale"), true, NOW.plusSeconds(6));
        assertThat(store.change(stale, ACTOR)).isEqualTo(new Change.VersionIsNow(2));
        assertThat(store.find(device.deviceId())).contains(changed);
        assertThat(types("changing")).containsExactly("device.updated", "device.registered");

        assertThat(store.change(Devices.plain("nobody").changed(full, true, NOW), ACTOR))
                .isEqualTo(new Change.Unknown(new DeviceId("nobody")));
    }

    @Test
    void keepsPresenceWhenPeopleChangeADevice() {
        var device = Devices.plain("present");
        store.add(device, null, ACTOR);
        execute(
                "UPDATE devices SET status = 'online', is_online = %s, health_score = 70 WHERE device_id = 'present'"
                        .formatted(database.dialect().choose("1", "TRUE")));
        var answer = store.change(device.changed(device.about(), true, NOW), ACTOR);
        assertThat(answer)
                .isInstanceOfSatisfying(
                        Change.Changed.class,
                        changed -> {
                            assertThat(changed.device().presence().status())
                                    .isEqualTo(Status.ONLINE);
                            assertThat(changed.device().presence().healthScore()).isEqualTo(70);
                        });
    }

    @Test
    void recordsEachMoveOfTheLifeCycleSoThatTheyJoinUp() {
        var device = Devices.plain("moving");
        store.add(device, null, ACTOR);
        var inService = device.moved(Lifecycle.MAINTENANCE, NOW.plusSeconds(1));
        assertThat(store.move(inService, "leaks", ACTOR)).isEqualTo(new Change.Changed(inService));
        assertThat(store.move(device.moved(Lifecycle.TESTING, NOW), "stale", ACTOR))
                .isEqualTo(new Change.VersionIsNow(2));
        store.move(
                inService.moved(Lifecycle.DECOMMISSIONED, NOW.plusSeconds(2)),
                "beyond repair",
                ACTOR);
        assertThat(store.lifecycle(device.deviceId()))
                .containsExactly(
                        new DeviceStore.LifecycleMove(
                                Lifecycle.ACTIVE,
                                Lifecycle.MAINTENANCE,
                                "leaks",
                                ACTOR,
                                NOW.plusSeconds(1)),
                        new DeviceStore.LifecycleMove(
                                Lifecycle.MAINTENANCE,
                                Lifecycle.DECOMMISSIONED,
                                "beyond repair",
                                ACTOR,
                                NOW.plusSeconds(2)));
        assertThat(types("moving"))
                .containsExactly("device.lifecycle", "device.lifecycle", "device.registered");
        assertThat(store.move(Devices.plain("nobody").moved(Lifecycle.TESTING, NOW), "x", ACTOR))
                .isEqualTo(new Change.Unknown(new DeviceId("nobody")));
    }

    @Test
    void addsManyInSeconds() {
        var devices =
                IntStream.range(0, 20_000).mapToObj(i -> Devices.full("bulk-" + i, null)).toList();
        var started = System.nanoTime();
        var additions = new HashSet<>(store.addAll(devices, ACTOR));
        var took = Duration.ofNanos(System.nanoTime() - started);
        System.out.println(
                database.dialect() + ": 20,000 devices added in " + took.toMillis() + " ms");
        assertThat(additions).hasSize(20_000).allMatch(Addition.Added.class::isInstance);
        assertThat(took).isLessThan(Duration.ofSeconds(20));
    }

    private List<String> types(String id) {
        return events
                .list(
                        new EventLog.Filter(null, null, null, new DeviceId(id), null, null, null),
                        Page.Request.first(100))
                .items()
                .stream()
                .map(logged -> logged.event().type().value())
                .toList();
    }

    private long count(String statement) {
        return database.read("count", session -> session.sql(statement).number());
    }

    private void execute(String statement) {
        database.write("change", session -> session.sql(statement).update());
    }
}
