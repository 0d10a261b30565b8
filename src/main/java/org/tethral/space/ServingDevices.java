package org.tethral.space;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.device.DevEui;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Page;

/// The registries of sensors and displays: what devices are to spaces, apart from what they are as
/// devices. Removing a device removes it from here.
public interface ServingDevices extends LorawanDevices {

    sealed interface Outcome {
        /// @param isNew it was not in the registry before
        record Done(boolean isNew) implements Outcome {}

        /// There is no such device.
        record NoSuchDevice() implements Outcome {}

        /// Another device has it.
        record DevEuiTaken(DevEui devEui) implements Outcome {}
    }

    /// A sensor, and the space that it serves.
    record Sensor(SensorDevice about, @Nullable CommunityId community, @Nullable SpaceId space) {}

    /// @param spaces how many it serves
    record Display(DisplayDevice about, @Nullable CommunityId community, int spaces) {}

    /// @param orphans true: only those that serve no space
    record Filter(@Nullable CommunityId community, boolean orphans) {

        public static final Filter ALL = new Filter(null, false);
    }

    /// Enters it, or changes what is there.
    Outcome put(SensorDevice sensor, Instant at);

    /// Enters it, or changes what is there. Displays of spaces are told again where their codes
    /// changed.
    Outcome put(DisplayDevice display, Actor by, Instant at);

    /// Spaces that it served have none from then on. False: it was not there.
    boolean removeSensor(DeviceId device);

    boolean removeDisplay(DeviceId device);

    Optional<Sensor> sensor(DeviceId device);

    Optional<Display> display(DeviceId device);

    /// In the order of their device ids.
    Page<Sensor> sensors(Filter filter, Page.Request page);

    Page<Display> displays(Filter filter, Page.Request page);
}
