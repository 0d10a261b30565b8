package org.tethral.account;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// So many attempts at once for each key, and one more after each pause: a bucket of tokens per
/// key. Keeps only so many keys; the one not asked for the longest makes room. Thread-safe.
final class Throttle {

    private final int attemptsMax;
    private final Duration pause;

    /// When each bucket is full again: each attempt moves that on by a pause.
    private final Map<String, Instant> fullAt;

    private final Map<String, Instant> saidUntil;

    /// @param attemptsMax at once
    /// @param pause until there is one more
    /// @param keysMax that are remembered
    Throttle(int attemptsMax, Duration pause, int keysMax) {
        this.attemptsMax = attemptsMax;
        this.pause = pause;
        this.fullAt = remembering(keysMax);
        this.saidUntil = remembering(keysMax);
    }

    private static Map<String, Instant> remembering(int keysMax) {
        return new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
                return size() > keysMax;
            }
        };
    }

    /// Takes one attempt.
    ///
    /// @return zero; or, where none is left, how long until there is one
    synchronized Duration take(String key, Instant now) {
        var full = fullAt.getOrDefault(key, Instant.MIN);
        var next = (full.isBefore(now) ? now : full).plus(pause);
        var wait = Duration.between(now, next).minus(pause.multipliedBy(attemptsMax));
        if (wait.isPositive()) {
            return wait;
        }
        fullAt.put(key, next);
        return Duration.ZERO;
    }

    /// Whether the attempt that was taken last was the last one that there was. Says so once until
    /// the bucket would have been full again.
    synchronized boolean usedUp(String key, Instant now) {
        var full = fullAt.getOrDefault(key, Instant.MIN);
        var left = Duration.between(now, full).compareTo(pause.multipliedBy(attemptsMax - 1L)) <= 0;
        if (left || now.isBefore(saidUntil.getOrDefault(key, Instant.MIN))) {
            return false;
        }
        saidUntil.put(key, full);
        return true;
    }

    /// Gives one attempt back.
    synchronized void giveBack(String key) {
        fullAt.computeIfPresent(key, (_, full) -> full.minus(pause));
    }
}
