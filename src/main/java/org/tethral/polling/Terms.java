package org.tethral.polling;

import java.time.Duration;

/// How gently sources are called.
///
/// @param callsPerMinute of one account
/// @param retryFirst the pause before the second attempt at a call, before the third one twice that
/// @param openFirst how long a circuit stays open the first time, then twice as long each time
/// @param openMost at the most
/// @param refusedPause before the next look at a channel that is refused
public record Terms(
        int callsPerMinute,
        Duration retryFirst,
        Duration openFirst,
        Duration openMost,
        Duration refusedPause) {

    public static final int CALLS_PER_MINUTE_DEFAULT = 60;

    public Terms {
        if (callsPerMinute < 1) {
            throw new IllegalArgumentException("at least one call per minute");
        }
    }

    public static Terms of(int callsPerMinute) {
        return new Terms(
                callsPerMinute,
                Duration.ofMillis(500),
                Duration.ofSeconds(30),
                Duration.ofMinutes(10),
                Duration.ofMinutes(5));
    }
}
