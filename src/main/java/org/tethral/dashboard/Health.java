package org.tethral.dashboard;

import java.time.Duration;

/// How well a device is, from 0 to 100, as `docs/health.md` says: a weighted mean of what is known
/// of it, times how fresh that is.
public final class Health {

    /// Over which time errors are looked at; also after what time offline nothing is left.
    public static final Duration LOOKED_BACK = Duration.ofHours(24);

    public static final Duration TURNS_LOOKED_BACK = Duration.ofHours(1);

    /// Of a device that nothing was ever heard of, which is not judged.
    public static final int UNJUDGED = 100;

    private static final double WEIGHT_ERRORS = 40;
    private static final double WEIGHT_TURNS = 25;
    private static final double WEIGHT_BATTERY = 20;
    private static final double WEIGHT_SIGNAL = 15;

    /// So much is left when a device has just gone offline.
    private static final double FRESH_OFFLINE = 0.6;

    private static final double TURNS_USUAL = 6;
    private static final double TURNS_WORST = 30;
    private static final double BATTERY_EMPTY = 5;
    private static final double BATTERY_GOOD = 40;
    private static final double SIGNAL_NONE = -110;
    private static final double SIGNAL_GOOD = -70;

    private Health() {}

    public static int of(Vitals vitals) {
        var silence = vitals.silence();
        if (silence == null) {
            return UNJUDGED;
        }
        var sum =
                WEIGHT_ERRORS * (1 - between(vitals.errorShare(), 0, 1))
                        + WEIGHT_TURNS * (1 - between(vitals.turns(), TURNS_USUAL, TURNS_WORST));
        var weights = WEIGHT_ERRORS + WEIGHT_TURNS;
        var battery = vitals.battery();
        if (battery != null && !battery.isNaN()) {
            sum += WEIGHT_BATTERY * between(battery, BATTERY_EMPTY, BATTERY_GOOD);
            weights += WEIGHT_BATTERY;
        }
        var signal = vitals.signal();
        if (signal != null && !signal.isNaN()) {
            sum += WEIGHT_SIGNAL * between(signal, SIGNAL_NONE, SIGNAL_GOOD);
            weights += WEIGHT_SIGNAL;
        }
        return (int) Math.round(100 * freshness(vitals.online(), silence, vitals) * sum / weights);
    }

    private static double freshness(boolean online, Duration silence, Vitals vitals) {
        if (online) {
            return 1;
        }
        var over = (double) silence.minus(vitals.offlineAfter()).toSeconds();
        return FRESH_OFFLINE * (1 - between(over, 0, (double) LOOKED_BACK.toSeconds()));
    }

    /// 0 at `from` and before, 1 at `to` and after, in between in proportion.
    private static double between(double value, double from, double to) {
        return Math.clamp((value - from) / (to - from), 0, 1);
    }
}
