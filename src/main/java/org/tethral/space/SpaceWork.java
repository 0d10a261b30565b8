package org.tethral.space;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;
import org.tethral.state.StateName;

/// What the platform does with spaces by itself. Each call is one commit: what changes of spaces,
/// and the events and actuations that come of it.
public interface SpaceWork {

    /// Sensors that serve a space, each with the value that says whether it is taken (empty: any of
    /// the usual ones).
    Map<DeviceId, Optional<String>> sensors();

    /// What sensors said, in its order; what is older than what is known already changes nothing.
    void see(List<Sighting> sightings, Instant now);

    /// A sensor of which more was committed than was looked at for its space.
    ///
    /// @param seenAt of the newest report that was; null: none
    /// @param updatedAt all before that will be looked at by this
    record Behind(
            DeviceId sensor,
            Optional<String> field,
            @Nullable Instant seenAt,
            long seenSequence,
            StateName state,
            Instant stateSince,
            Instant updatedAt) {}

    /// In the order of their ids.
    List<Behind> behind(@Nullable DeviceId after, int limit);

    /// All that these committed up to their times was looked at, what is of the last seconds
    /// excepted, as something may still come before it.
    void readTo(Collection<Behind> behind, Instant now);

    /// Spaces whose sensor was removed from the registry have nobody's word any more.
    ///
    /// @return how many
    int settleLeft(Instant now, int limit);

    /// Overrides that ran out.
    ///
    /// @return how many
    int endOverrides(Instant now, int limit);

    /// Reservations whose time has come.
    ///
    /// @return how many
    int advanceReservations(Instant now, int limit);
}
