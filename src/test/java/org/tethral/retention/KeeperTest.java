package org.tethral.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.Device;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore.History;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.sql.Fleet;
import org.tethral.sql.SqlDeviceStore;
import org.tethral.sql.SqlEventLog;
import org.tethral.sql.SqlJournal;
import org.tethral.sql.SqlRetention;
import org.tethral.sql.TestDatabase;
import org.tethral.sql.Verify;

class KeeperTest {

    private static final Instant NOW = TestDatabase.NOW;
    private static final InstantSource CLOCK = InstantSource.fixed(NOW);

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    private Keeper keeper(TestDatabase test, Policy policy, List<Device> removed) {
        return new Keeper(
                new SqlRetention(test.database()), () -> policy, removed::add, "n", CLOCK, meters);
    }

    private static Inbound report(DeviceId id, Instant at, int value) {
        return new Inbound.Report(
                ConnectingDevice.named(id),
                at,
                List.of(new Inbound.Measurement(at, null, Document.of("t", Value.of(value)))));
    }

    private static Ingest ingest(TestDatabase test) {
        var ingest =
                new Ingest(
                        SqlJournal.lanes(test.database()),
                        lane ->
                                SqlJournal.open(
                                        test.database(), "n", lane, new SplittableRandom(lane)),
                        CLOCK,
                        new SimpleMeterRegistry());
        ingest.start();
        return ingest;
    }

    @ParameterizedTest
    @MethodSource("org.tethral.sql.TestDatabases#engines")
    void removesWhatIsTooOldWhileReportsAreTakenAtOnce(TestDatabase test) throws Exception {
        try (test;
                var ingest = ingest(test)) {
            var devices = new Fleet(test.database()).addAll("d", 20);
            var answers = new ArrayList<java.util.concurrent.CompletableFuture<Answer>>();
            for (int i = 0; i < 20_000; i++) {
                answers.add(
                        ingest.submit(
                                report(
                                        devices.get(i % 20),
                                        NOW.minus(Duration.ofDays(200)).plusSeconds(i),
                                        i)));
            }
            answers.forEach(answer -> assertThat(answer.join()).isInstanceOf(Answer.Stored.class));

            var removed = new ArrayList<Device>();
            var nanos = new ConcurrentLinkedQueue<Long>();
            var keeper = keeper(test, Policy.standard(), removed);
            var round =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    keeper.round();
                                } catch (InterruptedException e) {
                                    Thread.currentThread().interrupt();
                                }
                            });
            for (int i = 0; round.isAlive() || i < 50; i++) {
                var begin = System.nanoTime();
                assertThat(ingest.submit(report(devices.get(i % 20), NOW, i)).join())
                        .isInstanceOf(Answer.Stored.class);
                nanos.add(System.nanoTime() - begin);
                TimeUnit.MILLISECONDS.sleep(1);
            }

            assertThat(count(test, "device_state_snapshots")).isEqualTo(nanos.size());
            assertThat(
                            meters.get("tethral.retention.removed")
                                    .tag("kept", "snapshots")
                                    .counter()
                                    .count())
                    .isEqualTo(20_000);
            assertThat(removed).isEmpty();
            var sorted = nanos.stream().sorted().toList();
            System.out.printf(
                    "%s: %d reports beside the removal of 20,000 snapshots, median %.1f ms, the slowest %.1f ms%n",
                    test,
                    sorted.size(),
                    sorted.get(sorted.size() / 2) / 1e6,
                    sorted.getLast() / 1e6);
            assertThat(sorted.get(sorted.size() / 2))
                    .isLessThan(TimeUnit.MILLISECONDS.toNanos(250));
        }
    }

    private static long count(TestDatabase test, String table) throws SQLException {
        return new Fleet(test.database()).count(table);
    }

    @ParameterizedTest
    @MethodSource("org.tethral.sql.TestDatabases#engines")
    void removesDevicesThatAreLongOfflineWhereItIsTold(TestDatabase test) throws Exception {
        try (test) {
            var devices = new Fleet(test.database()).addAll("d", 4);
            var month = Duration.ofDays(30);
            try (var ingest = ingest(test)) {
                for (var device : devices) {
                    var old = !device.value().equals("d2");
                    var at = old ? NOW.minus(month).minusSeconds(1_000) : NOW.minus(month);
                    ingest.submit(report(device, at, 1)).join();
                    if (!device.value().equals("d3")) { // which is still online
                        ingest.submit(
                                        new Inbound.Silent(
                                                ConnectingDevice.named(device),
                                                at.plusSeconds(500)))
                                .join();
                    }
                }
            }
            var removed = new ArrayList<Device>();
            keeper(test, Policy.standard(), removed).round();
            assertThat(removed).isEmpty();

            keeper(
                            test,
                            new Policy(
                                    Policy.standard().periods(),
                                    Policy.EVENTS_HELD_STANDARD,
                                    month,
                                    History.PURGE),
                            removed)
                    .round();

            assertThat(removed)
                    .extracting(one -> one.deviceId().value())
                    .containsExactly("d0", "d1");
            var store = new SqlDeviceStore(test.database());
            assertThat(store.find(new DeviceId("d0"))).isEmpty();
            assertThat(store.find(new DeviceId("d2"))).isPresent();
            assertThat(store.find(new DeviceId("d3"))).isPresent();
            assertThat(count(test, "device_state_snapshots")).isEqualTo(2);
            assertThat(new SqlEventLog(test.database()).after(0, 100))
                    .filteredOn(one -> one.event().type().value().equals("device.removed"))
                    .extracting(one -> String.valueOf(one.event().device()))
                    .containsExactly("d0", "d1");
            assertThat(Verify.of(test.database())).allMatch(finding -> finding.broken() == 0);
        }
    }
}
