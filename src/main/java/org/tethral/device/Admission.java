package org.tethral.device;

import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.kernel.Document;

/// Devices that do not log in themselves, because a gateway or another broker speaks for them: who
/// of them is known, and who may be added. Blocks.
public final class Admission {

    private final DeviceStore devices;
    private final ProfileStore profiles;
    private final boolean open;
    private final Supplier<Optional<String>> profile;
    private final InstantSource clock;
    private final RandomGenerator random;

    /// @param open everybody is added; for demonstrations on the own machine only
    /// @param profile the name of the one whose devices are added at the moment; empty: none are
    public Admission(
            DeviceStore devices,
            ProfileStore profiles,
            boolean open,
            Supplier<Optional<String>> profile,
            InstantSource clock,
            RandomGenerator random) {
        this.devices = devices;
        this.profiles = profiles;
        this.open = open;
        this.profile = profile;
        this.clock = clock;
        this.random = random;
    }

    /// The device of that name, of the gateway's community; added to it where that is allowed.
    public Optional<ConnectingDevice> behind(Device gateway, String name) {
        var community = gateway.about().community();
        return find(name, community, Actor.device(gateway.deviceId().value()))
                .filter(device -> Objects.equals(device.about().community(), community))
                .map(Admission::connecting);
    }

    /// The device of that name, of whatever community: whoever connects a broker to the platform
    /// vouches for it.
    public Optional<ConnectingDevice> onBroker(String name) {
        return find(name, null, Actor.system("bridge")).map(Admission::connecting);
    }

    /// @param community to which it may be added; null: any
    private Optional<Device> find(String name, @Nullable CommunityId community, Actor actor) {
        DeviceId id;
        try {
            id = new DeviceId(name);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        var known = devices.find(id);
        if (known.isPresent()) {
            return known;
        }
        var about = about(name, community);
        if (about.isEmpty()) {
            return Optional.empty();
        }
        var device =
                Device.register(
                        new UUID(random.nextLong(), random.nextLong()),
                        id,
                        about.get(),
                        clock.instant());
        devices.add(device, null, actor); // whoever was first: it is looked up again
        return devices.find(id);
    }

    /// Empty: it may not be added.
    private Optional<Device.About> about(String name, @Nullable CommunityId community) {
        var found = profile.get().flatMap(profiles::findByName);
        var own = found.map(Profile::community);
        if (own.isPresent() && community != null && !own.get().equals(community)) {
            found = Optional.empty();
        }
        if (found.isEmpty() && !open) {
            return Optional.empty();
        }
        return Optional.of(
                new Device.About(
                        name,
                        null,
                        found.map(Profile::id).orElse(null),
                        found.map(Profile::protocol).orElse(null),
                        found.map(Profile::manufacturer).orElse(null),
                        found.map(Profile::model).orElse(null),
                        null,
                        List.of(),
                        Document.EMPTY,
                        Document.EMPTY,
                        community == null ? own.orElse(CommunityId.DEFAULT) : community,
                        null,
                        null));
    }

    /// Its times come from its profile when a message of it is decided; here they decide nothing.
    private static ConnectingDevice connecting(Device device) {
        return new ConnectingDevice(
                device.deviceId(),
                device.about().community(),
                device.enabled(),
                Profile.HEARTBEAT_INTERVAL_DEFAULT,
                Profile.OFFLINE_AFTER_DEFAULT);
    }
}
