package org.tethral.dashboard;

import java.util.OptionalDouble;

/// How many there are of what a dashboard shows, of one community or of all.
///
/// @param devices all that are registered; those that are neither online nor offline were never
///   heard of
/// @param rated devices whose health counts: heard of at least once, enabled, not decommissioned
/// @param healthSum of the rated ones
public record FleetCounts(
        long devices,
        long online,
        long offline,
        long rated,
        long healthSum,
        long openAlerts,
        long criticalAlerts) {

    public static final FleetCounts NONE = new FleetCounts(0, 0, 0, 0, 0, 0, 0);

    /// 0 to 100; empty while no device is rated.
    public OptionalDouble averageHealth() {
        return rated == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) healthSum / rated);
    }

    /// False: something was counted wrong.
    public boolean isPossible() {
        return devices >= 0
                && online >= 0
                && offline >= 0
                && online + offline <= devices
                && rated >= 0
                && rated <= online + offline
                && healthSum >= 0
                && healthSum <= 100 * rated
                && criticalAlerts >= 0
                && criticalAlerts <= openAlerts;
    }
}
