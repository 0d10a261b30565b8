package org.tethral.websocket;

import java.time.InstantSource;
import org.tethral.account.Actor;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore;

/// Keeps in the registry what devices say of themselves.
final class Introductions {

    /// How often somebody else may change the same device first before this gives up.
    private static final int CONFLICTS_MAX = 5;

    enum Outcome {
        KEPT,
        DEVICE_IS_GONE,
        OVERTAKEN
    }

    private final DeviceStore devices;
    private final InstantSource clock;

    Introductions(DeviceStore devices, InstantSource clock) {
        this.devices = devices;
        this.clock = clock;
    }

    /// Blocks. Writes only when there is something new; returns when it is durable.
    Outcome keep(DeviceId id, Introduction introduction) {
        for (int i = 0; i < CONFLICTS_MAX; i++) {
            var found = devices.find(id);
            if (found.isEmpty()) {
                return Outcome.DEVICE_IS_GONE;
            }
            var device = found.get();
            var about = introduction.appliedTo(device.about());
            if (about.equals(device.about())) {
                return Outcome.KEPT;
            }
            var next = device.changed(about, device.enabled(), clock.instant());
            switch (devices.change(next, Actor.device(id.value()))) {
                case DeviceStore.Change.Changed _ -> {
                    return Outcome.KEPT;
                }
                case DeviceStore.Change.Unknown _ -> {
                    return Outcome.DEVICE_IS_GONE;
                }
                case DeviceStore.Change.VersionIsNow _ -> {}
            }
        }
        return Outcome.OVERTAKEN;
    }
}
