package org.tethral.polling;

import java.time.Duration;
import java.util.function.IntSupplier;

/// How gently sources are called.
///
/// @param callsPerMinute of one account, as it is at the moment: it may change while the program
///   runs
/// @param retryFirst the pause before the second attempt at a call, before the third one twice that
/// @param openFirst how long a circuit stays open the first time, then twice as long each time
/// @param openMost at the most
/// @param refusedPause before the next look at a channel that is refused
public record Terms(
        IntSupplier callsPerMinute,
        Duration retryFirst,
        Duration openFirst,
        Duration openMost,
        Duration refusedPause) {

    public static final int CALLS_PER_MINUTE_DEFAULT = 60;

    public static Terms of(IntSupplier callsPerMinute) {
        return new Terms(
                callsPerMinute,
                Duration.ofMillis(500),
                Duration.ofSeconds(30),
                Duration.ofMinutes(10),
                Duration.ofMinutes(5));
    }
}
