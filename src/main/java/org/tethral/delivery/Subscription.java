package org.tethral.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/// Who wants which events, where they go, and how they are handed over. Durable: what happens while
/// it is paused, or while its receiver or this process is away, is delivered later.
///
/// @param subscriber who made it, or for whom it was made
/// @param version rises with every change
public record Subscription(
        UUID id,
        SubscriptionId name,
        String subscriber,
        Interest interest,
        SinkSettings sink,
        Terms terms,
        boolean active,
        long version,
        Instant createdAt) {

    /// Subscriptions of one community; more are refused.
    public static final int PER_COMMUNITY_MAX = 500;

    /// Of all communities together; each has a worker of its own.
    public static final int SUBSCRIPTIONS_MAX = 2_500;

    public Subscription {
        if (subscriber.isBlank() || subscriber.length() > 255) {
            throw new IllegalArgumentException("a subscriber_id has 1 to 255 characters");
        }
    }

    public Subscription activated(boolean active) {
        return new Subscription(
                id, name, subscriber, interest, sink, terms, active, version, createdAt);
    }

    /// How events are handed over.
    ///
    /// @param batch events in one attempt at most
    /// @param inFlight attempts under way at the same time at most; never two of one device
    /// @param attemptsMax after so many attempts an event is a dead letter
    /// @param timeout of one attempt
    /// @param tracked keep a row for each delivery, not only for those that did not succeed at once
    public record Terms(
            int batch, int inFlight, int attemptsMax, Duration timeout, boolean tracked) {

        public static final int BATCH_MAX = 500;
        public static final int IN_FLIGHT_MAX = 32;
        public static final int IN_FLIGHT_DEFAULT = 8;
        public static final int ATTEMPTS_MAX = 100;
        public static final int ATTEMPTS_DEFAULT = 16;
        public static final Duration TIMEOUT_MAX = Duration.ofSeconds(60);
        public static final Duration TIMEOUT_DEFAULT = Duration.ofSeconds(10);

        public Terms {
            within("batch", batch, BATCH_MAX);
            within("in_flight", inFlight, IN_FLIGHT_MAX);
            within("max_attempts", attemptsMax, ATTEMPTS_MAX);
            if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(TIMEOUT_MAX) > 0) {
                throw new IllegalArgumentException(
                        "timeout_seconds must be 1 to " + TIMEOUT_MAX.toSeconds());
            }
        }

        /// What suits most receivers that take so many events at once.
        public static Terms standard(int batch) {
            return new Terms(batch, IN_FLIGHT_DEFAULT, ATTEMPTS_DEFAULT, TIMEOUT_DEFAULT, false);
        }

        private static void within(String name, int value, int most) {
            if (value < 1 || value > most) {
                throw new IllegalArgumentException(name + " must be 1 to " + most);
            }
        }
    }
}
