package org.tethral.mqtt;

import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;
import org.tethral.command.CommandId;
import org.tethral.command.DispatchStep;
import org.tethral.command.Handover;
import org.tethral.command.Instruction;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.DeviceId;
import org.tethral.ingest.Inbound;
import org.tethral.kernel.Document;

/// Commands on their way to one client: for its own device, or for those behind it. The queue of
/// commands is the dispatcher's. Here waits only what was handed over and the client has no room
/// for yet; nothing of it outlives the connection, and no session keeps it. On the event loop.
final class CommandOutlet {

    static final int WAITING_MAX = 100;

    private final DeviceTraffic traffic;
    private final Conversation conversation;
    private final Surroundings around;
    private final LinkedHashMap<Key, Parcel> waiting = new LinkedHashMap<>();

    private record Key(DeviceId device, CommandId command) {}

    private record Parcel(
            ConnectingDevice device, Instruction instruction, Handover handover, Form form) {
        Key key() {
            return new Key(device.id(), instruction.command());
        }
    }

    /// How a client has asked for commands.
    @FunctionalInterface
    interface Form {
        /// Null: it does not ask for them any more.
        Outgoing.@Nullable Message of(Instruction instruction);
    }

    CommandOutlet(DeviceTraffic traffic, Surroundings around) {
        this.traffic = traffic;
        this.conversation = traffic.conversation();
        this.around = around;
    }

    /// From any thread.
    void send(ConnectingDevice device, Instruction instruction, Handover handover, Form form) {
        var parcel = new Parcel(device, instruction, handover, form);
        conversation.connection().loop().outbox().addAndRing(() -> take(parcel));
    }

    private void take(Parcel parcel) {
        if (!conversation.open()) {
            parcel.handover().failed("the connection is closed");
        } else if (!waiting.isEmpty() || !done(parcel)) {
            var key = parcel.key();
            if (waiting.size() < WAITING_MAX || waiting.containsKey(key)) {
                waiting.put(key, parcel); // instead of an attempt before, whose time is over
            } else {
                parcel.handover().failed("the client does not take more at a time");
            }
        }
    }

    /// There is room again.
    void pump() {
        while (!waiting.isEmpty()) {
            var next = waiting.firstEntry();
            if (!done(next.getValue())) {
                return;
            }
            waiting.remove(next.getKey());
        }
    }

    /// False: the client has no room.
    private boolean done(Parcel parcel) {
        var message = parcel.form().of(parcel.instruction());
        if (message == null) {
            parcel.handover().failed("the client does not subscribe to commands any more");
            return true;
        }
        var writing = conversation.outgoing().write(message, reason -> received(parcel, reason));
        switch (writing) {
            case NO_ROOM -> {
                return false;
            }
            case TOO_LARGE ->
                    step(
                            parcel,
                            new DispatchStep.Lost(
                                    parcel.instruction().attempt(),
                                    "the command is larger than the client's Maximum Packet Size"));
            case WRITTEN -> {
                conversation.flushLater();
                if (message.qos() == 0 && parcel.instruction().oneWay()) {
                    parcel.handover().delivered();
                }
            }
        }
        return true;
    }

    /// PUBACK. A client that refuses a command has answered it.
    private void received(Parcel parcel, int reason) {
        if (reason < Conversation.REFUSED) {
            parcel.handover().delivered();
        } else {
            var words = "refused in PUBACK, reason 0x%02X".formatted(reason);
            step(parcel, new DispatchStep.Answered(false, Document.EMPTY, words));
        }
    }

    private void step(Parcel parcel, DispatchStep step) {
        traffic.offer(
                new Inbound.CommandStep(
                        parcel.device(),
                        around.clock().instant(),
                        parcel.instruction().command(),
                        step),
                0,
                around.meters().unacknowledged());
    }

    /// Of what waits nothing was sent.
    void close() {
        waiting.values().forEach(parcel -> parcel.handover().failed("the connection is closed"));
        waiting.clear();
    }
}
