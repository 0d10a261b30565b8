package org.tethral.command;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Page;

/// Which command a device means by a number ([CommandId#number]), where its protocol has room for
/// no more. All protocols that ask so share it, so that a device may answer by another one.
public final class SentNumbers {

    static final int REMEMBERED_MAX = 20_000;

    static final int NEWEST_MAX = 100;

    private static final int DIGITS_MAX = 10;
    private static final CommandId NOBODY = new CommandId(new UUID(0, 0));

    private record Key(DeviceId device, int number) {}

    private final Map<Key, CommandId> sent = new Remembered();
    private final CommandStore store;

    public SentNumbers(CommandStore store) {
        this.store = store;
    }

    private static final class Remembered extends LinkedHashMap<Key, CommandId> {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, CommandId> eldest) {
            return size() > REMEMBERED_MAX;
        }
    }

    public synchronized void sent(DeviceId device, CommandId command) {
        var key = new Key(device, command.number());
        sent.remove(key);
        sent.put(key, command);
    }

    /// Of those that were sent from here lately; never blocks.
    ///
    /// @param text a number, or the command's own id
    public synchronized Optional<CommandId> remembered(DeviceId device, String text) {
        try {
            return Optional.ofNullable(
                    text.length() > DIGITS_MAX
                            ? CommandId.parse(text)
                            : sent.get(new Key(device, Integer.parseInt(text))));
        } catch (IllegalArgumentException e) {
            return Optional.of(NOBODY);
        }
    }

    /// Also of those that were sent before a restart, or by another node: looked for among the
    /// newest of the device. May ask the database.
    ///
    /// @return where there is none, an id that no command has: its answer is refused as that of any
    ///   unknown one
    public CommandId find(DeviceId device, String text) {
        return remembered(device, text)
                .orElseGet(() -> {
                    var number = Integer.parseInt(text);
                    var ofDevice = new CommandStore.Filter(null, null, null, device);
                    return store.list(ofDevice, Page.Request.first(NEWEST_MAX)).items().stream()
                            .map(CommandLog::id)
                            .filter(id -> id.number() == number)
                            .findFirst()
                            .orElse(NOBODY);
                });
    }
}
