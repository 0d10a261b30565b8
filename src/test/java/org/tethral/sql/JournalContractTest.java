package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.device.ConnectionLog;
import org.tethral.device.DeviceId;
import org.tethral.device.Link;
import org.tethral.device.MessageId;
import org.tethral.device.Protocol;
import org.tethral.device.Status;
import org.tethral.event.Event;
import org.tethral.event.EventType;
import org.tethral.event.Priority;
import org.tethral.ingest.Fact;
import org.tethral.ingest.Journal;
import org.tethral.ingest.Receipt;
import org.tethral.ingest.Situation;
import org.tethral.kernel.Document;
import org.tethral.kernel.StorageException;
import org.tethral.kernel.Value;
import org.tethral.state.Bucket;
import org.tethral.state.Latest;
import org.tethral.state.Rollup;
import org.tethral.state.Snapshot;
import org.tethral.state.StateChange;
import org.tethral.state.StateName;

@EachEngine
class JournalContractTest {

    private static final Instant AT = Instant.parse("2026-07-14T12:00:00.123456Z");
    private static int names;

    private final TestDatabase test;
    private final Database database;
    private final Fleet fleet;
    private String node = "";
    private Journal journal;

    JournalContractTest(TestDatabase test) {
        this.test = test;
        this.database = test.database();
        this.fleet = new Fleet(database);
        this.journal = open();
    }

    @BeforeEach
    void opens() {
        node = "node-" + names++;
        journal = open();
    }

    @AfterEach
    void closes() {
        journal.close();
    }

    private Journal open() {
        return SqlJournal.open(test.database(), node, 0, new SplittableRandom(names++));
    }

    @Test
    void knowsTheSituationOfDevicesThatExistAndOfNoOthers() {
        var device = fleet.add("known-" + node).id();
        var found = new AtomicReference<Map<DeviceId, Situation>>(Map.of());
        journal.commit(1, tx -> found.set(tx.situations(List.of(device, new DeviceId("nobody")))));
        assertThat(found.get()).containsOnlyKeys(device);
        var situation = found.get().get(device);
        assertThat(situation).isNotNull();
        assertThat(situation.enabled()).isTrue();
        assertThat(situation.community()).isEqualTo(CommunityId.DEFAULT);
        assertThat(situation.offlineAfter()).isEqualTo(Duration.ofSeconds(90));
        assertThat(situation.presence())
                .isEqualTo(new Situation.Presence(Status.UNKNOWN, null, null, null));
        assertThat(situation.values().current()).isEqualTo(StateName.UNKNOWN);
        assertThat(situation.values().revision()).isZero();
    }

    @Test
    void findsEverythingAgainThatACommitWrote() {
        var device = fleet.add("all-" + node).id();
        var before = situation(device);
        var after = changedInEveryWay(before);
        journal.commit(
                1,
                tx ->
                        write(
                                tx,
                                everyFact(device, tx.reserveSnapshots(1), tx.reserveEvents(1)[0]),
                                new Journal.Change(before, after, AT.plusSeconds(100))));

        assertThat(situation(device)).isEqualTo(after);
        var state = new SqlStateStore(database).find(device).orElseThrow();
        assertThat(state.reported()).isEqualTo(document("temperature", 21.5));
        assertThat(state.desired()).isEqualTo(document("interval", 60));
        assertThat(state.configuration()).isEqualTo(document("unit", 1));
        assertThat(time("SELECT overdue_at AS t FROM devices WHERE device_id = ?", device))
                .isEqualTo(AT.plusSeconds(100));
        for (var table : List.of("state_changes", "device_connection_logs", "events")) {
            assertThat(time("SELECT timestamp AS t FROM " + table + " WHERE device_id = ?", device))
                    .isEqualTo(AT);
        }
    }

    @Test
    void knowsMessagesAndEventsByTheirIds() {
        var device = fleet.add("ids-" + node).id();
        var numbers = new ArrayList<Long>();
        journal.commit(
                1,
                tx -> {
                    numbers.add(tx.reserveSnapshots(1));
                    numbers.add(tx.reserveEvents(1)[0]);
                    write(tx, everyFact(device, numbers.get(0), numbers.get(1)));
                });
        var known = new ArrayList<Map<?, Long>>();
        var first = new Receipt(device, new MessageId("m-1"));
        var second = new Receipt(device, new MessageId("m-2"));
        journal.commit(
                2,
                tx -> {
                    known.add(tx.receipts(List.of(first, second)));
                    known.add(tx.events(List.of("event-" + device, "no such event")));
                });
        assertThat(known.get(0)).isEqualTo(Map.of(first, numbers.get(0)));
        assertThat(known.get(1)).isEqualTo(Map.of("event-" + device, numbers.get(1)));
    }

    private static Situation changedInEveryWay(Situation before) {
        var link = new Link(UUID.randomUUID(), Protocol.MQTT, "127.0.0.1:4711", "here");
        var times = Map.of("/temperature", AT.minusSeconds(7), "/gone~1", AT);
        var latest = new Latest(document("temperature", 21.5), AT, times);
        var values =
                before.values()
                        .moved(new StateName("idle"), AT)
                        .reporting(latest, AT)
                        .desiring(document("interval", 60))
                        .configured(document("unit", 1))
                        .written();
        return before.with(values).with(new Situation.Presence(Status.ONLINE, link, AT, AT));
    }

    private static List<Fact> everyFact(DeviceId device, long snapshot, long event) {
        var move =
                new StateChange(
                        device,
                        StateName.UNKNOWN,
                        new StateName("idle"),
                        AT,
                        "says it \"idles\"",
                        Actor.device(device.value()));
        var entry =
                new ConnectionLog.Entry(
                        device.value(),
                        ConnectionLog.Kind.CONNECTED,
                        Protocol.MQTT,
                        "127.0.0.1:4711",
                        "here",
                        null,
                        Duration.ofMillis(1_500),
                        AT);
        return List.of(
                reported(device, AT, snapshot, "m-1", 21.5),
                new Fact.StateMoved(move, null),
                new Fact.Linked(device, entry, null),
                new Fact.Happened(
                        device, new Event.Logged(event, event(device, "event-" + device))));
    }

    @Test
    void keepsNothingOfWorkThatFailed() {
        var device = fleet.add("failing-" + node).id();
        assertThatThrownBy(() ->
                        journal.commit(
                                1,
                                tx -> {
                                    var number = tx.reserveSnapshots(1);
                                    write(tx, List.of(reported(device, AT, number, null, 1)));
                                    throw new IllegalStateException("half-way");
                                }))
                .hasMessage("half-way");
        assertThat(snapshots(device)).isZero();
        assertThat(open().lastCommitted()).isZero();
    }

    @Test
    void remembersTheNumberOfItsLastCommit() {
        var device = fleet.add("numbered-" + node).id();
        assertThat(journal.lastCommitted()).isZero();
        commitReport(1, device, 1);
        commitReport(2, device, 2);
        assertThat(open().lastCommitted()).isEqualTo(2);
    }

    @Test
    void numbersSnapshotsAndEventsUpwardsAlsoAfterAFailureAndInAnotherJournal() {
        var given = new ArrayList<Long>();
        var events = new ArrayList<Long>();
        for (int i = 1; i <= 3; i++) {
            var number = i;
            var next = i == 3 ? open() : journal;
            try {
                next.commit(
                        number,
                        tx -> {
                            given.add(tx.reserveSnapshots(5));
                            for (var event : tx.reserveEvents(2)) {
                                events.add(event);
                            }
                            if (number == 2) {
                                throw new IllegalStateException("on command");
                            }
                        });
            } catch (IllegalStateException e) {
                assertThat(number).isEqualTo(2);
            }
        }
        assertThat(given.get(1)).isGreaterThanOrEqualTo(given.get(0) + 5);
        assertThat(given.get(2)).isGreaterThanOrEqualTo(given.get(1) + 5);
        assertThat(events).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void tellsAWriterThatItWasOvertaken() {
        var device = fleet.add("raced-" + node).id();
        var before = situation(device);
        var after = reporting(before, 1);
        journal.commit(1, tx -> write(tx, List.of(), new Journal.Change(before, after, null)));
        assertThatThrownBy(() ->
                        journal.commit(
                                2,
                                tx ->
                                        write(
                                                tx,
                                                List.of(),
                                                new Journal.Change(before, after, null))))
                .isInstanceOfSatisfying(
                        StorageException.class,
                        e -> assertThat(e.kind()).isEqualTo(StorageException.Cause.CONFLICT));
        assertThat(situation(device)).isEqualTo(after);
    }

    @Test
    void doesNotTakeTheConnectionOfAnotherNodeForItsOwn() {
        var device = fleet.add("moved-" + node).id();
        var never = situation(device);
        var ours = new Link(UUID.randomUUID(), Protocol.MQTT, null, "a");
        var theirs = new Link(UUID.randomUUID(), Protocol.MQTT, null, "b");
        var here = never.with(new Situation.Presence(Status.ONLINE, ours, AT, AT));
        var there = never.with(new Situation.Presence(Status.ONLINE, theirs, AT, AT));
        var gone = never.with(new Situation.Presence(Status.OFFLINE, null, null, AT));
        journal.commit(1, tx -> write(tx, List.of(), new Journal.Change(never, here, null)));
        journal.commit(2, tx -> write(tx, List.of(), new Journal.Change(here, there, null)));
        assertThatThrownBy(() ->
                        journal.commit(
                                3,
                                tx -> write(tx, List.of(), new Journal.Change(here, gone, null))))
                .isInstanceOfSatisfying(
                        StorageException.class,
                        e -> assertThat(e.kind()).isEqualTo(StorageException.Cause.CONFLICT));
        assertThat(situation(device)).isEqualTo(there);
    }

    @Test
    void mergesRollupsIntoThoseThatAreKept() {
        var device = fleet.add("rolled-" + node).id();
        var at = 1_783_900_800_000_000L;
        var first = new Rollup(device, "t", Bucket.MINUTE, at, 2, 1, 5, 6, 5, at + 10, 1, at + 20);
        var late = new Rollup(device, "t", Bucket.MINUTE, at, 1, 0, 0, 0, 0, at + 5, 0, at + 5);
        var same = new Rollup(device, "t", Bucket.MINUTE, at, 1, 9, 9, 9, 9, at + 20, 9, at + 20);
        journal.commit(1, tx -> writeRollups(tx, List.of(first), 7));
        journal.commit(2, tx -> writeRollups(tx, List.of(late), 0));
        journal.commit(3, tx -> writeRollups(tx, List.of(same), 0));
        assertThat(rollups(device)).containsExactly(first.merged(late).merged(same));
        assertThat(mark()).isEqualTo(7);
    }

    @Test
    void refusesAnotherProcessOfTheSameName() {
        var device = fleet.add("twin-" + node).id();
        var twin = open();
        commitReport(1, device, 1);
        assertThatThrownBy(() ->
                        twin.commit(1, tx -> write(tx, List.of(reported(device, AT, 9, null, 1)))))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("needs a node name of its own");
    }

    private void commitReport(long number, DeviceId device, double value) {
        journal.commit(
                number,
                tx ->
                        write(
                                tx,
                                List.of(
                                        reported(
                                                device, AT, tx.reserveSnapshots(1), null, value))));
    }

    private Situation situation(DeviceId device) {
        return database.write("read", session -> SituationRows.read(session, List.of(device)))
                .values()
                .iterator()
                .next();
    }

    private static Situation reporting(Situation before, double value) {
        var latest = before.values().latest().with(document("value", value), AT);
        return before.with(before.values().reporting(latest, AT).written());
    }

    private static void write(Journal.Transaction tx, List<Fact> facts, Journal.Change... changes) {
        tx.write(new Journal.Writes(facts, List.of(), List.of(changes), List.of(), 0, AT));
    }

    private static void writeRollups(Journal.Transaction tx, List<Rollup> rollups, long upTo) {
        tx.write(new Journal.Writes(List.of(), List.of(), List.of(), rollups, upTo, AT));
    }

    private static Fact reported(
            DeviceId device, Instant at, long sequence, @Nullable String message, double value) {
        return new Fact.Reported(
                new Snapshot(
                        device,
                        at,
                        sequence,
                        document("temperature", value),
                        message == null ? null : new MessageId(message)),
                null);
    }

    private static Event event(DeviceId device, String id) {
        return new Event(
                id,
                new EventType("door.opened"),
                "device:" + device,
                device,
                CommunityId.DEFAULT,
                AT,
                document("angle", 90),
                Document.EMPTY,
                Priority.HIGH,
                Duration.ofSeconds(60));
    }

    private static Document document(String name, double value) {
        return Document.of(name, Value.of(value));
    }

    private Instant time(String sql, DeviceId device) {
        return database.read("read", s -> s.sql(sql).set(device.value()).find(row -> row.time("t")))
                .orElseThrow();
    }

    private long snapshots(DeviceId device) {
        return database.read(
                "count",
                session ->
                        session.sql(
                                        "SELECT count(*) FROM device_state_snapshots WHERE device_id = ?")
                                .set(device.value())
                                .number());
    }

    private List<Rollup> rollups(DeviceId device) {
        return database.read(
                "read",
                session ->
                        session.sql("SELECT * FROM reading_rollups WHERE device_id = ?")
                                .set(device.value())
                                .list(row -> RollupRows.read(device, "t", Bucket.MINUTE, row)));
    }

    private long mark() {
        return database.read(
                "read",
                session ->
                        session.sql("SELECT rolled_up_to FROM ingest_progress WHERE writer = ?")
                                .set(node + "/0")
                                .number());
    }
}
