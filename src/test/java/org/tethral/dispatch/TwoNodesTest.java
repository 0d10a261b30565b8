package org.tethral.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tethral.command.CommandId;
import org.tethral.command.CommandStatus;
import org.tethral.command.Doorbell;
import org.tethral.command.Progress;
import org.tethral.command.Stage;
import org.tethral.command.Target;
import org.tethral.device.DeviceId;
import org.tethral.ingest.Answer;
import org.tethral.sql.Database;
import org.tethral.sql.Fleet;
import org.tethral.sql.SqlDoorbell;
import org.tethral.sql.TestDatabase;

/// Two programs on one PostgreSQL. Their clocks stand, so that nothing is found by looking unless a
/// test lets time pass: what arrives was rung for.
class TwoNodesTest {

    private static final Duration DEAD_AFTER = Duration.ofSeconds(4);

    private static TestDatabase test;
    private static Database one;
    private static Database other;
    private static int names;

    private final List<Node> nodes = new ArrayList<>();
    private String name = "";
    private Fleet fleet;

    @BeforeAll
    static void open() {
        test = TestDatabase.postgresql();
        one = test.database();
        other = Database.open(test.url(), InstantSource.fixed(TestDatabase.NOW));
    }

    @AfterAll
    static void closeAll() {
        other.close();
        test.close();
    }

    @BeforeEach
    void begin() {
        name = "nodes-" + names++;
        fleet = new Fleet(one);
    }

    @AfterEach
    void close() {
        nodes.reversed().forEach(Node::close);
    }

    private Node node(Database database, String suffix, boolean rings) {
        var full = name + suffix;
        var doorbell = rings ? SqlDoorbell.of(database, test.url(), full) : Doorbell.NONE;
        var node = new Node(database, full, doorbell, DEAD_AFTER);
        nodes.add(node);
        return node;
    }

    private record Pair(Node a, Node b) {}

    /// Both know that the other one lives.
    private Pair pair(boolean ringing) {
        var a = node(one, "-a", ringing);
        var b = node(other, "-b", ringing);
        Node.await(
                () -> "they do not know each other",
                () ->
                        a.rounds.others().contains(name + "-b")
                                && b.rounds.others().contains(name + "-a"));
        return new Pair(a, b);
    }

    private DeviceId add(String suffix) {
        return fleet.add(name + "-" + suffix).id();
    }

    @Test
    void sendsFromTheNodeThatReachesTheDevice() {
        var pair = pair(true);
        var device = new FakeDevice(add("there"), pair.b()).connect();
        var command = pair.a().issue(new Target.One(id("there")));
        device.awaitGot(1);
        assertThat(pair.a().stage(command, id("there")))
                .isInstanceOfSatisfying(
                        Stage.Sent.class, stage -> assertThat(stage.node()).isEqualTo(name + "-b"));
        assertThat(device.answer(command)).isEqualTo(new Answer.Stored(List.of(1L)));
        pair.a().awaitStatus(command, CommandStatus.ACK_SUCCESS);
    }

    @Test
    void tellsWhoWaitsOnTheOtherNodeThatTheCommandHasEnded() throws Exception {
        var pair = pair(true);
        var device = new FakeDevice(add("watched"), pair.b()).connect();
        var command = pair.a().issue(new Target.One(id("watched")));
        var told = new CountDownLatch(1);
        try (var _ = pair.a().ends.watch(command, _ -> told.countDown())) {
            device.awaitGot(1);
            device.answerLater(command);
            assertThat(told.await(40, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(pair.a().progress(command).isComplete()).isTrue();
    }

    @Test
    void isOnlyLaterWhenNobodyRings() {
        var pair = pair(false);
        var device = new FakeDevice(add("unrung"), pair.b()).obedient().connect();
        Node.await(() -> "not idle", () -> pair.b().dispatcher.idle());
        var command = pair.a().issue(new Target.One(id("unrung")));
        assertThat(device.got).isEmpty();
        pair.b().pass(Duration.ofSeconds(3));
        pair.a().awaitStatus(command, CommandStatus.ACK_SUCCESS);
        assertThat(device.commands()).containsExactly(command);
    }

    /// The device is connected to both for a while, as it is when it changes from one to the other:
    /// both want to send it whatever both issue.
    @Test
    void claimsEachCommandOnce() {
        var pair = pair(true);
        var ids = fleet.addAll(name + "-both-", 20);
        var devices = new ArrayList<FakeDevice>();
        for (var id : ids) {
            devices.add(new FakeDevice(id, pair.a()).obedient().connect());
            devices.add(new FakeDevice(id, pair.b()).obedient().connect());
        }
        var issued = new ArrayList<CompletableFuture<List<CommandId>>>();
        for (var node : nodes) {
            issued.add(
                    CompletableFuture.supplyAsync(() -> {
                        var commands = new ArrayList<CommandId>();
                        for (int i = 0; i < 20; i++) {
                            commands.add(node.issue(new Target.Listed(ids)));
                        }
                        return commands;
                    }));
        }
        var commands = issued.stream().flatMap(some -> some.join().stream()).toList();
        for (var command : commands) {
            pair.a().awaitStatus(command, CommandStatus.ACK_SUCCESS);
            assertThat(pair.a().progress(command)).isEqualTo(new Progress(0, 0, 0, 20, 0, 0, 0, 0));
        }
        var got = devices.stream().mapToInt(device -> device.got.size()).sum();
        assertThat(got).isEqualTo(commands.size() * ids.size());
        assertThat(devices.stream().flatMap(device -> device.got.stream()))
                .allMatch(one -> one.instruction().attempt() == 1);
    }

    @Test
    void losesNothingThatADeadNodeHadClaimed() {
        var pair = pair(true);
        var silent = new FakeDevice(add("widow"), pair.b()).connect();
        var claimed = pair.a().issue(new Target.One(id("widow")));
        silent.awaitGot(1);
        nodes.remove(pair.b());
        pair.b().die();

        var device = new FakeDevice(id("widow"), pair.a()).obedient().connect();
        var begin = System.nanoTime();
        // it is lost, which counts as an attempt, and waits a moment
        Node.await(
                () -> "is " + pair.a().stage(claimed, id("widow")),
                () -> pair.a().stage(claimed, id("widow")) instanceof Stage.Pending);
        assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .isLessThan(DEAD_AFTER.multipliedBy(3));
        pair.a().pass(Duration.ofSeconds(2));
        pair.a().awaitStatus(claimed, CommandStatus.ACK_SUCCESS);
        assertThat(device.got)
                .singleElement()
                .satisfies(got -> assertThat(got.instruction().attempt()).isEqualTo(2));
        assertThat(pair.a().rounds.others()).isEmpty();
    }

    @Test
    void takesTheAnswerOnWhicheverNodeItComes() {
        var pair = pair(true);
        var before = new FakeDevice(add("mover"), pair.b()).connect();
        var command = pair.a().issue(new Target.One(id("mover")));
        before.awaitGot(1);
        var after = new FakeDevice(id("mover"), pair.a());
        assertThat(after.answer(command)).isEqualTo(new Answer.Stored(List.of(1L)));
        before.disconnect(); // what was lost with it was answered already
        Node.await(() -> "not idle", () -> pair.b().dispatcher.idle());
        assertThat(pair.b().stage(command, id("mover"))).isInstanceOf(Stage.Acknowledged.class);
        assertThat(before.got).hasSize(1);
    }

    private DeviceId id(String suffix) {
        return new DeviceId(name + "-" + suffix);
    }
}
