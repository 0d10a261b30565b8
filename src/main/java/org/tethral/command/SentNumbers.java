package org.tethral.command;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.tethral.device.DeviceId;

/// Which command a device means by a number ([CommandId#number]), where its protocol has room for no
/// more: those that this node sent last. All protocols share it, so that a device may answer by
/// another one.
public final class SentNumbers {

    static final int REMEMBERED_MAX = 20_000;

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
    public Optional<CommandId> find(DeviceId device, String text) {
        try {
            return text.length() > 10
                    ? Optional.of(CommandId.parse(text))
                    : find(device, Integer.parseInt(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private synchronized Optional<CommandId> find(DeviceId device, int number) {
        return Optional.ofNullable(sent.get(new Key(device, number)));
    }
}
