package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tethral.account.Actor;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.ConnectionLog;
import org.tethral.device.MessageId;
import org.tethral.device.Protocol;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.kernel.Value;
import org.tethral.state.Aggregate;
import org.tethral.state.Interval;
import org.tethral.state.Snapshot;
import org.tethral.state.StateName;

/// The whole write path, from the queue to the tables.
@EachEngine
class IngestContractTest {

    private static final Instant NOW = Instant.parse("2026-07-14T12:00:00.5Z");
    private static int names;

    private final Database database;
    private final Fleet fleet;
    private final String name = "ingest-" + names++;
    private final List<SimpleMeterRegistry> meters = new ArrayList<>();
    private Ingest ingest;
    private SqlHistoryStore history;

    IngestContractTest(TestDatabase test) {
        this.database = test.database();
        this.fleet = new Fleet(database);
        this.ingest = newIngest();
        this.history = new SqlHistoryStore(database, ingest::settleRollups);
    }

    private Ingest newIngest() {
        meters.add(new SimpleMeterRegistry());
        var random = new SplittableRandom(names * 100L + meters.size());
        return new Ingest(
                SqlJournal.lanes(database),
                lane -> SqlJournal.open(database, name, lane, random.split()),
                InstantSource.fixed(NOW),
                meters.getLast());
    }

    @BeforeEach
    void start() {
        ingest.start();
    }

    @AfterEach
    void close() {
        ingest.close();
    }

    private void restart() {
        ingest.close();
        ingest = newIngest();
        ingest.start();
        history = new SqlHistoryStore(database, ingest::settleRollups);
    }

    @Test
    void answersWhenTheReportIsThereForAllToRead() {
        var device = fleet.add(name);
        var seen = new CompletableFuture<List<Snapshot>>();
        ingest.offer(
                report(device, NOW, "m-1", 21),
                10,
                _ -> seen.complete(history.newest(device.id(), Page.Request.first(1)).items()));
        assertThat(await(seen))
                .singleElement()
                .satisfies(snapshot ->
                        assertThat(snapshot.values()).isEqualTo(Document.of("t", Value.of(21))));
    }

    @Test
    void remembersByWhichProtocolASilentDeviceWasHeard() {
        var device = fleet.add(name).askingBy(Protocol.COAP);
        await(ingest.submit(report(device, NOW, "m-1", 21)));
        restart();
        await(ingest.submit(new Inbound.Silent(device, NOW.plusSeconds(3_600))));
        assertThat(new SqlConnectionLog(database).list(device.id(), Page.Request.first(10)).items())
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.kind()).isEqualTo(ConnectionLog.Kind.TIMEOUT);
                    assertThat(entry.protocol()).isEqualTo(Protocol.COAP);
                });
    }

    @Test
    void storesAMessageOnceHoweverOftenItIsSent() {
        var device = fleet.add(name);
        // both in one batch or not, as it comes; then in another commit; then in another process
        var first = ingest.submit(report(device, NOW, "m-1", 21));
        var second = ingest.submit(report(device, NOW, "m-1", 21));
        var answer = await(first);
        assertThat(await(second)).isEqualTo(answer);
        assertThat(answer).isInstanceOf(Answer.Stored.class);
        assertThat(await(ingest.submit(report(device, NOW, "m-1", 21)))).isEqualTo(answer);
        restart();
        assertThat(await(ingest.submit(report(device, NOW, "m-1", 21)))).isEqualTo(answer);
        assertThat(history.newest(device.id(), Page.Request.first(10)).items()).hasSize(1);
    }

    @Test
    void keepsTheOrderOfEachDevice() {
        var devices =
                List.of(fleet.add(name + "-a"), fleet.add(name + "-b"), fleet.add(name + "-c"));
        var answers = new ArrayList<CompletableFuture<Answer>>();
        for (int i = 0; i < 3_000; i++) {
            answers.add(ingest.submit(report(devices.get(i % 3), NOW, null, i)));
        }
        answers.forEach(IngestContractTest::await);
        for (int d = 0; d < 3; d++) {
            var stored = new ArrayList<Document>();
            history.stream(
                    devices.get(d).id(),
                    new Interval(NOW, NOW.plusSeconds(1)),
                    snapshot -> stored.add(snapshot.values()));
            assertThat(stored).hasSize(1_000);
            for (int i = 0; i < 1_000; i++) {
                assertThat(stored.get(i)).isEqualTo(Document.of("t", Value.of(i * 3 + d)));
            }
            var state = new SqlStateStore(database).find(devices.get(d).id()).orElseThrow();
            assertThat(state.reported()).isEqualTo(stored.getLast());
            assertThat(state.reportedVersion()).isEqualTo(1_000);
        }
    }

    @Test
    void failsAMessageAloneThatTheDatabaseNeverTakes() {
        var device = fleet.add(name);
        var poison =
                new Inbound.Report(
                        device,
                        NOW,
                        List.of(
                                new Inbound.Measurement(
                                        NOW, null, Document.of("text", Value.of("a\0b")))));
        // no text column of PostgreSQL has room for U+0000
        var poisonousReason =
                new Inbound.StateReport(
                        device, NOW, new StateName("odd"), "a\0b", Actor.system("test"));
        var answers = new ArrayList<CompletableFuture<Answer>>();
        for (int i = 0; i < 200; i++) {
            answers.add(
                    ingest.submit(
                            switch (i) {
                                case 77 -> poison;
                                case 133 -> poisonousReason;
                                default -> report(device, NOW, null, i);
                            }));
        }
        for (int i = 0; i < 200; i++) {
            var refused = i == 77 || i == 133;
            assertThat(await(answers.get(i)))
                    .isInstanceOf(refused ? Answer.Unstorable.class : Answer.Stored.class);
        }
        assertThat(ingest.health().ok()).isTrue();
    }

    @Test
    void refusesOnlyTheDeviceWhoseRowsSomebodyBroke() {
        var broken = fleet.add(name + "-broken");
        var sound = fleet.add(name + "-sound");
        database.write(
                "break a row",
                session ->
                        session.sql("UPDATE device_states SET reported = '[1]' WHERE device_id = ?")
                                .set(broken.id().value())
                                .update());
        var first = ingest.submit(report(broken, NOW, null, 1));
        var second = ingest.submit(report(sound, NOW, null, 1));
        assertThat(await(first)).isInstanceOf(Answer.Unstorable.class);
        assertThat(await(second)).isInstanceOf(Answer.Stored.class);
    }

    @Test
    void tellsUnknownAndDisabledDevices() {
        var device = fleet.add(name);
        assertThat(await(ingest.submit(report(Fleet.stranger(name + "-x"), NOW, null, 1))))
                .isInstanceOf(Answer.UnknownDevice.class);
        assertThat(await(ingest.submit(report(device, NOW, null, 1))))
                .isInstanceOf(Answer.Stored.class);
        fleet.setEnabled(device.id(), false);
        ingest.forget(device.id());
        assertThat(await(ingest.submit(report(device, NOW, null, 2))))
                .isInstanceOf(Answer.DisabledDevice.class);
        fleet.remove(device.id());
        ingest.forget(device.id());
        assertThat(await(ingest.submit(report(device, NOW, null, 3))))
                .isInstanceOf(Answer.UnknownDevice.class);
    }

    @Test
    void decidesAgainWhenAnotherWriterWasFirst() {
        var device = fleet.add(name);
        await(ingest.submit(report(device, NOW, null, 1)));
        database.write(
                "overtake",
                session ->
                        session.sql(
                                        """
                                        UPDATE device_states SET revision = revision + 1, current_state = 'busy'
                                        WHERE device_id = ?
                                        """)
                                .set(device.id().value())
                                .update());
        var idle =
                new Inbound.StateReport(
                        device,
                        NOW,
                        new StateName("idle"),
                        null,
                        Actor.device(device.id().value()));
        assertThat(await(ingest.submit(idle))).isInstanceOf(Answer.Stored.class);
        var newest =
                new SqlStateStore(database)
                        .changes(device.id(), Page.Request.first(1))
                        .items()
                        .getFirst();
        assertThat(newest.from()).isEqualTo(new StateName("busy"));
        assertThat(newest.to()).isEqualTo(new StateName("idle"));
    }

    @Test
    void closesOnlyWhenAllIsStoredAndAnswered() {
        var device = fleet.add(name);
        var answers = new ConcurrentLinkedQueue<Answer>();
        for (int i = 0; i < 5_000; i++) {
            assertThat(ingest.offer(report(device, NOW, null, i), 10, answers::add)).isTrue();
        }
        ingest.close();
        assertThat(answers).hasSize(5_000).allMatch(Answer.Stored.class::isInstance);
        assertThat(ingest.offer(report(device, NOW, null, 1), 10, answers::add)).isFalse();
    }

    @Test
    void keepsRollupsExactThroughLateDataAndRestarts() {
        var seed = 99L;
        System.out.println("seed " + seed);
        var random = new SplittableRandom(seed);
        var device = fleet.add(name);
        var values = new ArrayList<Map.Entry<Instant, Double>>();
        var all = new Interval(NOW.minusSeconds(10_000_000), NOW.plusSeconds(10_000));
        for (int round = 0; round < 4; round++) {
            var answers = new ArrayList<CompletableFuture<Answer>>();
            for (int i = 0; i < 300; i++) {
                var late = random.nextInt(4) == 0 ? random.nextInt(1_000_000) : random.nextInt(300);
                var at = NOW.minusSeconds(late);
                var value = random.nextInt(1_000) / 4.0;
                values.add(Map.entry(at, value));
                answers.add(ingest.submit(report(device, at, null, value)));
            }
            answers.forEach(IngestContractTest::await);
            for (var step :
                    List.of(Duration.ofMinutes(1), Duration.ofHours(1), Duration.ofDays(1))) {
                assertExact(history.aggregates(device.id(), "t", all, step), values, step);
            }
            if (round == 2) {
                restart();
            }
        }
    }

    private static void assertExact(
            List<Aggregate> aggregates, List<Map.Entry<Instant, Double>> values, Duration step) {
        assertThat(aggregates.stream().mapToLong(Aggregate::count).sum()).isEqualTo(values.size());
        for (var one : aggregates) {
            var within =
                    values.stream()
                            .filter(value ->
                                    !value.getKey().isBefore(one.start())
                                            && value.getKey().isBefore(one.start().plus(step)))
                            .mapToDouble(Map.Entry::getValue)
                            .summaryStatistics();
            assertThat(one.count()).isEqualTo(within.getCount());
            assertThat(one.min()).isEqualTo(within.getMin());
            assertThat(one.max()).isEqualTo(within.getMax());
            assertThat(one.sum()).isCloseTo(within.getSum(), offset(1e-6));
        }
    }

    private static Inbound.Report report(
            ConnectingDevice device, Instant at, @Nullable String message, double value) {
        return new Inbound.Report(
                device,
                NOW,
                List.of(
                        new Inbound.Measurement(
                                at,
                                message == null ? null : new MessageId(message),
                                Document.of("t", Value.of(value)))));
    }

    private static <T> T await(CompletableFuture<T> future) {
        return future.orTimeout(20, TimeUnit.SECONDS).join();
    }
}
