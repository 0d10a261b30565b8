package org.tethral.mqtt;

import org.jspecify.annotations.Nullable;
import org.tethral.command.CommandId;
import org.tethral.command.DispatchStep;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Inbound;
import org.tethral.payload.Malformed;
import org.tethral.payload.NativePayload;
import org.tethral.payload.ThingsBoardRpc;

/// Commands on the connection of a device, down and answered. Its parts are made when they are
/// first needed. On the event loop.
final class DeviceCommands {

    private final DeviceTraffic traffic;
    private final Conversation conversation;
    private final Surroundings around;
    private @Nullable CommandFeed feed;
    private @Nullable CommandOutlet outlet;
    private @Nullable CommandNumbers numbers;

    DeviceCommands(DeviceTraffic traffic, Surroundings around) {
        this.traffic = traffic;
        this.conversation = traffic.conversation();
        this.around = around;
    }

    CommandOutlet outlet() {
        if (outlet == null) {
            outlet = new CommandOutlet(traffic, around);
        }
        return outlet;
    }

    CommandNumbers numbers() {
        if (numbers == null) {
            numbers = new CommandNumbers(conversation, around);
        }
        return numbers;
    }

    /// Subscriptions have changed.
    void look() {
        if (feed == null) {
            feed = new CommandFeed(traffic, this, around);
        }
        feed.look();
    }

    /// There is room again.
    void pump() {
        if (outlet != null) {
            outlet.pump();
        }
    }

    void close() {
        if (outlet != null) {
            outlet.close();
        }
        if (feed != null) {
            feed.close();
        }
    }

    /// On the command's own topic.
    void answered(CommandId command, byte[] payload, Acknowledgement acknowledgement)
            throws Malformed {
        offer(command, NativePayload.commandAnswer(payload), payload.length, acknowledgement);
    }

    /// By the number of a call.
    void answered(int number, byte[] payload, Acknowledgement acknowledgement) throws Malformed {
        var answer = ThingsBoardRpc.answer(payload);
        numbers()
                .find(
                        traffic.device().id(),
                        number,
                        command ->
                                command.ifPresentOrElse(
                                        id -> offer(id, answer, payload.length, acknowledgement),
                                        () -> unknown(acknowledgement)),
                        refusal -> traffic.refuse(acknowledgement, refusal));
    }

    private void offer(
            CommandId command,
            DispatchStep.Answered answer,
            int bytes,
            Acknowledgement acknowledgement) {
        var connection = conversation.connection();
        var step =
                new Inbound.CommandStep(traffic.device(), connection.receivedAt(), command, answer);
        traffic.offer(
                step,
                bytes,
                acknowledgement,
                stored -> {
                    if (stored instanceof Answer.UnknownCommand) {
                        connection.loop().outbox().add(() -> unknown(acknowledgement));
                    } else {
                        acknowledgement.answered(stored);
                    }
                });
    }

    /// An answer to no command. MQTT 3.1.1 has no word for that, and nothing is lost with it: there
    /// it is confirmed, as a client that is cut off over it would repeat it after each connection.
    void unknown(Acknowledgement acknowledgement) {
        var refusal = new Refusal(Reason.NOT_STORABLE, Answer.UnknownCommand.REASON);
        if (conversation.hello().version5()) {
            traffic.refuse(acknowledgement, refusal);
        } else {
            conversation.refused("command_ack", refusal);
            acknowledgement.settle(null);
            conversation.flushLater();
        }
    }
}
