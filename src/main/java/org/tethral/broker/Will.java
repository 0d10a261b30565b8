package org.tethral.broker;

import java.time.Instant;

/// What a client wants said when it is gone without a goodbye (MQTT 5, 3.1.2.5).
///
/// @param delaySeconds how long it may be back before that
/// @param expirySeconds of the message, from when it is published; -1: none
@SuppressWarnings("ArrayRecordComponent")
public record Will(
        TopicName topic,
        byte[] payload,
        int qos,
        boolean retain,
        MessageProperties properties,
        long delaySeconds,
        long expirySeconds) {

    public BrokerMessage publishedAt(Instant now) {
        return new BrokerMessage(
                topic,
                payload,
                qos,
                retain,
                properties,
                now,
                expirySeconds < 0 ? null : now.plusSeconds(expirySeconds));
    }
}
