package org.tethral.lorawan;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.tethral.command.CommandId;
import org.tethral.command.CommandLog;
import org.tethral.command.CommandStore;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Page;

/// Which attempt at which command a downlink is. Its id follows from these, so nothing has to be
/// kept of it: those of late are remembered, and for one that was sent before a restart, or by
/// another node, the newest commands of the device are looked through.
final class Attempts {

    static final int REMEMBERED_MAX = 20_000;
    static final int NEWEST_MAX = 1_000;

    /// Of ids that are made of a name; those of actuations are made of time and chance.
    private static final int NAMED = 3;

    /// @param number from 1
    record Attempt(CommandId command, int number) {}

    private final CommandStore store;
    private final Map<UUID, Attempt> remembered =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<UUID, Attempt> eldest) {
                    return size() > REMEMBERED_MAX;
                }
            };

    Attempts(CommandStore store) {
        this.store = store;
    }

    /// The id of the downlink that carries it.
    UUID sent(DeviceId device, Attempt attempt) {
        var id = id(device, attempt);
        synchronized (remembered) {
            remembered.put(id, attempt);
        }
        return id;
    }

    static UUID id(DeviceId device, Attempt attempt) {
        var name = attempt.command() + "/" + attempt.number() + "/" + device;
        return UUID.nameUUIDFromBytes(name.getBytes(UTF_8));
    }

    /// Empty: the downlink carried no command to that device. May ask the database.
    ///
    /// @throws org.tethral.kernel.StorageException nobody can tell at the moment
    Optional<Attempt> find(DeviceId device, UUID downlink) {
        if (downlink.version() != NAMED) {
            return Optional.empty();
        }
        synchronized (remembered) {
            var one = remembered.get(downlink);
            if (one != null) {
                return Optional.of(one);
            }
        }
        var ofDevice = new CommandStore.Filter(null, null, null, device);
        for (var log : store.list(ofDevice, Page.Request.first(NEWEST_MAX)).items()) {
            var attempt = find(device, downlink, log);
            if (attempt.isPresent()) {
                return attempt;
            }
        }
        return Optional.empty();
    }

    private static Optional<Attempt> find(DeviceId device, UUID downlink, CommandLog log) {
        for (int number = 1; number <= log.terms().attemptsMax(); number++) {
            var attempt = new Attempt(log.id(), number);
            if (id(device, attempt).equals(downlink)) {
                return Optional.of(attempt);
            }
        }
        return Optional.empty();
    }
}
