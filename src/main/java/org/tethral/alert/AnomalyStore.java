package org.tethral.alert;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;

/// Finds devices that may behave oddly, each by an index, and keeps what was told of them.
/// Decommissioned devices are left out.
public interface AnomalyStore {

    /// These devices, with how often their state changed after `from`, up to and including `to`.
    List<Suspect> moved(Collection<DeviceId> devices, Instant from, Instant to);

    /// In a transient state since then or longer, longest first; without those that are not to be
    /// told again.
    List<Suspect> lingering(Instant since, Instant toldBefore, int limit);

    /// Devices that are online, by id.
    List<Suspect> online(@Nullable DeviceId after, int limit);

    /// Tells it, unless it was told before: its event and the note of it are one commit.
    ///
    /// @param toldBefore told after this, it is not told again
    /// @return whether it was told
    boolean tell(Anomaly anomaly, Instant toldBefore, Instant at);
}
