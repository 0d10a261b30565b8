package org.tethral.dashboard;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;

/// What the health of devices is judged by, and the scores.
public interface HealthStore {

    /// @param score that is kept
    record Patient(DeviceId device, Vitals vitals, int score) {}

    /// Of those of these devices that were heard of at least once.
    List<Patient> of(Collection<DeviceId> devices, Instant now);

    /// The same of all devices, in the order of their ids.
    ///
    /// @param after null: from the beginning
    List<Patient> next(@Nullable DeviceId after, int limit, Instant now);

    /// A score whose device somebody else writes at this moment may be left out.
    void keep(Map<DeviceId, Integer> scores);
}
