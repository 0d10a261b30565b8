package org.tethral.alert;

import java.time.Instant;
import java.util.Map;
import org.tethral.device.DeviceId;
import org.tethral.state.StateName;

/// Something that was committed of a device, as far as rules look at it.
public sealed interface Observation {

    DeviceId device();

    /// When it was so: for readings, by the device's own clock.
    Instant at();

    /// @param sequence of the snapshot
    /// @param readings those that some rule looks at; may be none
    record Report(DeviceId device, Instant at, long sequence, Map<String, Double> readings)
            implements Observation {
        public Report {
            readings = Map.copyOf(readings);
        }
    }

    record Moved(DeviceId device, Instant at, StateName to) implements Observation {}
}
