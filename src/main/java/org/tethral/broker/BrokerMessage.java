package org.tethral.broker;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A message as it was published. One object, however many sessions it waits for.
///
/// @param payload must not be changed; never compared
/// @param qos of the publisher
/// @param retain the publisher wants it retained; on a retained one: true
/// @param expiresAt when it is worth nothing any more; null: never
@SuppressWarnings("ArrayRecordComponent")
public record BrokerMessage(
        TopicName topic,
        byte[] payload,
        int qos,
        boolean retain,
        MessageProperties properties,
        Instant publishedAt,
        @Nullable Instant expiresAt) {

    /// What is held for a message beside its bytes, roughly.
    private static final int OVERHEAD_BYTES = 200;

    public boolean expiredAt(Instant now) {
        return expiresAt != null && !now.isBefore(expiresAt);
    }

    /// Seconds that it is still worth something, rounded up; -1: for ever.
    public long expirySecondsAt(Instant now) {
        return expiresAt == null
                ? -1
                : Math.max(0, Math.ceilDiv(Duration.between(now, expiresAt).toMillis(), 1_000L));
    }

    /// What it takes in memory, about.
    public int bytes() {
        return OVERHEAD_BYTES + payload.length + topic.text().length() + properties.bytes();
    }
}
