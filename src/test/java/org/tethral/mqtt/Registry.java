package org.tethral.mqtt;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.Credential;
import org.tethral.device.Device;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore;
import org.tethral.device.NoDevices;
import org.tethral.ingest.MemoryJournal;
import org.tethral.kernel.Secret;
import org.tethral.kernel.StorageException;

/// Devices and credentials in memory: as much of the stores as an edge uses. Can be away on
/// command.
final class Registry extends NoDevices {

    private final MemoryJournal journal;
    private final Map<DeviceId, Device> devices = new ConcurrentHashMap<>();
    private final List<Credential> credentials = new CopyOnWriteArrayList<>();
    private final Random random = new Random(7);
    private volatile boolean away;
    private volatile Runnable beforeLookup = () -> {};

    Registry(MemoryJournal journal) {
        this.journal = journal;
    }

    /// Registers a device with a token, which is returned.
    String device(String id) {
        return device(id, Device.About.named(id));
    }

    String gateway(String id) {
        return device(id, about(id, List.of("gateway"), CommunityId.DEFAULT));
    }

    String device(String id, Device.About about) {
        var device = new DeviceId(id);
        devices.put(device, Device.register(UUID.randomUUID(), device, about, Instant.EPOCH));
        journal.register(device, true);
        var token = Secret.generate(Credential.TOKEN_PREFIX, random);
        credentials.add(Credential.token(UUID.randomUUID(), device, token, Instant.EPOCH));
        return token.reveal();
    }

    static Device.About about(String id, List<String> capabilities, CommunityId community) {
        var plain = Device.About.named(id);
        return new Device.About(
                plain.name(),
                null,
                null,
                null,
                null,
                null,
                null,
                capabilities,
                plain.metadata(),
                plain.location(),
                community,
                null,
                null);
    }

    /// The hash of a password is the password here.
    void credential(String device, Credential.Type type, String identity, String secret) {
        credentials.add(
                new Credential(
                        UUID.randomUUID(),
                        new DeviceId(device),
                        type,
                        identity,
                        secret,
                        Instant.EPOCH,
                        null,
                        null,
                        null));
    }

    void disable(String id) {
        var device = new DeviceId(id);
        devices.computeIfPresent(
                device, (_, one) -> one.changed(one.about(), false, Instant.EPOCH));
        journal.register(device, false);
    }

    void away(boolean is) {
        away = is;
    }

    void beforeLookup(Runnable action) {
        beforeLookup = action;
    }

    @Override
    public Optional<Found> find(Credential.Type type, String identity) {
        beforeLookup.run();
        if (away) {
            throw new StorageException(
                    StorageException.Cause.UNAVAILABLE, "find credential (on command)");
        }
        return credentials.stream()
                .filter(one -> one.type() == type && one.identity().equals(identity))
                .findFirst()
                .map(one -> new Found(one, connecting(one.device())));
    }

    private ConnectingDevice connecting(DeviceId id) {
        return new ConnectingDevice(
                id,
                devices.get(id).about().community(),
                devices.get(id).enabled(),
                Duration.ofSeconds(30),
                Duration.ofSeconds(90));
    }

    @Override
    public DeviceStore.Addition add(Device device, @Nullable Credential credential, Actor actor) {
        if (devices.putIfAbsent(device.deviceId(), device) != null) {
            return new DeviceStore.Addition.IdTaken(device.deviceId());
        }
        journal.register(device.deviceId(), true);
        if (credential != null) {
            credentials.add(credential);
        }
        return new DeviceStore.Addition.Added(device);
    }

    @Override
    public Optional<Device> find(DeviceId id) {
        if (away) {
            throw new StorageException(
                    StorageException.Cause.UNAVAILABLE, "find device (on command)");
        }
        return Optional.ofNullable(devices.get(id));
    }
}
