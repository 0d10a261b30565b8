package org.tethral.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import org.tethral.command.CommandStatus;
import org.tethral.command.Stage;
import org.tethral.command.Target;
import org.tethral.device.DeviceId;
import org.tethral.ingest.Fact;
import org.tethral.sql.Fleet;
import org.tethral.sql.TestDatabase;

/// Between the receipt of a command and its answer.
@ParameterizedClass(name = "{0}")
@MethodSource("org.tethral.sql.TestDatabases#engines")
class ReceivedCommandsTest {

    private static final int COMMANDS = 20;
    private static int names;

    private final DeviceId device;
    private final Node node;

    ReceivedCommandsTest(TestDatabase test) {
        var name = "received-" + names++;
        this.device = new Fleet(test.database()).add(name).id();
        this.node = Node.alone(test.database(), name);
    }

    @AfterEach
    void close() {
        node.close();
    }

    private void awaitIdle() {
        Node.await(() -> "looks go on", () -> node.dispatcher.idle());
    }

    @Test
    void areNotSentAgainWhenTheConnectionBreaksRightAfter() {
        var first =
                new FakeDevice(device, node)
                        .reacting((self, got) -> {
                            got.handover().delivered();
                            self.disconnect();
                        })
                        .connect();
        awaitIdle();
        var command = node.issue(new Target.One(device));
        first.awaitGot(1);
        var second = new FakeDevice(device, node).connect();
        node.awaitStatus(command, CommandStatus.DELIVERED);
        awaitIdle();
        assertThat(second.got).isEmpty();
        assertThat(node.stage(command, device).attempts()).isEqualTo(1);
    }

    @Test
    void areNotWrittenAsReceivedWhenTheAnswerFollowsAtOnce() {
        var stages = new CopyOnWriteArrayList<Stage>();
        node.ingest.listen(facts -> stages.addAll(stages(facts)));
        new FakeDevice(device, node)
                .reacting((self, got) -> {
                    got.handover().delivered();
                    self.answerLater(got.instruction().command());
                })
                .connect();
        awaitIdle();
        for (int i = 0; i < COMMANDS; i++) {
            node.awaitStatus(node.issue(new Target.One(device)), CommandStatus.ACK_SUCCESS);
        }
        Node.await(
                () -> "told " + stages,
                () -> stages.stream().filter(Stage::isFinal).count() == COMMANDS);
        assertThat(stages.stream().filter(Stage.Delivered.class::isInstance).count())
                .as("of %d, on a machine that may be very busy", COMMANDS)
                .isLessThan(COMMANDS);
    }

    private static List<Stage> stages(List<Fact> facts) {
        return facts.stream()
                .filter(Fact.DispatchMoved.class::isInstance)
                .map(fact -> ((Fact.DispatchMoved) fact).after().stage())
                .toList();
    }
}
