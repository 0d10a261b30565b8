package org.tethral.mqtt;

import io.netty.handler.codec.mqtt.MqttProperties;
import java.util.List;

/// A message that a client got.
///
/// @param topic as it came, without its alias resolved in `named`
public record ClientMessage(
        String topic,
        String named,
        String text,
        int qos,
        boolean retained,
        boolean again,
        int packetId,
        MqttProperties properties) {

    public long number(int property) {
        return properties.getProperty(property) instanceof MqttProperties.IntegerProperty one
                ? Integer.toUnsignedLong(one.value())
                : -1;
    }

    public List<Integer> identifiers() {
        return properties.getProperties(MqttProperties.SUBSCRIPTION_IDENTIFIER).stream()
                .map(one -> ((MqttProperties.IntegerProperty) one).value())
                .toList();
    }
}
