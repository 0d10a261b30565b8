package org.tethral.alert;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.device.DeviceId;
import org.tethral.state.StateName;

/// Something odd in how a device behaves, which no rule had to be made for.
public sealed interface Anomaly {

    DeviceId device();

    @Nullable CommunityId community();

    /// One stay in a state and one silence are told once, however long they last; null: there is no
    /// such beginning.
    @Nullable Instant since();

    /// Its state changes too often.
    ///
    /// @param changes within the window that ends now
    record Flapping(DeviceId device, @Nullable CommunityId community, long changes, Duration window)
            implements Anomaly {
        @Override
        public @Nullable Instant since() {
            return null;
        }
    }

    /// It does not get out of a state that should be over soon.
    record Stuck(DeviceId device, @Nullable CommunityId community, StateName state, Instant since)
            implements Anomaly {}

    /// It is online, and neither reports values nor changes its state, though it once did.
    record Silent(DeviceId device, @Nullable CommunityId community, Instant since)
            implements Anomaly {}

    /// As the table and the type of the event have it.
    default String word() {
        return switch (this) {
            case Flapping _ -> "flapping";
            case Stuck _ -> "stuck";
            case Silent _ -> "silent";
        };
    }
}
