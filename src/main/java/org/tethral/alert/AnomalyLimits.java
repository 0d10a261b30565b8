package org.tethral.alert;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What is odd, and what is still ordinary. Pure.
///
/// @param flappingChanges of state within the window: as many are odd
/// @param stuckAfter so long in a transient state
/// @param silentAfter at least so long without values or a change of state
/// @param silentHeartbeats and at least so many intervals of its profile
/// @param toldAgainAfter of one device and kind, one event in such a time at most
public record AnomalyLimits(
        int flappingChanges,
        Duration flappingWindow,
        Duration stuckAfter,
        Duration silentAfter,
        int silentHeartbeats,
        Duration toldAgainAfter) {

    public static final AnomalyLimits USUAL =
            new AnomalyLimits(
                    10,
                    Duration.ofMinutes(10),
                    Duration.ofMinutes(15),
                    Duration.ofHours(1),
                    10,
                    Duration.ofHours(1));

    /// All that is odd of a device now.
    List<Anomaly> judge(Suspect suspect, Instant now) {
        var found = new ArrayList<Anomaly>();
        if (suspect.changes() >= flappingChanges) {
            found.add(
                    new Anomaly.Flapping(
                            suspect.device(),
                            suspect.community(),
                            suspect.changes(),
                            flappingWindow));
        }
        if (suspect.state().isTransient() && !suspect.stateSince().plus(stuckAfter).isAfter(now)) {
            found.add(
                    new Anomaly.Stuck(
                            suspect.device(),
                            suspect.community(),
                            suspect.state(),
                            suspect.stateSince()));
        }
        if (suspect.online()
                && suspect.hasReported()
                && !suspect.updatedAt().plus(silentAfter(suspect)).isAfter(now)) {
            found.add(
                    new Anomaly.Silent(suspect.device(), suspect.community(), suspect.updatedAt()));
        }
        return found;
    }

    /// Who is expected to speak once a day is not silent after an hour.
    private Duration silentAfter(Suspect suspect) {
        var many = suspect.heartbeatInterval().multipliedBy(silentHeartbeats);
        return many.compareTo(silentAfter) > 0 ? many : silentAfter;
    }
}
