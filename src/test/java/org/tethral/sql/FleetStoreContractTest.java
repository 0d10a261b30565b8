package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.tethral.sql.Devices.NOW;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tethral.account.CommunityId;
import org.tethral.alert.Alert;
import org.tethral.alert.Severity;
import org.tethral.dashboard.Dashboard;
import org.tethral.dashboard.FleetCounts;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.Device;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore.History;
import org.tethral.device.Lifecycle;
import org.tethral.device.Link;
import org.tethral.device.Profile;
import org.tethral.device.Protocol;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// What a fleet's dashboard shows agrees with what is there, whatever is done to it.
@EachEngine
class FleetStoreContractTest {

    private static final CommunityId OTHER = new CommunityId(new UUID(7, 7));

    /// Each writer draws ids of its own.
    private static final AtomicLong SEEDS = new AtomicLong(1);

    private final Database database;
    private final SqlFleetStore fleet;
    private final SqlDeviceStore registry;

    FleetStoreContractTest(TestDatabase test) {
        this.database = test.database();
        this.fleet = new SqlFleetStore(database);
        this.registry = new SqlDeviceStore(database);
    }

    @BeforeEach
    void anotherCommunity() {
        database.write(
                "add a community",
                session ->
                        session.sql(
                                        """
                                        INSERT INTO communities (id, name, created_at) VALUES (?, 'other', ?)
                                        ON CONFLICT (id) DO NOTHING
                                        """)
                                .set(OTHER)
                                .set(NOW)
                                .update());
    }

    private void assertAgreement() {
        for (var community : new CommunityId[] {null, CommunityId.DEFAULT, OTHER}) {
            assertThat(fleet.maintained(community))
                    .as("community %s", community)
                    .isEqualTo(fleet.counted(community));
        }
        assertThat(fleet.maintained(null).isPossible()).isTrue();
    }

    @Test
    void countsWhateverIsDoneInWhateverOrder() {
        assumeThat(fleet.maintains()).isTrue();
        var seed = new Random().nextLong();
        var random = new SplittableRandom(seed);
        try (var acts = new Acts("acts", random)) {
            for (int i = 0; i < 300; i++) {
                acts.next();
                if (i % 20 == 0) {
                    assertThat(fleet.maintained(null))
                            .as("seed %d, after %d acts", seed, i + 1)
                            .isEqualTo(fleet.counted(null));
                }
                if (random.nextInt(10) == 0) {
                    fleet.sumUp(1 + random.nextInt(20));
                }
            }
        }
        assertAgreement();
        assertThat(fleet.repair()).as("seed %d", seed).isZero();
        assertThat(fleet.maintained(null).devices()).isPositive();
    }

    @Test
    void countsWhatSeveralNodesDoAtTheSameTime() throws Exception {
        var nodes = new ArrayList<CompletableFuture<Void>>();
        for (var name : List.of("n1", "n2", "n3")) {
            nodes.add(
                    CompletableFuture.runAsync(() -> {
                        try (var acts = new Acts(name, new SplittableRandom(name.hashCode()))) {
                            for (int i = 0; i < 120; i++) {
                                acts.next();
                            }
                        }
                    }));
            nodes.add(
                    CompletableFuture.runAsync(() -> {
                        for (int i = 0; i < 60; i++) {
                            fleet.sumUp(7);
                            assertThat(fleet.maintained(null).isPossible()).isTrue();
                        }
                    }));
        }
        for (var node : nodes) {
            node.get(60, TimeUnit.SECONDS);
        }
        assertAgreement();
    }

    @Test
    void correctsCountsThatAreWrongOnce() throws Exception {
        assumeThat(fleet.maintains()).isTrue();
        try (var acts = new Acts("wrong", new SplittableRandom(5))) {
            for (int i = 0; i < 30; i++) {
                acts.next();
            }
        }
        while (fleet.sumUp(100) > 0) {}
        database.write(
                "break",
                session ->
                        session.sql("UPDATE fleet_counts SET online = online + 3, devices = 0")
                                .update());
        var repairs =
                List.of(
                        CompletableFuture.supplyAsync(fleet::repair),
                        CompletableFuture.supplyAsync(fleet::repair));
        var corrected = 0;
        for (var repair : repairs) {
            corrected += repair.get(10, TimeUnit.SECONDS);
        }
        assertThat(corrected)
                .isEqualTo(database.read("count", FleetStoreContractTest::communities));
        assertAgreement();
    }

    private static int communities(Session session) throws java.sql.SQLException {
        return (int) session.sql("SELECT count(*) FROM fleet_counts").number();
    }

    @Test
    void countsMessagesThatSayWhatIsKeptByMinuteAndCommunity() {
        var mine = added("talks", CommunityId.DEFAULT);
        var theirs = added("speaks", OTHER);
        var before = messages(null, NOW);
        try (var ingest = ingest("counts", NOW)) {
            ingest.start();
            var link = new Link(UUID.randomUUID(), Protocol.MQTT, null, "counts");
            offer(ingest, new Inbound.Connected(mine, NOW, link));
            for (int i = 0; i < 5; i++) {
                offer(ingest, report(mine, NOW.plusMillis(i)));
            }
            offer(ingest, report(theirs, NOW));
            offer(ingest, new Inbound.Heartbeat(mine, NOW.plusSeconds(1)));
        }
        try (var ingest = ingest("counts", NOW.plusSeconds(120))) {
            ingest.start();
            offer(ingest, report(theirs, NOW));
        }
        assertThat(messages(null, NOW) - before).isEqualTo(7);
        assertThat(messages(OTHER, NOW)).isEqualTo(2);
        assertThat(messages(OTHER, NOW.plusSeconds(60))).isEqualTo(1);
        fleet.forgetMessages(NOW.plusSeconds(60));
        assertThat(messages(OTHER, NOW)).isEqualTo(1);
    }

    private long messages(@Nullable CommunityId community, Instant since) {
        return fleet.messages(community, since);
    }

    @Test
    void listsOpenAlertsNewestFirstWithTheNamesOfTheirDevices() {
        added("lamp", OTHER);
        var ids = new ArrayList<UUID>();
        for (int i = 0; i < 3; i++) {
            ids.addFirst(trigger("lamp", OTHER, NOW.plusSeconds(1_000 + i)));
        }
        var open = fleet.openAlerts(OTHER, 2);
        assertThat(open).extracting(one -> one.alert().id()).isEqualTo(ids.subList(0, 2));
        assertThat(open).extracting(one -> one.deviceName()).containsOnly("The lamp");
        new SqlAlertStore(database)
                .resolve(ids.getFirst(), new Alert.Resolution(NOW, Devices.ACTOR, "mended"));
        assertThat(fleet.openAlerts(OTHER, 9))
                .extracting(one -> one.alert().id())
                .doesNotContain(ids.getFirst());
        assertAgreement();
    }

    @Test
    void saysTheSameCountedAnewWhereWhatIsKeptIsNotTrusted() {
        added("counted", OTHER);
        var kept = new Dashboard(fleet, () -> true, InstantSource.fixed(NOW));
        var counted = new Dashboard(fleet, () -> false, InstantSource.fixed(NOW));
        assertThat(counted.statistics(OTHER, false).value())
                .isEqualTo(kept.statistics(OTHER, false).value());
        assertThat(counted.statistics(OTHER, false).value().counts())
                .isNotEqualTo(FleetCounts.NONE);
    }

    // --- what is done

    private ConnectingDevice added(String id, CommunityId community) {
        registry.add(device(id, community), null, Devices.ACTOR);
        return connecting(id, community);
    }

    private static Device device(String id, CommunityId community) {
        return Devices.with(id, in(Device.About.named("The " + id), community));
    }

    private static Device.About in(Device.About about, CommunityId community) {
        return new Device.About(
                about.name(),
                about.deviceType(),
                about.profile(),
                about.protocol(),
                about.manufacturer(),
                about.model(),
                about.firmwareVersion(),
                about.capabilities(),
                about.metadata(),
                about.location(),
                community,
                about.distributor(),
                about.customer());
    }

    private static ConnectingDevice connecting(String id, CommunityId community) {
        return new ConnectingDevice(
                new DeviceId(id),
                community,
                true,
                Profile.HEARTBEAT_INTERVAL_DEFAULT,
                Profile.OFFLINE_AFTER_DEFAULT);
    }

    private UUID trigger(String device, CommunityId community, Instant at) {
        var id = UUID.randomUUID();
        database.write(
                "trigger",
                session ->
                        AlertRows.trigger(
                                session,
                                new Alert(
                                        id,
                                        UUID.randomUUID(),
                                        new DeviceId(device),
                                        community,
                                        at.getEpochSecond() % 2 == 0
                                                ? Severity.CRITICAL
                                                : Severity.WARNING,
                                        1.0,
                                        "m",
                                        at,
                                        null,
                                        null)));
        return id;
    }

    private Ingest ingest(String node, Instant now) {
        return new Ingest(
                SqlJournal.lanes(database),
                lane ->
                        SqlJournal.open(
                                database,
                                node,
                                lane,
                                new SplittableRandom(SEEDS.incrementAndGet())),
                InstantSource.fixed(now),
                new SimpleMeterRegistry());
    }

    private static Inbound report(ConnectingDevice device, Instant at) {
        return new Inbound.Report(
                device,
                at,
                List.of(new Inbound.Measurement(at, null, Document.of("t", Value.of(1)))));
    }

    private static Answer offer(Ingest ingest, Inbound message) {
        return ingest.submit(message).orTimeout(20, TimeUnit.SECONDS).join();
    }

    /// Registry, devices and rules at work on the same few devices, by chance.
    private final class Acts implements AutoCloseable {

        private final String prefix;
        private final RandomGenerator random;
        private final Ingest ingest;
        private final List<UUID> alerts = new ArrayList<>();
        private Instant now = NOW;

        Acts(String prefix, RandomGenerator random) {
            this.prefix = prefix;
            this.random = random;
            this.ingest = ingest(prefix, NOW);
            ingest.start();
        }

        void next() {
            now = now.plusSeconds(1 + random.nextInt(40));
            var id = prefix + "-" + random.nextInt(12);
            var community = random.nextBoolean() ? CommunityId.DEFAULT : OTHER;
            var found = registry.find(new DeviceId(id));
            if (found.isEmpty()) {
                registry.add(device(id, community), null, Devices.ACTOR);
                return;
            }
            var device = found.get();
            var own = connecting(id, community);
            switch (random.nextInt(10)) {
                case 0 -> registry.remove(device.deviceId(), history(), Devices.ACTOR, now);
                case 1 ->
                        registry.change(
                                device.changed(
                                        in(device.about(), community), random.nextBoolean(), now),
                                Devices.ACTOR);
                case 2 -> registry.move(device.moved(lifecycle(), now), "acts", Devices.ACTOR);
                case 3 -> offer(ingest, new Inbound.Silent(own, now.plus(Duration.ofDays(1))));
                case 4 -> rate(id);
                case 5, 6 -> alerts.add(trigger(id, community, now));
                case 7 -> resolve();
                default -> offer(ingest, report(own, now));
            }
            ingest.forget(device.deviceId());
        }

        private History history() {
            return random.nextBoolean() ? History.KEEP : History.PURGE;
        }

        private Lifecycle lifecycle() {
            return random.nextBoolean() ? Lifecycle.DECOMMISSIONED : Lifecycle.ACTIVE;
        }

        private void rate(String id) {
            database.write(
                    "rate",
                    session ->
                            session.sql("UPDATE devices SET health_score = ? WHERE device_id = ?")
                                    .set(random.nextInt(101))
                                    .set(id)
                                    .update());
        }

        private void resolve() {
            if (!alerts.isEmpty()) {
                new SqlAlertStore(database)
                        .resolve(
                                alerts.get(random.nextInt(alerts.size())),
                                new Alert.Resolution(now, Devices.ACTOR, "acts"));
            }
        }

        @Override
        public void close() {
            ingest.close();
        }
    }
}
