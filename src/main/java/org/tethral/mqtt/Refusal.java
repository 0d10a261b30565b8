package org.tethral.mqtt;

import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.mqtt.MqttIdentifierRejectedException;
import io.netty.handler.codec.mqtt.MqttUnacceptableProtocolVersionException;

/// A no, with its reason for a program, and a text for the person who wrote the device's program.
record Refusal(Reason reason, String text) implements Introduction {

    /// Of a packet that the codec made nothing of.
    static Refusal undecodable(Throwable why) {
        return switch (why) {
            case TooLongFrameException _ ->
                    new Refusal(Reason.PACKET_TOO_LARGE, "the packet is too large");
            case MqttUnacceptableProtocolVersionException _ ->
                    new Refusal(Reason.UNSUPPORTED_VERSION, "MQTT 3.1.1 and 5 are understood");
            case MqttIdentifierRejectedException _ ->
                    new Refusal(
                            Reason.CLIENT_ID_INVALID, "not a client id of this version of MQTT");
            default -> new Refusal(Reason.MALFORMED_PACKET, "a packet that MQTT does not allow");
        };
    }
}
