package org.tethral.websocket;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.Credential;
import org.tethral.device.Device;
import org.tethral.device.DeviceId;
import org.tethral.device.NoDevices;
import org.tethral.kernel.Page;
import org.tethral.kernel.Secret;
import org.tethral.kernel.StorageException;
import org.tethral.state.DeviceState;
import org.tethral.state.Interval;
import org.tethral.state.StateChange;
import org.tethral.state.StateName;
import org.tethral.state.StateStore;

/// As much of a registry in memory as the edge asks for, with counters and failures on command.
final class Shelf extends NoDevices {

    private final Map<String, Found> tokens = new ConcurrentHashMap<>();
    private final Map<DeviceId, Device> devices = new ConcurrentHashMap<>();
    final Map<DeviceId, DeviceState> states = new ConcurrentHashMap<>();
    volatile boolean away;
    volatile int changes;
    volatile int overtakings;

    void put(ConnectingDevice device, Secret token) {
        var now = Instant.parse("2026-01-01T00:00:00Z");
        var credential = Credential.token(UUID.randomUUID(), device.id(), token, now);
        tokens.put(credential.identity(), new Found(credential, device));
        devices.put(
                device.id(),
                Device.register(
                        UUID.randomUUID(),
                        device.id(),
                        Device.About.named(device.id().value()),
                        now));
    }

    StateStore stateStore() {
        return new States();
    }

    @Override
    public Optional<Found> find(Credential.Type type, String identity) {
        reach();
        return type == Credential.Type.TOKEN
                ? Optional.ofNullable(tokens.get(identity))
                : Optional.empty();
    }

    @Override
    public Optional<Device> find(DeviceId id) {
        reach();
        return Optional.ofNullable(devices.get(id));
    }

    @Override
    public synchronized Change change(Device next, Actor actor) {
        reach();
        var now = devices.get(next.deviceId());
        if (now == null) {
            return new Change.Unknown(next.deviceId());
        }
        if (overtakings > 0) {
            overtakings--;
            devices.put(now.deviceId(), now.changed(now.about(), now.enabled(), now.updatedAt()));
        }
        var version = devices.get(next.deviceId()).version();
        if (version != next.version() - 1) {
            return new Change.VersionIsNow(version);
        }
        devices.put(next.deviceId(), next);
        changes++;
        return new Change.Changed(next);
    }

    private void reach() {
        if (away) {
            throw new StorageException(
                    StorageException.Cause.UNAVAILABLE, "reach the registry (on command)");
        }
    }

    private static AssertionError notAsked() {
        return new AssertionError("the edge has no business to ask for this");
    }

    private final class States implements StateStore {

        @Override
        public Optional<DeviceState> find(DeviceId device) {
            reach();
            return Optional.ofNullable(states.get(device));
        }

        @Override
        public Page<DeviceState> list(
                @Nullable StateName state, @Nullable CommunityId community, Page.Request page) {
            throw notAsked();
        }

        @Override
        public Map<StateName, Long> statistics(@Nullable CommunityId community) {
            return new HashMap<>();
        }

        @Override
        public Page<StateChange> changes(DeviceId device, Page.Request page) {
            throw notAsked();
        }

        @Override
        public Page<StateChange> changes(DeviceId device, Interval interval, Page.Request page) {
            throw notAsked();
        }

        @Override
        public Map<StateName, Duration> durations(DeviceId device, Interval interval, Instant now) {
            throw notAsked();
        }

        @Override
        public List<String> metrics(DeviceId device) {
            throw notAsked();
        }
    }
}
