package org.tethral.polling;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.source.Circuit;
import org.tethral.source.Fetched;

/// Keeps from calling a source of which too many calls failed: those of the channel, so that a
/// channel that fails keeps from no other one.
final class Breaker {

    private static final int CALLS_LOOKED_AT = 10;
    private static final int CALLS_MIN = 5;
    private static final float FAILED_PERCENT_MAX = 50;
    private static final int DOUBLINGS_MAX = 20;

    private final CircuitBreaker breaker;
    private final InstantSource clock;
    private volatile @Nullable Instant openUntil;

    /// @param kept how it was written down; one that was open stays so until then, and where
    ///   nothing says until when, the next call decides
    Breaker(String name, Circuit kept, Terms terms, InstantSource clock, RandomGenerator random) {
        this.clock = clock;
        this.breaker =
                CircuitBreaker.of(
                        name,
                        CircuitBreakerConfig.custom()
                                .clock(clock.withZone(ZoneOffset.UTC))
                                .slidingWindow(
                                        CALLS_LOOKED_AT,
                                        CALLS_MIN,
                                        CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                                .failureRateThreshold(FAILED_PERCENT_MAX)
                                .permittedNumberOfCallsInHalfOpenState(1)
                                .recordResult(Fetched.Failed.class::isInstance)
                                .waitIntervalFunctionInOpenState(
                                        times -> opened(times, terms, random.nextDouble()))
                                .build());
        if (kept.state() != Circuit.State.CLOSED) {
            var until = kept.until();
            if (until != null && until.isAfter(clock.instant())) {
                openUntil = until;
                breaker.transitionToOpenStateFor(Duration.between(clock.instant(), until));
            } else {
                breaker.transitionToOpenState();
                breaker.transitionToHalfOpenState();
            }
        }
    }

    /// Half of it is certain, half is chance, so that those who failed together do not come back
    /// together.
    private long opened(int times, Terms terms, double chance) {
        var doubled = terms.openFirst().multipliedBy(1L << Math.min(times - 1, DOUBLINGS_MAX));
        var whole = doubled.compareTo(terms.openMost()) < 0 ? doubled : terms.openMost();
        var open = Duration.ofMillis((long) (whole.toMillis() * (0.5 + chance / 2)));
        openUntil = clock.instant().plus(open);
        return open.toMillis();
    }

    /// True: the call may be made, and [#told] or [#givenUp] follows.
    boolean admits() {
        return breaker.tryAcquirePermission();
    }

    void told(Fetched answer, long nanos) {
        breaker.onResult(nanos, TimeUnit.NANOSECONDS, answer);
    }

    void givenUp() {
        breaker.releasePermission();
    }

    Circuit circuit() {
        return switch (breaker.getState()) {
            case OPEN, FORCED_OPEN -> new Circuit(Circuit.State.OPEN, openUntil);
            case HALF_OPEN -> new Circuit(Circuit.State.HALF_OPEN, null);
            case CLOSED, DISABLED, METRICS_ONLY -> Circuit.CLOSED;
        };
    }
}
