package org.tethral.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.tethral.command.CommandId;
import org.tethral.command.DispatchStep;
import org.tethral.command.Downlink;
import org.tethral.command.Handover;
import org.tethral.command.Instruction;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.DeviceId;
import org.tethral.device.Protocol;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Inbound;

/// A device, and its connection to a node.
final class FakeDevice implements Downlink {

    record Got(Instruction instruction, Handover handover) {}

    final List<Got> got = new CopyOnWriteArrayList<>();
    private final DeviceId id;
    private final Node node;
    private final int capacity;
    private volatile BiConsumer<FakeDevice, Got> reaction = (_, _) -> {};

    FakeDevice(DeviceId id, Node node, int capacity) {
        this.id = id;
        this.node = node;
        this.capacity = capacity;
    }

    FakeDevice(DeviceId id, Node node) {
        this(id, node, Downlink.IN_FLIGHT_MAX);
    }

    /// On the thread that sends.
    FakeDevice reacting(BiConsumer<FakeDevice, Got> next) {
        reaction = next;
        return this;
    }

    FakeDevice obedient() {
        return reacting((device, got) -> device.answerLater(got.instruction().command()));
    }

    FakeDevice connect() {
        node.dispatcher.reachable(id, this);
        return this;
    }

    void disconnect() {
        node.dispatcher.unreachable(id, this);
    }

    @Override
    public Protocol protocol() {
        return Protocol.WEBSOCKET;
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public void send(Instruction instruction, Handover handover) {
        var one = new Got(instruction, handover);
        got.add(one);
        reaction.accept(this, one);
    }

    private Inbound answerTo(CommandId command) {
        return new Inbound.CommandStep(
                ConnectingDevice.named(id), node.now(), command, DispatchStep.Answered.succeeded());
    }

    void answerLater(CommandId command) {
        assertThat(node.ingest.offer(answerTo(command), 0, _ -> {})).isTrue();
    }

    Answer answer(CommandId command) {
        return node.ingest.submit(answerTo(command)).join();
    }

    List<CommandId> commands() {
        return got.stream().map(one -> one.instruction().command()).toList();
    }

    FakeDevice awaitGot(int count) {
        Node.await(() -> id + " got " + got.size(), () -> got.size() >= count);
        return this;
    }
}
