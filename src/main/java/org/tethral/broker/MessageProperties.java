package org.tethral.broker;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a publisher says of its message beside the payload, passed on as it is (MQTT 5, 3.3.2.3).
///
/// @param text the payload is UTF-8 (payload format indicator 1)
/// @param correlationData must not be changed; never compared
/// @param user in the publisher's order, names may repeat
@SuppressWarnings("ArrayRecordComponent")
public record MessageProperties(
        boolean text,
        @Nullable String contentType,
        @Nullable String responseTopic,
        byte @Nullable [] correlationData,
        List<User> user) {

    public static final MessageProperties NONE =
            new MessageProperties(false, null, null, null, List.of());

    public record User(String name, String value) {}

    public MessageProperties {
        user = List.copyOf(user);
    }

    /// Roughly, in memory and on the wire.
    int bytes() {
        var bytes = correlationData == null ? 0 : correlationData.length;
        bytes += contentType == null ? 0 : contentType.length();
        bytes += responseTopic == null ? 0 : responseTopic.length();
        for (var one : user) {
            bytes += one.name().length() + one.value().length();
        }
        return bytes;
    }
}
