package org.tethral.command;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.tethral.device.DeviceId;

/// Which command a device means by a number ([CommandId#number]), where its protocol has room for
/// no more: those that this node sent last. All protocols share it, so that a device may answer by
/// another one.
public final class SentNumbers {

    static final int REMEMBERED_MAX = 20_000;

    private static final int DIGITS_MAX = 10;
    private static final CommandId NOBODY = new CommandId(new UUID(0, 0));

    private record Key(DeviceId device, int number) {}

    private final Map<Key, CommandId> sent = new Remembered();

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

    /// @param text a number, or the command's own id
    /// @return where it is not known any more, an id that no command has: its answer is refused as
    ///   that of any unknown one
    public CommandId find(DeviceId device, String text) {
        try {
            return text.length() > DIGITS_MAX
                    ? CommandId.parse(text)
                    : find(device, Integer.parseInt(text));
        } catch (IllegalArgumentException e) {
            return NOBODY;
        }
    }

    private synchronized CommandId find(DeviceId device, int number) {
        return sent.getOrDefault(new Key(device, number), NOBODY);
    }
}
