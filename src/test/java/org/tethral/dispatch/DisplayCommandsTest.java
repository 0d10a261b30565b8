package org.tethral.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tethral.command.CommandId;
import org.tethral.command.CommandStatus;
import org.tethral.command.Target;
import org.tethral.device.DevEui;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.space.DisplayCode;
import org.tethral.space.DisplayCodes;
import org.tethral.space.DisplayDevice;
import org.tethral.space.DisplayDownlink;
import org.tethral.space.DisplayType;
import org.tethral.space.DownlinkNews;
import org.tethral.space.DownlinkRefused;
import org.tethral.space.SpaceState;
import org.tethral.sql.Fleet;
import org.tethral.sql.TestDatabase;

/// Displays that are no LoRaWAN devices, told by commands.
class DisplayCommandsTest {

    private static final TestDatabase TEST = TestDatabase.sqlite();
    private static int names;

    private final String name = "display-" + names++;
    private final List<String> news = new CopyOnWriteArrayList<>();
    private Node node;
    private DisplayCommands displays;
    private DeviceId device;

    @AfterAll
    static void remove() {
        TEST.close();
    }

    @BeforeEach
    void start() {
        device = new Fleet(TEST.database()).add(name).id();
        startNode();
    }

    private void startNode() {
        node = Node.alone(TEST.database(), name);
        displays = new DisplayCommands(node.issuing, node.store, node::now);
        displays.tell(
                new DownlinkNews() {
                    @Override
                    public void transmitted(UUID item, Instant at) {
                        news.add("transmitted " + item);
                    }

                    @Override
                    public void acknowledged(UUID item, boolean acknowledged, Instant at) {
                        news.add("acknowledged " + item + " " + acknowledged);
                    }

                    @Override
                    public void failed(@Nullable UUID item, DevEui display, String reason) {
                        news.add("failed " + item);
                    }
                });
        node.ingest.listen(displays);
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private DisplayDownlink downlink(UUID item, DeviceId to, boolean confirmed) {
        var codes = new DisplayCodes(java.util.Map.of());
        return new DisplayDownlink(
                item,
                new DisplayDevice(to, null, DisplayType.GENERIC, codes, 1, confirmed, null, null),
                null,
                SpaceState.OCCUPIED,
                1,
                new DisplayCode("01"),
                confirmed,
                node.now().plusSeconds(600));
    }

    private UUID send(int number, boolean confirmed) {
        var item = new UUID(0x0190_0000_0000_7000L, 0x8000_0000_0000_0000L + number);
        displays.send(downlink(item, device, confirmed)).toCompletableFuture().join();
        return item;
    }

    @Test
    void carriesTheCodeAndTheAnswerUnderTheItemsOwnId() {
        var display = new FakeDevice(device, node).obedient().connect();
        var item = send(1, true);
        Node.await(() -> "news: " + news, () -> news.contains("acknowledged " + item + " true"));
        var got = display.got.getFirst().instruction();
        assertThat(got.command()).isEqualTo(new CommandId(item));
        assertThat(got.name()).isEqualTo(DisplayCommands.NAME);
        assertThat(got.payload())
                .isEqualTo(Document.of("state", Value.of("occupied")).with("code", Value.of("01")));
        assertThat(got.oneWay()).isFalse();
    }

    @Test
    void isContentWithDeliveryWhereNothingIsToBeConfirmed() {
        new FakeDevice(device, node).reacting((_, got) -> got.handover().delivered()).connect();
        var item = send(2, false);
        Node.await(() -> "news: " + news, () -> news.contains("transmitted " + item));
    }

    @Test
    void takesBackWhatADisplayThatIsAwayDidNotGet() {
        var old = send(3, true);
        var next = send(4, true);
        node.awaitStatus(new CommandId(old), CommandStatus.CANCELLED);
        Node.await(() -> "news: " + news, () -> news.contains("acknowledged " + old + " false"));
        var display = new FakeDevice(device, node).obedient().connect();
        Node.await(() -> "news: " + news, () -> news.contains("acknowledged " + next + " true"));
        assertThat(display.commands()).containsExactly(new CommandId(next));
    }

    /// As when the node ended before it went through what it had to take back.
    @Test
    void takesBackWhatOthersLeft() {
        var left = send(5, true);
        node.close();
        startNode();
        var next = send(6, false);
        assertThat(node.stage(new CommandId(left), device).status())
                .isEqualTo(CommandStatus.CANCELLED);
        assertThat(node.stage(new CommandId(next), device).status())
                .isEqualTo(CommandStatus.PENDING);
    }

    @Test
    void leavesTheCommandsOfOthersAlone() {
        var open = node.issue(new Target.One(device));
        send(7, true);
        assertThat(node.stage(open, device).status()).isEqualTo(CommandStatus.PENDING);
    }

    @Test
    void saysThatThereIsNoSuchDevice() {
        var sent = displays.send(downlink(new UUID(9, 9), new DeviceId("nobody"), true));
        assertThat(sent.toCompletableFuture())
                .failsWithin(java.time.Duration.ofSeconds(10))
                .withThrowableOfType(ExecutionException.class)
                .havingCause()
                .isInstanceOfSatisfying(
                        DownlinkRefused.class, refusal -> assertThat(refusal.permanent()).isTrue());
    }
}
