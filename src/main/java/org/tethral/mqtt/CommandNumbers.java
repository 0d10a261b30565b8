package org.tethral.mqtt;

import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.function.Consumer;
import org.tethral.command.CommandId;
import org.tethral.command.CommandLog;
import org.tethral.command.CommandStore;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Page;
import org.tethral.kernel.StorageException;

/// Which command a number of ThingsBoard's stands for. What was sent on this connection is
/// remembered; what was sent before it, perhaps by another node, is looked up among the newest of
/// the device. On the event loop; reads off it.
final class CommandNumbers {

    static final int REMEMBERED_MAX = 1_000;

    /// Commands of a device, newest first, among which a number is looked for.
    static final int NEWEST_MAX = 100;

    private final Conversation conversation;
    private final Surroundings around;
    private final LinkedHashMap<Key, CommandId> remembered = new LinkedHashMap<>();

    private record Key(DeviceId device, int number) {}

    CommandNumbers(Conversation conversation, Surroundings around) {
        this.conversation = conversation;
        this.around = around;
    }

    void sent(DeviceId device, CommandId command) {
        if (remembered.size() >= REMEMBERED_MAX) {
            remembered.pollFirstEntry();
        }
        remembered.putLast(new Key(device, command.number()), command);
    }

    /// Calls one of the two, at once or later; nothing more is read meanwhile, so that the messages
    /// stay in their order.
    ///
    /// @param then gets nothing when there is no such command
    void find(
            DeviceId device,
            int number,
            Consumer<Optional<CommandId>> then,
            Consumer<Refusal> failed) {
        var known = remembered.get(new Key(device, number));
        if (known != null) {
            then.accept(Optional.of(known));
            return;
        }
        var connection = conversation.connection();
        Runnable read =
                () -> {
                    Runnable next;
                    try {
                        var found = lookUp(device, number);
                        next = () -> then.accept(found);
                    } catch (StorageException e) {
                        next =
                                () ->
                                        failed.accept(
                                                new Refusal(
                                                        Reason.NOT_STORABLE,
                                                        "the database does not answer"));
                    }
                    var answer = next;
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

    private Optional<CommandId> lookUp(DeviceId device, int number) {
        return around
                .commands()
                .list(
                        new CommandStore.Filter(null, null, null, device),
                        Page.Request.first(NEWEST_MAX))
                .items()
                .stream()
                .map(CommandLog::id)
                .filter(id -> id.number() == number)
                .findFirst();
    }
}
