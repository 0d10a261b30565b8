package org.tethral.state;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Page;

/// Reads of what devices reported.
public interface HistoryStore {

    /// Newest first.
    Page<Snapshot> newest(DeviceId device, Page.Request page);

    /// In the order of time, or newest first.
    Page<Snapshot> range(
            DeviceId device, Interval interval, boolean newestFirst, Page.Request page);

    /// The same in the order of time, one by one, without holding them all.
    void stream(DeviceId device, Interval interval, Consumer<Snapshot> consumer);

    /// The readings of one metric in the order of time.
    ///
    /// @param limit at most that many
    List<Reading> readings(DeviceId device, String metric, Interval interval, int limit);

    /// One aggregate per `step` of the interval in which there was a reading, in the order of time,
    /// steps aligned to 1970-01-01T00:00:00Z. Answered from roll-ups where a step is a multiple of
    /// their length; always complete and exact, late readings included.
    List<Aggregate> aggregates(DeviceId device, String metric, Interval interval, Duration step);
}
