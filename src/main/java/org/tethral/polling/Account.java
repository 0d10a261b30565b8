package org.tethral.polling;

import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/// The calls of one account: a token bucket that fills every few seconds, and a pause that the
/// source asked for.
final class Account {

    /// The bucket holds what fills in within that time.
    private static final Duration FILLED = Duration.ofSeconds(10);

    /// Whoever would wait longer for a token is sent away.
    static final Duration TOKEN_WAIT_MAX = Duration.ofSeconds(30);

    static final Duration PAUSE_DEFAULT = Duration.ofSeconds(15);
    static final Duration PAUSE_MAX = Duration.ofMinutes(10);

    private final String name;
    private final IntSupplier callsPerMinute;
    private final InstantSource clock;
    private @Nullable Bucket bucket;
    private volatile Instant pausedUntil = Instant.MIN;

    private record Bucket(int callsPerMinute, RateLimiter limiter) {}

    /// @param callsPerMinute at least one; asked before each call
    Account(String name, IntSupplier callsPerMinute, InstantSource clock) {
        this.name = name;
        this.callsPerMinute = callsPerMinute;
        this.clock = clock;
    }

    /// A new one when the rate has changed.
    private synchronized RateLimiter bucket() {
        var wanted = callsPerMinute.getAsInt();
        var present = bucket;
        if (present == null || present.callsPerMinute() != wanted) {
            present = new Bucket(wanted, limiter(wanted));
            bucket = present;
        }
        return present.limiter();
    }

    private RateLimiter limiter(int perMinute) {
        var minute = Duration.ofMinutes(1);
        var tokens = (int) Math.max(1, perMinute * FILLED.toMillis() / minute.toMillis());
        return RateLimiter.of(
                name,
                RateLimiterConfig.custom()
                        .limitForPeriod(tokens)
                        .limitRefreshPeriod(minute.multipliedBy(tokens).dividedBy(perMinute))
                        .timeoutDuration(TOKEN_WAIT_MAX)
                        .build());
    }

    /// Waits for a token. False: it would take too long.
    boolean take() throws InterruptedException {
        var taken = bucket().acquirePermission();
        if (Thread.interrupted()) {
            throw new InterruptedException("closing");
        }
        return taken;
    }

    /// Nobody calls for that long: there were too many calls.
    void pause(Duration pause) {
        var most = pause.compareTo(PAUSE_MAX) < 0 ? pause : PAUSE_MAX;
        pausedUntil = clock.instant().plus(most);
    }

    /// Until when nobody calls; in the past when that is over.
    Instant pausedUntil() {
        return pausedUntil;
    }
}
