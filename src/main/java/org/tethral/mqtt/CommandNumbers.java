package org.tethral.mqtt;

import java.util.function.Consumer;
import org.tethral.command.CommandId;
import org.tethral.device.DeviceId;
import org.tethral.kernel.StorageException;

/// Which command a number of ThingsBoard's stands for, see [org.tethral.command.SentNumbers]. On
/// the event loop; reads off it.
final class CommandNumbers {

    private final Conversation conversation;
    private final Surroundings around;

    CommandNumbers(Conversation conversation, Surroundings around) {
        this.conversation = conversation;
        this.around = around;
    }

    /// Calls one of the two, at once or later; nothing more is read meanwhile, so that the messages
    /// stay in their order.
    void find(DeviceId device, String number, Consumer<CommandId> then, Consumer<Refusal> failed) {
        var known = around.numbers().remembered(device, number);
        if (known.isPresent()) {
            then.accept(known.get());
            return;
        }
        var connection = conversation.connection();
        Runnable read =
                () -> {
                    var answer = lookedUp(device, number, then, failed);
                    connection
                            .loop()
                            .outbox()
                            .addAndRing(() -> {
                                answer.run();
                                connection.intake().resume(Intake.Pause.COMMAND_LOOKUP);
                            });
                };
        if (around.lookups().start(read)) {
            connection.intake().pause(Intake.Pause.COMMAND_LOOKUP);
        } else {
            failed.accept(new Refusal(Reason.QUOTA_EXCEEDED, "too many look-ups at a time"));
        }
    }

    /// Blocks.
    private Runnable lookedUp(
            DeviceId device, String number, Consumer<CommandId> then, Consumer<Refusal> failed) {
        try {
            var found = around.numbers().find(device, number);
            return () -> then.accept(found);
        } catch (StorageException e) {
            return () ->
                    failed.accept(new Refusal(Reason.NOT_STORABLE, "the database does not answer"));
        }
    }
}
