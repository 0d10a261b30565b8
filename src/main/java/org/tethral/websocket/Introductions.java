package org.tethral.websocket;

import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.account.Actor;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore;
import org.tethral.kernel.StorageException;

/// Keeps in the registry what devices say of themselves.
final class Introductions {

    /// How often somebody else may change the same device first before this gives up.
    private static final int CONFLICTS_MAX = 5;

    private static final Logger LOG = LoggerFactory.getLogger(Introductions.class);

    private final DeviceStore devices;
    private final InstantSource clock;

    Introductions(DeviceStore devices, InstantSource clock) {
        this.devices = devices;
        this.clock = clock;
    }

    /// Blocks. Writes only when there is something new; returns when it is durable, or with the
    /// reason why it is not.
    Optional<String> keep(DeviceId id, Introduction introduction) {
        try {
            for (int i = 0; i < CONFLICTS_MAX; i++) {
                var found = devices.find(id);
                if (found.isEmpty()) {
                    return gone(id);
                }
                var device = found.get();
                var about = introduction.appliedTo(device.about());
                if (about.equals(device.about())) {
                    return Optional.empty();
                }
                var next = device.changed(about, device.enabled(), clock.instant());
                switch (devices.change(next, Actor.device(id.value()))) {
                    case DeviceStore.Change.Changed _ -> {
                        return Optional.empty();
                    }
                    case DeviceStore.Change.Unknown _ -> {
                        return gone(id);
                    }
                    case DeviceStore.Change.VersionIsNow _ -> {}
                }
            }
            return Optional.of("the registry entry is being changed by others; register again");
        } catch (StorageException e) {
            LOG.atDebug().addKeyValue("device_id", id).setCause(e).log("registration not kept");
            return Optional.of("the registration could not be kept; register again");
        }
    }

    private static Optional<String> gone(DeviceId id) {
        return Optional.of("device " + id + " is not registered any more");
    }
}
