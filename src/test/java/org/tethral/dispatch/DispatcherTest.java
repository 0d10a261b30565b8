package org.tethral.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import org.tethral.account.Actor;
import org.tethral.command.CommandId;
import org.tethral.command.CommandStatus;
import org.tethral.command.Dispatch;
import org.tethral.command.Progress;
import org.tethral.command.Stage;
import org.tethral.command.Target;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore;
import org.tethral.event.Priority;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Fact;
import org.tethral.sql.Database;
import org.tethral.sql.Fleet;
import org.tethral.sql.SqlDeviceStore;
import org.tethral.sql.TestDatabase;

/// Commands from their issue to their end, over connections that come and go.
@ParameterizedClass(name = "{0}")
@MethodSource("org.tethral.sql.TestDatabases#engines")
class DispatcherTest {

    private static int names;

    private final TestDatabase test;
    private final Database database;
    private final Fleet fleet;
    private final String name = "dispatch-" + names++;
    private Node node;

    DispatcherTest(TestDatabase test) {
        this.test = test;
        this.database = test.database();
        this.fleet = new Fleet(database);
        this.node = Node.alone(database, name);
    }

    @AfterEach
    void close() {
        node.close();
    }

    private DeviceId add(String suffix) {
        return fleet.add(name + "-" + suffix).id();
    }

    @Test
    void sendsToAConnectedDeviceAtOnceAndRecordsItsAnswer() {
        var device = new FakeDevice(add("now"), node).obedient().connect();
        awaitIdle();
        var command = node.issue(new Target.One(id("now")));
        node.awaitStatus(command, CommandStatus.ACK_SUCCESS);
        assertThat(device.commands()).containsExactly(command);
        assertThat(device.got.getFirst().instruction().attempt()).isEqualTo(1);
        Node.await(() -> "not counted", () -> node.tally.counts(device.protocol()).answered() == 1);
    }

    private DeviceId id(String suffix) {
        return new DeviceId(name + "-" + suffix);
    }

    /// The first looks at devices that have just connected are over.
    private void awaitIdle() {
        Node.await(() -> "looks go on", () -> node.dispatcher.idle());
    }

    @Test
    void keepsWhatADeviceMissedAndSendsTheMostUrgentFirst() {
        var id = add("away");
        var low = node.issued(Node.order(new Target.One(id), Priority.LOW, null));
        var first = node.issued(Node.order(new Target.One(id), Priority.NORMAL, null));
        var second = node.issued(Node.order(new Target.One(id), Priority.NORMAL, null));
        var critical = node.issued(Node.order(new Target.One(id), Priority.CRITICAL, null));
        node.pass(Duration.ofSeconds(10));
        Node.await(
                () -> "not parked",
                () -> due(low).equals(node.store.find(low).orElseThrow().terms().expiresAt()));
        var device = new FakeDevice(id, node, 1).obedient().connect();
        device.awaitGot(4);
        assertThat(device.commands()).containsExactly(critical, first, second, low);
        node.awaitStatus(low, CommandStatus.ACK_SUCCESS);
    }

    private java.time.Instant due(CommandId command) {
        var dispatch =
                node.store
                        .dispatches(command, null, org.tethral.kernel.Page.Request.first(1))
                        .items()
                        .getFirst();
        return java.util.Objects.requireNonNull(dispatch.nextAt());
    }

    @Test
    void sendsNothingAgainWhoseAnswerCameBesideTheClaim() {
        var device = new FakeDevice(add("quick"), node).connect();
        awaitIdle();
        var command = node.issue(new Target.One(id("quick")));
        device.awaitGot(1);
        var waiting = new CountDownLatch(1);
        var answered = new CountDownLatch(1);
        node.ingest.listen(facts -> {
            if (facts.stream().anyMatch(DispatcherTest::isPending)) {
                waiting.countDown();
                await(answered);
            }
        });

        device.disconnect();
        await(waiting);
        device.connect();
        Node.await(() -> "not claimed", () -> node.ingest.health().waiting() == 1);
        device.answerLater(command);
        answered.countDown();

        node.awaitStatus(command, CommandStatus.ACK_SUCCESS);
        awaitIdle();
        assertThat(device.commands()).containsExactly(command);
    }

    private static boolean isPending(Fact fact) {
        return fact instanceof Fact.DispatchMoved moved
                && moved.after().stage() instanceof Stage.Pending;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(40, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void hasNoMoreInFlightThanTheDeviceCanTake() {
        var device = new FakeDevice(add("slow"), node, 2).connect();
        awaitIdle();
        var commands = new ArrayList<CommandId>();
        for (int i = 0; i < 7; i++) {
            commands.add(node.issue(new Target.One(id("slow"))));
        }
        device.awaitGot(2);
        for (int i = 0; i < 7; i++) {
            device.awaitGot(Math.min(i + 2, 7));
            assertThat(device.got.size()).isLessThanOrEqualTo(i + 2);
            assertThat(device.answer(device.commands().get(i))).isInstanceOf(Answer.Stored.class);
        }
        assertThat(device.commands()).containsExactlyElementsOf(commands);
    }

    @Test
    void triesAgainWhenNoAnswerComesAndGivesUpInTheEnd() {
        var device = new FakeDevice(add("mute"), node).connect();
        awaitIdle();
        var command = node.issue(new Target.One(id("mute")));
        device.awaitGot(1);
        device.got.getFirst().handover().delivered();
        node.awaitStatus(command, CommandStatus.DELIVERED);
        node.pass(Duration.ofSeconds(31));
        node.awaitStatus(command, CommandStatus.PENDING);
        node.pass(Duration.ofSeconds(2));
        device.awaitGot(2);
        assertThat(device.got.get(1).instruction().attempt()).isEqualTo(2);
        node.pass(Duration.ofSeconds(31));
        node.awaitStatus(command, CommandStatus.TIMEOUT);
        assertThat(device.answer(command)).isInstanceOf(Answer.Stored.class);
        assertThat(node.stage(command, id("mute")))
                .isInstanceOfSatisfying(
                        Stage.TimedOut.class, ended -> assertThat(ended.late()).isNotNull());
        Node.await(() -> "not counted", () -> node.tally.counts(device.protocol()).retries() == 1);
    }

    @Test
    void sendsAgainOverTheNextConnectionWhatWasLostWithTheOneBefore() {
        var first = new FakeDevice(add("flaky"), node).connect();
        awaitIdle();
        var command = node.issue(new Target.One(id("flaky")));
        first.awaitGot(1);
        first.disconnect();
        node.awaitStatus(command, CommandStatus.PENDING);
        var second = new FakeDevice(id("flaky"), node).obedient().connect();
        node.awaitStatus(command, CommandStatus.ACK_SUCCESS);
        assertThat(second.commands()).containsExactly(command);
        // the first connection's news come late
        first.got.getFirst().handover().delivered();
        first.disconnect();
        assertThat(node.stage(command, id("flaky")).attempts()).isEqualTo(2);
    }

    @Test
    void acceptsTheAnswerOverAnotherConnectionThanItSentTheCommandOn() {
        var first = new FakeDevice(add("roaming"), node).connect();
        awaitIdle();
        var command = node.issue(new Target.One(id("roaming")));
        first.awaitGot(1);
        first.got.getFirst().handover().delivered();
        node.awaitStatus(command, CommandStatus.DELIVERED);
        first.disconnect();
        var second = new FakeDevice(id("roaming"), node).connect();
        assertThat(second.answer(command)).isInstanceOf(Answer.Stored.class);
        node.awaitStatus(command, CommandStatus.ACK_SUCCESS);
        assertThat(second.got).isEmpty();
    }

    @Test
    void triesAgainSoonWhereNothingLeftTheServer() {
        var device =
                new FakeDevice(add("full"), node)
                        .reacting((self, got) -> {
                            if (self.got.size() == 1) {
                                got.handover().failed("its buffer is full");
                            } else {
                                self.answerLater(got.instruction().command());
                            }
                        })
                        .connect();
        awaitIdle();
        var command = node.issue(new Target.One(id("full")));
        node.awaitStatus(command, CommandStatus.PENDING);
        node.pass(Duration.ofSeconds(3));
        node.awaitStatus(command, CommandStatus.ACK_SUCCESS);
        assertThat(device.got.get(1).instruction().attempt()).isEqualTo(1);
    }

    @Test
    void expiresWhatADeviceDoesNotFetchInTime() {
        var command = node.issue(new Target.One(add("gone")));
        node.pass(Duration.ofHours(2));
        node.awaitStatus(command, CommandStatus.EXPIRED);
        var device = new FakeDevice(id("gone"), node).obedient().connect();
        awaitIdle();
        assertThat(device.got).isEmpty();
        assertThat(device.answer(command)).isEqualTo(new Answer.UnknownCommand());
    }

    @Test
    void sendsNothingThatWasCancelled() {
        var command = node.issue(new Target.Listed(List.of(add("c-1"), add("c-2"))));
        assertThat(node.issuing.cancel(command, Actor.apiKey("ops"))).isEqualTo(2);
        assertThat(node.progress(command)).isEqualTo(new Progress(0, 0, 0, 0, 0, 0, 0, 2));
        var device = new FakeDevice(id("c-1"), node).obedient().connect();
        awaitIdle();
        assertThat(device.got).isEmpty();
        assertThat(node.issuing.cancel(command, Actor.apiKey("ops"))).isZero();
    }

    @Test
    void sendsAfterARestartWhatWasUnderWay() {
        new FakeDevice(add("r-1"), node).connect();
        awaitIdle();
        var sent = node.issue(new Target.One(id("r-1")));
        node.awaitStatus(sent, CommandStatus.SENT);
        var waits = node.issue(new Target.One(add("r-2")));
        node.die();
        node = Node.alone(database, name);
        node.awaitStatus(sent, CommandStatus.PENDING);
        new FakeDevice(id("r-1"), node).obedient().connect();
        new FakeDevice(id("r-2"), node).obedient().connect();
        node.awaitStatus(sent, CommandStatus.ACK_SUCCESS);
        node.awaitStatus(waits, CommandStatus.ACK_SUCCESS);
        assertThat(node.stage(sent, id("r-1")).attempts()).isEqualTo(2);
    }

    @Test
    void givesTheFirstOfTwoCommandsWithOneKey() {
        var target = new Target.One(add("key"));
        var first = node.issued(Node.order(target, Priority.LOW, "k" + name));
        assertThat(node.issuing.issue(Node.order(target, Priority.LOW, "k" + name)))
                .isEqualTo(new Issuing.Outcome.Repeated(first));
        assertThat(node.issuing.issue(Node.order(target, Priority.HIGH, "k" + name)))
                .isEqualTo(new Issuing.Outcome.KeyReused(first));
        var other = new Target.One(add("other"));
        assertThat(node.issuing.issue(Node.order(other, Priority.LOW, "k" + name)))
                .isEqualTo(new Issuing.Outcome.KeyReused(first));
    }

    @Test
    void comparesTheDevicesOfAListHoweverLong() {
        var ids = fleet.addAll(name + "-list-", 202);
        var target = new Target.Listed(ids.subList(0, 201));
        var first = node.issued(Node.order(target, Priority.LOW, "l" + name));
        assertThat(node.issuing.issue(Node.order(target, Priority.LOW, "l" + name)))
                .isEqualTo(new Issuing.Outcome.Repeated(first));
        var other = new Target.Listed(ids.subList(1, 202));
        assertThat(node.issuing.issue(Node.order(other, Priority.LOW, "l" + name)))
                .isEqualTo(new Issuing.Outcome.KeyReused(first));
        var shorter = new Target.Listed(ids.subList(0, 200));
        assertThat(node.issuing.issue(Node.order(shorter, Priority.LOW, "l" + name)))
                .isEqualTo(new Issuing.Outcome.KeyReused(first));
    }

    @Test
    void endsTheCommandsOfADeviceThatIsRemoved() {
        var removed = add("removed");
        var stays = add("stays");
        var device = new FakeDevice(removed, node, 1).connect();
        var sent = node.issue(new Target.One(removed));
        device.awaitGot(1);
        var waiting = node.issue(new Target.Listed(List.of(removed, stays)));
        assertThat(node.stage(sent, removed)).isInstanceOf(Stage.Sent.class);
        new SqlDeviceStore(database)
                .remove(removed, DeviceStore.History.KEEP, Actor.apiKey("ops"), node.now());

        assertThat(node.progress(sent)).isEqualTo(new Progress(0, 0, 0, 0, 0, 0, 0, 1));
        assertThat(node.store.find(sent).orElseThrow().completedAt()).isEqualTo(node.now());
        assertThat(node.progress(waiting)).isEqualTo(new Progress(1, 0, 0, 0, 0, 0, 0, 1));
        assertThat(node.stage(waiting, removed))
                .isInstanceOfSatisfying(
                        Stage.Cancelled.class,
                        stage -> assertThat(stage.by()).isEqualTo("api_key:ops"));
        assertThat(device.answer(sent)).isEqualTo(new Answer.UnknownDevice());
    }

    @Test
    void endsWhatWasIssuedJustWhenItsDeviceWasRemoved() throws SQLException {
        var device = add("raced");
        var command = node.issue(new Target.One(device));
        try (var connection = test.connect();
                var delete =
                        connection.prepareStatement("DELETE FROM devices WHERE device_id = ?")) {
            delete.setString(1, device.value());
            assertThat(delete.executeUpdate()).isOne();
        }
        node.pass(Duration.ofMinutes(1));
        node.awaitStatus(command, CommandStatus.CANCELLED);
    }

    @Test
    void countsAnswersToCommandsOfOthers() {
        var owner = new FakeDevice(add("owner"), node).connect();
        var command = node.issue(new Target.One(id("owner")));
        owner.awaitGot(1);
        var stranger = new FakeDevice(add("stranger"), node);
        assertThat(stranger.answer(command)).isEqualTo(new Answer.UnknownCommand());
        assertThat(node.stage(command, id("owner"))).isInstanceOf(Stage.Sent.class);
        Node.await(
                () -> "not counted",
                () ->
                        node.meters.get("tethral.commands.foreign.answers").counters().stream()
                                .anyMatch(counter -> counter.count() == 1.0));
    }

    @Test
    void refusesTargetsThatAreNot() {
        assertThat(node.issuing.issue(Node.order(new Target.One(new DeviceId("nobody")))))
                .isEqualTo(new Issuing.Outcome.UnknownDevice(new DeviceId("nobody")));
        assertThat(node.issuing.issue(Node.order(new Target.OfType("no such type"))))
                .isEqualTo(new Issuing.Outcome.EmptyTarget());
        assertThat(
                        node.issuing.issue(
                                Node.order(
                                        new Target.Listed(
                                                List.of(add("known"), new DeviceId("nobody"))))))
                .isEqualTo(new Issuing.Outcome.UnknownDevice(new DeviceId("nobody")));
    }

    @Test
    void carriesACommandToVeryManyOfWhichSomeAreAway() {
        var ids = fleet.addAll(name + "-bulk-", 10_000);
        var connected = ids.subList(0, 9_000);
        connected.forEach(id -> new FakeDevice(id, node).obedient().connect());
        var command = node.issue(new Target.Listed(ids));
        Node.await(
                () -> node.progress(command).toString(),
                () -> {
                    var progress = node.progress(command);
                    assertThat(progress.targets()).as("at each moment").isEqualTo(10_000);
                    return progress.success() == 9_000;
                });
        assertThat(node.progress(command)).isEqualTo(new Progress(1_000, 0, 0, 9_000, 0, 0, 0, 0));
        ids.subList(9_000, 10_000).forEach(id -> new FakeDevice(id, node).obedient().connect());
        node.awaitStatus(command, CommandStatus.ACK_SUCCESS);
        Dispatch one = node.store.dispatch(new Dispatch.Key(command, ids.getFirst())).orElseThrow();
        assertThat(one.stage().attempts()).isEqualTo(1);
    }
}
