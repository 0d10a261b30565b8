package org.tethral.lorawan;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.tethral.codec.Codec;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.DevEui;
import org.tethral.device.Device;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore;
import org.tethral.device.Evictions;
import org.tethral.device.Profile;
import org.tethral.device.ProfileStore;
import org.tethral.device.Protocol;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.space.LorawanDevice;
import org.tethral.space.LorawanDevices;

/// Which of our devices a DevEUI stands for, and how its payload is read; remembered for seconds.
final class KnownDevices {

    /// A change of a profile's codec is seen after that long.
    static final Duration REMEMBERED_FOR = Duration.ofSeconds(15);

    private static final Duration STRANGER_REMEMBERED_FOR = Duration.ofSeconds(1);
    private static final int REMEMBERED_MAX = 20_000;

    /// Under it, the metadata of a device has what its codec gets as `variables`.
    private static final String VARIABLES = "codec_variables";

    record Known(
            LorawanDevice lorawan,
            ConnectingDevice device,
            Optional<Codec> codec,
            Document variables) {}

    private record Remembered(Optional<Known> known, long untilNanos) {}

    /// Where devices are looked up.
    record Registry(LorawanDevices lorawan, DeviceStore devices, ProfileStore profiles) {}

    private final Registry registry;
    private final DeviceCodecs codecs;
    private final ConcurrentMap<DevEui, Remembered> remembered = new ConcurrentHashMap<>();

    KnownDevices(Registry registry, DeviceCodecs codecs, Evictions evictions) {
        this.registry = registry;
        this.codecs = codecs;
        evictions.listen((device, _) -> forget(device));
    }

    /// Empty: it is not registered. Blocks.
    ///
    /// @throws org.tethral.kernel.StorageException nobody can tell at the moment
    Optional<Known> find(DevEui devEui) {
        var one = remembered.get(devEui);
        if (one != null && System.nanoTime() - one.untilNanos() < 0) {
            return one.known();
        }
        var found = registry.lorawan().find(devEui).flatMap(this::known);
        if (remembered.size() >= REMEMBERED_MAX) {
            remembered.clear();
        }
        var keep = found.isPresent() ? REMEMBERED_FOR : STRANGER_REMEMBERED_FOR;
        remembered.put(devEui, new Remembered(found, System.nanoTime() + keep.toNanos()));
        return found;
    }

    void forget(DevEui devEui) {
        remembered.remove(devEui);
    }

    private void forget(DeviceId device) {
        remembered
                .values()
                .removeIf(one ->
                        one.known().filter(it -> it.device().id().equals(device)).isPresent());
    }

    private Optional<Known> known(LorawanDevice lorawan) {
        return registry.devices().find(lorawan.device()).map(device -> known(lorawan, device));
    }

    private Known known(LorawanDevice lorawan, Device device) {
        var about = device.about();
        var profile = about.profile();
        var codec =
                profile == null
                        ? Document.EMPTY
                        : registry.profiles()
                                .find(profile)
                                .map(Profile::codec)
                                .orElse(Document.EMPTY);
        var variables =
                about.metadata().find(VARIABLES).orElse(Value.Null.NULL) instanceof Document given
                        ? given
                        : Document.EMPTY;
        return new Known(
                lorawan,
                new ConnectingDevice(
                                device.deviceId(),
                                about.community(),
                                device.enabled(),
                                Profile.HEARTBEAT_INTERVAL_DEFAULT,
                                Profile.OFFLINE_AFTER_DEFAULT)
                        .askingBy(Protocol.LORAWAN),
                codecs.of(lorawan.payloadDecoder(), codec),
                variables);
    }
}
