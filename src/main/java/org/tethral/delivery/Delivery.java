package org.tethral.delivery;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// How far an event has come on its way to one subscriber. What is taken at the first attempt is
/// counted only, unless the subscription is tracked.
///
/// @param nextAttemptAt of one that is retried
/// @param updatedAt when it became what it is
public record Delivery(
        SubscriptionId subscription,
        long sequence,
        String eventId,
        Status status,
        int attempts,
        @Nullable Instant nextAttemptAt,
        @Nullable String lastError,
        @Nullable Instant deliveredAt,
        Instant updatedAt) {

    public enum Status {
        /// To be sent again because somebody asked for it.
        PENDING,
        DELIVERED,
        /// Failed, and waiting for its next attempt.
        RETRYING,
        /// Given up: it failed too often, or the receiver will never take it.
        DEAD,
        /// Its time to live was over before the receiver took it.
        EXPIRED;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static Status parse(String word) {
            for (var status : values()) {
                if (status.word().equals(word)) {
                    return status;
                }
            }
            throw new IllegalArgumentException(
                    "no status '" + word + "': pending, delivered, retrying, dead or expired");
        }
    }
}
