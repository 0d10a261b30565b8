package org.tethral.command;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;
import org.tethral.event.Priority;

/// What holds for a command at each of its devices.
///
/// @param community whose it is; null: of no single one
/// @param createdAt of two of one priority, the older one goes first
/// @param expiresAt from then on it is not sent any more; an attempt under way may still be
///   answered
/// @param timeout how long a device that was sent the command has to answer
/// @param attemptsMax how often it is sent at the most
/// @param oneWay no answer is expected: it has succeeded when it is delivered
/// @param node where somebody may be waiting for its end
public record Terms(
        CommandName name,
        Priority priority,
        @Nullable CommunityId community,
        Instant createdAt,
        Instant expiresAt,
        Duration timeout,
        int attemptsMax,
        boolean oneWay,
        String node) {

    public static final Duration TTL_DEFAULT = Duration.ofDays(1);
    public static final Duration TTL_MAX = Duration.ofDays(365);
    public static final Duration TIMEOUT_DEFAULT = Duration.ofSeconds(30);
    public static final Duration TIMEOUT_MIN = Duration.ofMillis(100);
    public static final Duration TIMEOUT_MAX = Duration.ofDays(1);
    public static final int ATTEMPTS_DEFAULT = 3;
    public static final int ATTEMPTS_MAX = 100;

    public Terms {
        if (!expiresAt.isAfter(createdAt)) {
            throw new IllegalArgumentException(
                    "the command is expired on arrival: ttl is a time above 0");
        }
        if (expiresAt.isAfter(createdAt.plus(TTL_MAX))) {
            throw new IllegalArgumentException("ttl is " + TTL_MAX.toSeconds() + " s at most");
        }
        if (timeout.compareTo(TIMEOUT_MIN) < 0 || timeout.compareTo(TIMEOUT_MAX) > 0) {
            throw new IllegalArgumentException(
                    "timeout is 0.1 s to " + TIMEOUT_MAX.toSeconds() + " s");
        }
        if (attemptsMax < 1 || attemptsMax > ATTEMPTS_MAX) {
            throw new IllegalArgumentException("max_attempts is 1 to " + ATTEMPTS_MAX);
        }
    }
}
