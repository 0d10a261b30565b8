package org.tethral.alert;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;
import org.tethral.state.StateName;

/// How far rules have got with devices, and how far each node has looked.
public interface WatchStore {

    /// @param revision rises with each write of it; 0: there is no row
    record Kept(UUID rule, long ruleVersion, DeviceId device, Watch watch, long revision) {}

    /// One step of a watch.
    ///
    /// @param revision of the row that it is a step from
    /// @param at when it was found, by our own clock
    record Turn(
            AlertRule rule,
            AlertRule.Member member,
            long revision,
            Watch before,
            Watch after,
            Instant at) {}

    /// A device and what is known of it now.
    ///
    /// @param reportedAt when it last reported values, by our own clock; null where that cannot be
    ///   told from its last change of state
    record Present(
            AlertRule.Member member,
            StateName state,
            Instant stateSince,
            @Nullable Instant reportedAt) {}

    /// What those devices belong to; those that are not there are left out.
    Map<DeviceId, AlertRule.Member> members(Collection<DeviceId> devices);

    List<Kept> watches(Collection<DeviceId> devices);

    /// Whose time has come, longest ago first.
    List<Kept> due(Instant now, int limit);

    /// Writes watches, alerts and their events in one commit, in the order given.
    ///
    /// @return devices of which something was not written, as somebody else was faster or the rule
    ///   is another one by now
    Collection<DeviceId> keep(List<Turn> turns);

    /// Ends what was watched of devices that are gone, and their alerts.
    void drop(List<Kept> gone, Instant at);

    /// Of these devices.
    List<Present> present(Collection<DeviceId> devices);

    /// Devices that were updated since, by id.
    List<Present> updatedSince(Instant since, @Nullable DeviceId after, int limit);

    /// Devices that a rule is about and that were heard of, by id.
    List<Present> covered(AlertRule.Scope scope, @Nullable DeviceId after, int limit);

    /// Rules that are enabled and of which this version has not been held against what devices are.
    List<UUID> unexamined();

    void examined(AlertRule rule);

    /// All that was committed on this node up to then has been looked at.
    void looked(String node, Instant upTo, Instant now);

    /// From when on is to be looked at what this node (`own`), or nodes that wrote nothing since
    /// `silentSince`, left. Each of these is given to one node, which leaves it itself until it
    /// says by [#looked] that it has looked.
    List<Instant> left(String node, boolean own, Instant silentSince);
}
