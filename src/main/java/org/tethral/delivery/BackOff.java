package org.tethral.delivery;

import java.time.Duration;

/// How long to wait after a failure: twice as long each time, with jitter, so that those who failed
/// together do not come back together.
final class BackOff {

    static final Duration FIRST = Duration.ofSeconds(1);

    /// Between two attempts at one event.
    static final Duration EVENT_MAX = Duration.ofHours(1);

    /// Between two attempts at a receiver that takes nothing: so soon its return is noticed.
    static final Duration RECEIVER_MAX = Duration.ofSeconds(30);

    private static final int DOUBLINGS_MAX = 20;

    private BackOff() {}

    /// Half of it is certain, half is chance.
    ///
    /// @param failures in a row, from 1
    /// @param chance from 0 to 1
    static Duration after(int failures, Duration most, double chance) {
        var doubled = FIRST.multipliedBy(1L << Math.min(failures - 1, DOUBLINGS_MAX));
        var whole = doubled.compareTo(most) < 0 ? doubled : most;
        return Duration.ofNanos((long) (whole.toNanos() * (0.5 + chance / 2)));
    }
}
