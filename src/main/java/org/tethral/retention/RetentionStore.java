package org.tethral.retention;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.tethral.device.Device;
import org.tethral.device.DeviceStore.History;

/// What is too old, taken away.
public interface RetentionStore {

    /// Takes, or goes on with, a sweep on behalf of a node. While it is taken no other node can,
    /// until so long after the last time.
    ///
    /// @return false: another node is at it
    boolean take(Kept kept, String node, Instant now, Duration until);

    /// A way once through all that is kept of a kind.
    Sweep sweep(Ages ages);

    /// Notes what a sweep has removed, and that others may begin.
    void end(Kept kept, String node, Instant now, long removed);

    /// Not thread-safe; each step is one transaction.
    interface Sweep {

        /// @param removed rows
        /// @param last there is nothing after it
        record Step(int removed, boolean last) {}

        Step step();
    }

    /// Devices that are offline and were heard of last before then, but for those in maintenance.
    List<Device> longOffline(Instant before, int limit);

    /// Removes the device, as the registry does, unless it was heard of again.
    boolean removeOffline(Device device, Instant before, History history, Instant now);
}
