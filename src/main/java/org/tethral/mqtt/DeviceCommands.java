package org.tethral.mqtt;

import org.jspecify.annotations.Nullable;
import org.tethral.command.CommandId;
import org.tethral.command.DispatchStep;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
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
    void answered(String number, byte[] payload, Acknowledgement acknowledgement) throws Malformed {
        var answer = ThingsBoardRpc.answer(payload);
        numbers()
                .find(
                        traffic.device().id(),
                        number,
                        id -> offer(id, answer, payload.length, acknowledgement),
                        refusal -> traffic.refuse(acknowledgement, refusal));
    }

    private void offer(
            CommandId command,
            DispatchStep.Answered answer,
            int bytes,
            Acknowledgement acknowledgement) {
        var step =
                new Inbound.CommandStep(
                        traffic.device(), conversation.connection().receivedAt(), command, answer);
        traffic.offer(step, bytes, acknowledgement, reply(acknowledgement));
    }

    /// For an answer to a command. MQTT 3.1.1 has no word for one to no command, and nothing is
    /// lost with it: there it is confirmed, as a client that is cut off over it would repeat it
    /// after each connection.
    Ingest.Reply reply(Acknowledgement acknowledgement) {
        var outbox = conversation.connection().loop().outbox();
        return stored -> {
            if (stored instanceof Answer.UnknownCommand && !conversation.hello().version5()) {
                outbox.add(() -> unknown(acknowledgement));
            } else {
                acknowledgement.answered(stored);
            }
        };
    }

    private void unknown(Acknowledgement acknowledgement) {
        conversation.refused(
                "command_ack", new Refusal(Reason.NOT_STORABLE, Answer.UnknownCommand.REASON));
        acknowledgement.settle(null);
        conversation.flushLater();
    }
}
