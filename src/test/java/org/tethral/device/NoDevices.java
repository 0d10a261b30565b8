package org.tethral.device;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.kernel.Page;

/// Stores that answer nothing: a test's own store says what it answers, and whatever else is asked
/// fails the test.
public abstract class NoDevices implements CredentialStore, DeviceStore {

    private static AssertionError unexpected() {
        return new AssertionError("not expected to be asked here");
    }

    @Override
    public CredentialStore.Addition add(Credential credential) {
        throw unexpected();
    }

    @Override
    public Optional<Credential> find(UUID id) {
        throw unexpected();
    }

    @Override
    public List<Credential> list(DeviceId device) {
        throw unexpected();
    }

    @Override
    public boolean end(UUID id, Instant at) {
        throw unexpected();
    }

    @Override
    public boolean revoke(UUID id, Instant at) {
        throw unexpected();
    }

    @Override
    public void used(UUID id, Instant at) {}

    @Override
    public DeviceStore.Addition add(Device device, @Nullable Credential credential, Actor actor) {
        throw unexpected();
    }

    @Override
    public List<DeviceStore.Addition> addAll(List<Device> devices, Actor actor) {
        throw unexpected();
    }

    @Override
    public Optional<Device> find(DeviceId id) {
        throw unexpected();
    }

    @Override
    public Page<Device> list(DeviceFilter filter, Page.Request page) {
        throw unexpected();
    }

    @Override
    public Change change(Device next, Actor actor) {
        throw unexpected();
    }

    @Override
    public Change move(Device next, String reason, Actor actor) {
        throw unexpected();
    }

    @Override
    public boolean remove(DeviceId id, History history, Actor actor, Instant at) {
        throw unexpected();
    }

    @Override
    public List<LifecycleMove> lifecycle(DeviceId id) {
        throw unexpected();
    }

    @Override
    public Statistics statistics(@Nullable CommunityId community) {
        throw unexpected();
    }
}
