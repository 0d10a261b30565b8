package org.tethral.mqtt;

import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.BinaryProperty;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.StringProperty;
import io.netty.handler.codec.mqtt.MqttProperties.UserProperties;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tethral.broker.MessageProperties;

/// Properties of a PUBLISH and of a will, from the wire and to it (MQTT 5, 3.3.2.3).
final class MessageFields {

    private MessageFields() {}

    static MessageProperties of(MqttProperties properties) {
        if (properties.isEmpty()) {
            return MessageProperties.NONE;
        }
        var user =
                properties.getProperty(MqttProperties.USER_PROPERTY) instanceof UserProperties all
                        ? all.value().stream()
                                .map(pair -> new MessageProperties.User(pair.key, pair.value))
                                .toList()
                        : List.<MessageProperties.User>of();
        return new MessageProperties(
                number(properties, MqttProperties.PAYLOAD_FORMAT_INDICATOR, 0) == 1,
                text(properties, MqttProperties.CONTENT_TYPE),
                text(properties, MqttProperties.RESPONSE_TOPIC),
                properties.getProperty(MqttProperties.CORRELATION_DATA)
                                instanceof BinaryProperty data
                        ? data.value()
                        : null,
                user);
    }

    /// Null: they are as they must be.
    static @Nullable Refusal fault(MessageProperties properties) {
        var response = properties.responseTopic();
        if (response != null
                && (response.isEmpty() || response.contains("+") || response.contains("#"))) {
            return new Refusal(Reason.PROTOCOL_ERROR, "a response topic has no wildcards");
        }
        var nul =
                holdsNul(properties.contentType())
                        || holdsNul(response)
                        || properties.user().stream()
                                .anyMatch(one -> holdsNul(one.name()) || holdsNul(one.value()));
        return nul ? new Refusal(Reason.MALFORMED_PACKET, "a text holds U+0000") : null;
    }

    private static boolean holdsNul(@Nullable String text) {
        return text != null && text.indexOf('\0') >= 0;
    }

    /// Seconds; -1: for ever.
    static long expirySeconds(MqttProperties properties) {
        return number(properties, MqttProperties.PUBLICATION_EXPIRY_INTERVAL, -1);
    }

    static void write(MessageProperties from, long expirySeconds, MqttProperties to) {
        if (from.text()) {
            to.add(new IntegerProperty(MqttProperties.PAYLOAD_FORMAT_INDICATOR, 1));
        }
        if (expirySeconds >= 0) {
            to.add(
                    new IntegerProperty(
                            MqttProperties.PUBLICATION_EXPIRY_INTERVAL, (int) expirySeconds));
        }
        if (from.contentType() != null) {
            to.add(new StringProperty(MqttProperties.CONTENT_TYPE, from.contentType()));
        }
        if (from.responseTopic() != null) {
            to.add(new StringProperty(MqttProperties.RESPONSE_TOPIC, from.responseTopic()));
        }
        if (from.correlationData() != null) {
            to.add(new BinaryProperty(MqttProperties.CORRELATION_DATA, from.correlationData()));
        }
        if (!from.user().isEmpty()) {
            var all = new UserProperties();
            from.user().forEach(one -> all.add(one.name(), one.value()));
            to.add(all);
        }
    }

    /// Four-byte numbers are unsigned; the codec hands them over as they come.
    static long number(MqttProperties properties, int id, long otherwise) {
        return properties.getProperty(id) instanceof IntegerProperty number
                ? Integer.toUnsignedLong(number.value())
                : otherwise;
    }

    private static @Nullable String text(MqttProperties properties, int id) {
        return properties.getProperty(id) instanceof StringProperty text ? text.value() : null;
    }
}
