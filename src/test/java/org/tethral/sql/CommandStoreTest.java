package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.sql.CommandRig.NOW;
import static org.tethral.sql.CommandRig.OPS;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.command.Command;
import org.tethral.command.CommandId;
import org.tethral.command.CommandStatus;
import org.tethral.command.CommandStore;
import org.tethral.command.Dispatch;
import org.tethral.command.DispatchStep;
import org.tethral.command.Progress;
import org.tethral.command.Stage;
import org.tethral.command.Target;
import org.tethral.device.DeviceId;
import org.tethral.event.EventLog;
import org.tethral.event.Priority;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Posting;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.kernel.Value;

/// Commands from the queue to the tables, and back out of them.
@EachEngine
class CommandStoreTest {

    private static int names;

    private final Database database;
    private final Fleet fleet;
    private final SqlCommandStore store;
    private final SqlDispatchQueue queue;
    private final String name = "commands-" + names++;
    private final CommandRig rig;

    CommandStoreTest(TestDatabase test) {
        this.database = test.database();
        this.fleet = new Fleet(database);
        this.store = new SqlCommandStore(database);
        this.queue = new SqlDispatchQueue(database);
        this.rig = new CommandRig(database, name);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private DeviceId device(String suffix) {
        return fleet.add(name + "-" + suffix).id();
    }

    @Test
    void findsEveryStageAgainAsItWasDecided() {
        var device = device("stages");
        var command = rig.command(new Target.One(device), 1, Priority.HIGH, null);
        assertThat(rig.issue(command, List.of(device))).isEqualTo(Answer.Stored.NOTHING_TO_NUMBER);
        var expected = Dispatch.issued(command, device);
        assertThat(store.dispatch(expected.key()).orElseThrow()).isEqualTo(expected);
        var steps =
                List.of(
                        new DispatchStep.Claimed("node-1"),
                        new DispatchStep.NotHandedOver(1, "gone"),
                        new DispatchStep.Claimed("node-1"),
                        new DispatchStep.Delivered(1),
                        new DispatchStep.TimePassed(), // at 30 s: too early
                        new DispatchStep.TimePassed(),
                        new DispatchStep.TimePassed(),
                        new DispatchStep.Claimed("node-2"),
                        new DispatchStep.Lost(2, "connection lost"),
                        new DispatchStep.Answered(false, Value.of("late"), "stuck"));
        var second = new long[] {1, 2, 3, 4, 30, 33, 40, 41, 42, 99};
        for (int i = 0; i < second.length; i++) {
            rig.step(command.id(), device, steps.get(i), second[i]);
            expected = expected.after(steps.get(i), NOW.plusSeconds(second[i]));
            assertThat(rig.stage(command.id(), device))
                    .as("after %s", steps.get(i))
                    .isEqualTo(expected.stage());
            assertThat(store.find(command.id()).orElseThrow().progress().status())
                    .isEqualTo(expected.stage().status());
        }
        assertThat(expected.stage())
                .isInstanceOfSatisfying(
                        Stage.TimedOut.class, ended -> assertThat(ended.late()).isNotNull());
    }

    @Test
    void findsExpiredAndCancelledOnesAgain() {
        var device = device("ends");
        var expired = rig.command(new Target.One(device), 1, Priority.HIGH, null);
        var cancelled = rig.command(new Target.One(device), 1, Priority.HIGH, null);
        rig.issue(expired, List.of(device));
        rig.issue(cancelled, List.of(device));
        rig.step(expired.id(), device, new DispatchStep.TimePassed(), 3_600);
        rig.step(cancelled.id(), device, new DispatchStep.Cancelled(OPS), 5);
        assertThat(rig.stage(expired.id(), device))
                .isEqualTo(new Stage.Expired(0, null, NOW.plusSeconds(3_600), null));
        assertThat(rig.stage(cancelled.id(), device))
                .isEqualTo(new Stage.Cancelled(0, null, NOW.plusSeconds(5), "api_key:ops", null));
    }

    @Test
    void countsADispatchWhereItStandsAndSaysWhenAllHaveEnded() {
        var devices = new ArrayList<DeviceId>();
        for (int i = 0; i < 4; i++) {
            devices.add(device("count-" + i));
        }
        var command = rig.command(new Target.Listed(devices), 4, Priority.NORMAL, null);
        rig.issue(command, devices);
        assertThat(rig.progress(command.id())).isEqualTo(new Progress(4, 0, 0, 0, 0, 0, 0, 0));
        for (int i = 0; i < 3; i++) {
            rig.step(command.id(), devices.get(i), new DispatchStep.Claimed("n"), 1);
        }
        rig.step(command.id(), devices.get(0), DispatchStep.Answered.succeeded(), 2);
        rig.step(
                command.id(),
                devices.get(1),
                new DispatchStep.Answered(false, Document.EMPTY, "stuck"),
                2);
        rig.step(command.id(), devices.get(2), new DispatchStep.Delivered(1), 2);
        rig.step(command.id(), devices.get(0), DispatchStep.Answered.succeeded(), 3);
        assertThat(rig.progress(command.id())).isEqualTo(new Progress(1, 0, 1, 1, 1, 0, 0, 0));
        assertThat(store.find(command.id()).orElseThrow().completedAt()).isNull();
        rig.step(command.id(), devices.get(2), DispatchStep.Answered.succeeded(), 4);
        rig.step(command.id(), devices.get(3), new DispatchStep.Cancelled(OPS), 7);
        var log = store.find(command.id()).orElseThrow();
        assertThat(log.progress()).isEqualTo(new Progress(0, 0, 0, 2, 1, 0, 0, 1));
        assertThat(log.progress().status()).isEqualTo(CommandStatus.ACK_ERROR);
        assertThat(log.completedAt()).isEqualTo(NOW.plusSeconds(7));
        assertThat(events(devices.get(0), "command.completed")).isEqualTo(1);
        assertThat(events(devices.get(1), "command.failed")).isEqualTo(1);
        assertThat(events(devices.get(3), "command.cancelled")).isEqualTo(1);
    }

    private long events(DeviceId device, String type) {
        return new SqlEventLog(database)
                .list(
                        new EventLog.Filter(null, type, null, device, null, null, null),
                        Page.Request.first(10))
                .items()
                .size();
    }

    @Test
    void keepsTheFirstOfTwoCommandsWithOneKey() {
        var device = device("key");
        var key = "key-" + name;
        var first = rig.command(new Target.One(device), 1, Priority.NORMAL, key);
        var second = rig.command(new Target.One(device), 1, Priority.NORMAL, key);
        var answers =
                List.of(
                        new CompletableFuture<Answer>(),
                        new CompletableFuture<Answer>(),
                        new CompletableFuture<Answer>());
        rig.ingest().post(issued(first, device), 0, answers.get(0)::complete);
        rig.ingest().post(issued(second, device), 0, answers.get(1)::complete);
        var third = rig.command(new Target.One(device), 1, Priority.NORMAL, null);
        rig.ingest().post(issued(third, device), 0, answers.get(2)::complete);
        assertThat(answers.stream().map(one -> one.orTimeout(30, TimeUnit.SECONDS).join()))
                .satisfiesExactly(
                        one -> assertThat(one).isInstanceOf(Answer.Stored.class),
                        one -> assertThat(one).isInstanceOf(Answer.Unstorable.class),
                        one -> assertThat(one).isInstanceOf(Answer.Stored.class));
        assertThat(store.findByKey(OPS, null, key).orElseThrow().id()).isEqualTo(first.id());
        assertThat(store.findByKey(Actor.apiKey("others"), null, key)).isEmpty();
        assertThat(store.dispatch(new Dispatch.Key(second.id(), device))).isEmpty();
    }

    private static Posting issued(Command command, DeviceId device) {
        return new Posting.Issued(command, List.of(Dispatch.issued(command, device)), true);
    }

    @Test
    void showsNothingOfACommandUntilItsLastPartIsWritten() {
        var one = device("part-1");
        var two = device("part-2");
        var command = rig.command(new Target.Listed(List.of(one, two)), 2, Priority.NORMAL, null);
        rig.post(new Posting.Issued(command, List.of(Dispatch.issued(command, one)), false));
        assertThat(store.find(command.id())).isEmpty();
        assertThat(waiting(one)).isEmpty();
        assertThat(rig.step(command.id(), one, new DispatchStep.Claimed("n"), 1))
                .isEqualTo(new Answer.UnknownCommand());
        rig.post(new Posting.Issued(command, List.of(Dispatch.issued(command, two)), true));
        assertThat(rig.progress(command.id())).isEqualTo(new Progress(2, 0, 0, 0, 0, 0, 0, 0));
        assertThat(waiting(one)).hasSize(1);
    }

    @Test
    void clearsAwayPartsOfWhatWasNeverIssued() {
        var device = device("orphan");
        var never = rig.command(new Target.Listed(List.of(device)), 2, Priority.NORMAL, null);
        rig.post(new Posting.Issued(never, List.of(Dispatch.issued(never, device)), false));
        var kept = rig.command(new Target.One(device), 1, Priority.NORMAL, null);
        rig.issue(kept, List.of(device));
        queue.clearUnissued(NOW.plusSeconds(1));
        assertThat(rowsOf(device)).isEqualTo(2);
        queue.clearUnissued(NOW.plusSeconds(60));
        assertThat(rowsOf(device)).isEqualTo(1);
        assertThat(rig.stage(kept.id(), device)).isInstanceOf(Stage.Pending.class);
    }

    private long rowsOf(DeviceId device) {
        return database.read(
                "count",
                session ->
                        session.sql("SELECT count(*) FROM command_dispatches WHERE device_id = ?")
                                .set(device)
                                .number());
    }

    private List<CommandId> waiting(DeviceId device) {
        return queue.waiting(List.of(device), NOW, true, 10).stream()
                .map(Dispatch::command)
                .toList();
    }

    @Test
    void givesTheMostUrgentFirstThenTheOldest() {
        var device = device("order");
        var other = device("order-too");
        var expected = new ArrayList<CommandId>();
        for (var priority : List.of(Priority.LOW, Priority.NORMAL, Priority.CRITICAL)) {
            var pair = new ArrayList<CommandId>();
            for (int i = 0; i < 2; i++) {
                var command = rig.command(new Target.One(device), 1, priority, null);
                rig.issue(command, List.of(device));
                pair.add(command.id());
            }
            expected.addAll(0, pair);
        }
        rig.issue(rig.command(new Target.One(other), 1, Priority.LOW, null), List.of(other));
        assertThat(waiting(device)).isEqualTo(expected);
        assertThat(
                        queue.waiting(List.of(device, other), NOW, true, 4).stream()
                                .map(Dispatch::device))
                .containsExactly(device, device, device, device, other);
        rig.step(expected.get(0), device, new DispatchStep.Claimed("n"), 1);
        assertThat(waiting(device)).isEqualTo(expected.subList(1, 6));
        assertThat(queue.payloads(expected.subList(0, 2))).containsOnlyKeys(expected.subList(0, 2));
    }

    @Test
    void leavesWhatBacksOffUnlessTheDeviceHasReturned() {
        var device = device("back-off");
        var command = rig.command(new Target.One(device), 1, Priority.LOW, null);
        rig.issue(command, List.of(device));
        rig.step(command.id(), device, new DispatchStep.Claimed("n"), 1);
        rig.step(command.id(), device, new DispatchStep.Lost(1, "connection lost"), 2);
        assertThat(queue.waiting(List.of(device), NOW.plusSeconds(2), false, 10)).isEmpty();
        assertThat(queue.waiting(List.of(device), NOW.plusSeconds(2), true, 10)).hasSize(1);
        assertThat(queue.waiting(List.of(device), NOW.plusSeconds(3), false, 10)).hasSize(1);
        rig.step(command.id(), device, new DispatchStep.TimePassed(), 3);
        assertThat(queue.waiting(List.of(device), NOW.plusSeconds(2), false, 10)).hasSize(1);
    }

    @Test
    void findsWhatIsDueUnlessALivingNodeSeesToIt() {
        var device = device("due");
        var waits = rig.command(new Target.One(device), 1, Priority.LOW, null);
        var claimed = rig.command(new Target.One(device), 1, Priority.LOW, null);
        rig.issue(waits, List.of(device));
        rig.issue(claimed, List.of(device));
        rig.step(claimed.id(), device, new DispatchStep.Claimed(name + "-b"), 1);
        assertThat(due(1, List.of())).isEmpty();
        assertThat(due(2, List.of())).containsExactly(waits.id());
        assertThat(due(31, List.of(name + "-b"))).containsExactly(waits.id());
        assertThat(due(31, List.of(name + "-c"))).containsExactly(waits.id(), claimed.id());
        connect(device, name + "-b");
        assertThat(due(31, List.of(name + "-b"))).isEmpty();
        assertThat(due(31, List.of())).containsExactly(waits.id(), claimed.id());
        assertThat(queue.claimedBy(name + "-b", 10))
                .extracting(Dispatch::command)
                .containsExactly(claimed.id());
        rig.step(claimed.id(), device, DispatchStep.Answered.succeeded(), 2);
        assertThat(due(31, List.of())).containsExactly(waits.id());
        assertThat(queue.claimedBy(name + "-b", 10)).isEmpty();
    }

    private List<CommandId> due(long second, List<String> others) {
        return queue.due(NOW.plusSeconds(second), others, 1_000).stream()
                .filter(due -> due.key().device().value().startsWith(name))
                .map(due -> due.key().command())
                .toList();
    }

    private void connect(DeviceId device, String node) {
        database.write(
                "connect",
                session ->
                        session.sql("UPDATE devices SET connection_node = ? WHERE device_id = ?")
                                .set(node)
                                .set(device)
                                .update());
    }

    @Test
    void listsCommandsNewestFirstAndTheirDispatchesByDevice() {
        var devices = List.of(device("list-a"), device("list-b"), device("list-c"));
        var commands = new ArrayList<CommandId>();
        for (int i = 0; i < 5; i++) {
            var command = rig.command(new Target.Listed(devices), 3, Priority.LOW, null);
            rig.issue(command, devices);
            commands.addFirst(command.id());
        }
        rig.step(commands.get(0), devices.get(1), new DispatchStep.Claimed("n"), 1);
        var ofDevice = new CommandStore.Filter(null, null, null, devices.get(0));
        var page = store.list(ofDevice, Page.Request.first(3));
        assertThat(page.map(log -> log.id()).items()).isEqualTo(commands.subList(0, 3));
        var rest = store.list(ofDevice, new Page.Request(3, page.nextCursor()));
        assertThat(rest.map(log -> log.id()).items()).isEqualTo(commands.subList(3, 5));
        assertThat(rest.next()).isEmpty();
        assertThat(
                        store.list(
                                        new CommandStore.Filter(
                                                CommunityId.DEFAULT,
                                                CommandStatus.SENT,
                                                null,
                                                devices.get(2)),
                                        Page.Request.first(10))
                                .items())
                .extracting(log -> log.id())
                .containsExactly(commands.get(0));
        var first = store.dispatches(commands.get(0), null, Page.Request.first(2));
        assertThat(first.items()).extracting(Dispatch::device).isEqualTo(devices.subList(0, 2));
        assertThat(
                        store.dispatches(
                                        commands.get(0),
                                        null,
                                        new Page.Request(2, first.nextCursor()))
                                .items())
                .extracting(Dispatch::device)
                .containsExactly(devices.get(2));
        assertThat(
                        store.dispatches(commands.get(0), CommandStatus.SENT, Page.Request.first(9))
                                .items())
                .extracting(Dispatch::device)
                .containsExactly(devices.get(1));
    }

    @Test
    void knowsWhichNodesLive() {
        var nodes = new SqlNodes(database);
        assertThat(nodes.beat(name, NOW)).containsEntry(name, 1L);
        nodes.beat(name + "-b", NOW);
        assertThat(nodes.beat(name, NOW.plusSeconds(1)))
                .containsEntry(name, 2L)
                .containsEntry(name + "-b", 1L);
        nodes.leave(name + "-b");
        assertThat(nodes.beat(name, NOW.plusSeconds(2))).doesNotContainKey(name + "-b");
    }
}
