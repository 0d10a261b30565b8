package org.tethral.state;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Page;

/// Reads of current states and their changes. They are written by the ingest pipeline alone.
public interface StateStore {

    Optional<DeviceState> find(DeviceId device);

    /// In the order of device ids; null: in any state, of any community.
    Page<DeviceState> list(
            @Nullable StateName state, @Nullable CommunityId community, Page.Request page);

    /// Devices per current state.
    Map<StateName, Long> statistics(@Nullable CommunityId community);

    /// Newest first.
    Page<StateChange> changes(DeviceId device, Page.Request page);

    /// Those within the interval, newest first.
    Page<StateChange> changes(DeviceId device, Interval interval, Page.Request page);

    /// How long the device was in each state within the interval (up to `now` at most); the state
    /// before the first change counts from the device's registration.
    Map<StateName, Duration> durations(DeviceId device, Interval interval, Instant now);

    /// The names of the numeric values that the device ever reported, in their order.
    List<String> metrics(DeviceId device);
}
