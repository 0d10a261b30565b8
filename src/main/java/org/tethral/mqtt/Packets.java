package org.tethral.mqtt;

import static io.netty.handler.codec.mqtt.MqttProperties.ASSIGNED_CLIENT_IDENTIFIER;
import static io.netty.handler.codec.mqtt.MqttProperties.MAXIMUM_PACKET_SIZE;
import static io.netty.handler.codec.mqtt.MqttProperties.REASON_STRING;
import static io.netty.handler.codec.mqtt.MqttProperties.RECEIVE_MAXIMUM;
import static io.netty.handler.codec.mqtt.MqttProperties.RESPONSE_INFORMATION;
import static io.netty.handler.codec.mqtt.MqttProperties.SESSION_EXPIRY_INTERVAL;
import static io.netty.handler.codec.mqtt.MqttProperties.SHARED_SUBSCRIPTION_AVAILABLE;
import static io.netty.handler.codec.mqtt.MqttProperties.TOPIC_ALIAS_MAXIMUM;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnAckVariableHeader;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.StringProperty;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttSubAckPayload;
import io.netty.handler.codec.mqtt.MqttUnsubAckMessage;
import io.netty.handler.codec.mqtt.MqttUnsubAckPayload;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The packets that the server sends.
final class Packets {

    /// Longer ones are cut: a reason is for a person, and must fit what small clients take.
    static final int REASON_LENGTH_MAX = 200;

    /// A client that takes no more than this gets codes without texts.
    private static final int PACKET_BYTES_FOR_REASONS = 3 * REASON_LENGTH_MAX + 64;

    static final MqttMessage PINGRESP = MqttMessage.PINGRESP;

    private static final int PUBACK_BYTE = MqttMessageType.PUBACK.value() << 4;
    private static final int PUBREC_BYTE = MqttMessageType.PUBREC.value() << 4;
    private static final int PUBCOMP_BYTE = MqttMessageType.PUBCOMP.value() << 4;
    private static final int ID_BYTES = 2;

    static final int COMPLETED_BYTES = 2 + ID_BYTES;

    /// PUBREL and PUBCOMP of MQTT 5: not a refusal, only an explanation.
    static final byte PACKET_ID_NOT_FOUND = (byte) 0x92;

    private Packets() {}

    static MqttMessage accepted(
            Hello hello, Identity identity, boolean sessionPresent, int packetBytesMax) {
        var properties = MqttProperties.NO_PROPERTIES;
        if (hello.version5()) {
            properties = new MqttProperties();
            properties.add(
                    new IntegerProperty(
                            SESSION_EXPIRY_INTERVAL, (int) hello.sessionExpirySeconds()));
            properties.add(new IntegerProperty(RECEIVE_MAXIMUM, Acknowledgements.UNANSWERED_MAX));
            properties.add(new IntegerProperty(MAXIMUM_PACKET_SIZE, packetBytesMax));
            properties.add(new IntegerProperty(TOPIC_ALIAS_MAXIMUM, Uplink.TOPIC_ALIAS_MAX));
            if (identity instanceof Identity.OfDevice) {
                properties.add(new IntegerProperty(SHARED_SUBSCRIPTION_AVAILABLE, 0));
            }
            var responses = identity.responseTopics();
            if (hello.wantsResponseTopics() && responses != null) {
                properties.add(new StringProperty(RESPONSE_INFORMATION, responses));
            }
            if (hello.clientIdAssigned()) {
                properties.add(new StringProperty(ASSIGNED_CLIENT_IDENTIFIER, hello.clientId()));
            }
        }
        return connack(MqttConnectReturnCode.CONNECTION_ACCEPTED, sessionPresent, properties);
    }

    static MqttMessage notAccepted(boolean version5, Refusal refusal) {
        var code = MqttConnectReturnCode.valueOf(refusal.reason().connackCode(version5));
        return connack(code, false, version5 ? reason(refusal) : MqttProperties.NO_PROPERTIES);
    }

    private static MqttMessage connack(
            MqttConnectReturnCode code, boolean sessionPresent, MqttProperties properties) {
        return new MqttConnAckMessage(
                header(MqttMessageType.CONNACK),
                new MqttConnAckVariableHeader(code, sessionPresent, properties));
    }

    /// PUBACK or PUBREC that says yes, written to the end of a buffer that takes many.
    static void acknowledged(Acknowledgement acknowledgement, ByteBuf to) {
        to.writeByte(
                acknowledgement.kind() == Acknowledgement.Kind.PUBREC ? PUBREC_BYTE : PUBACK_BYTE);
        to.writeByte(ID_BYTES);
        to.writeShort(acknowledgement.packetId());
    }

    static void completed(int packetId, ByteBuf to) {
        to.writeByte(PUBCOMP_BYTE);
        to.writeByte(ID_BYTES);
        to.writeShort(packetId);
    }

    /// MQTT 5 only.
    static MqttMessage notAcknowledged(
            Acknowledgement acknowledgement, Refusal refusal, Hello hello) {
        var type =
                acknowledgement.kind() == Acknowledgement.Kind.PUBREC
                        ? MqttMessageType.PUBREC
                        : MqttMessageType.PUBACK;
        return reply(
                type,
                acknowledgement.packetId(),
                refusal.reason().code(),
                reasonIfWanted(refusal, hello));
    }

    static MqttMessage reply(
            MqttMessageType type, int packetId, byte code, MqttProperties properties) {
        return new MqttMessage(
                header(type), new MqttPubReplyMessageVariableHeader(packetId, code, properties));
    }

    static MqttMessage release(int packetId, int code, MqttProperties properties) {
        return new MqttMessage(
                new MqttFixedHeader(MqttMessageType.PUBREL, false, MqttQoS.AT_LEAST_ONCE, false, 0),
                new MqttPubReplyMessageVariableHeader(packetId, (byte) code, properties));
    }

    /// @param why of the first filter that is refused; null when none is
    static MqttMessage subscribed(
            int packetId, List<Integer> codes, @Nullable Refusal why, Hello hello) {
        return new MqttSubAckMessage(
                header(MqttMessageType.SUBACK),
                new MqttMessageIdAndPropertiesVariableHeader(packetId, reasonIfWanted(why, hello)),
                new MqttSubAckPayload(codes));
    }

    static MqttMessage unsubscribed(int packetId, List<Short> codes, boolean version5) {
        return new MqttUnsubAckMessage(
                header(MqttMessageType.UNSUBACK),
                new MqttMessageIdAndPropertiesVariableHeader(
                        packetId, MqttProperties.NO_PROPERTIES),
                version5 ? new MqttUnsubAckPayload(codes) : new MqttUnsubAckPayload());
    }

    /// MQTT 5 only.
    static MqttMessage disconnect(Refusal refusal, Hello hello) {
        var properties =
                hello.packetBytesMax() < PACKET_BYTES_FOR_REASONS ? none() : reason(refusal);
        return new MqttMessage(
                header(MqttMessageType.DISCONNECT),
                new MqttReasonCodeAndPropertiesVariableHeader(refusal.reason().code(), properties));
    }

    /// @param packetId 0 with QoS 0
    /// @param again the client may have it already
    static MqttMessage publish(
            String topic,
            ByteBuf payload,
            int qos,
            boolean retained,
            int packetId,
            boolean again,
            MqttProperties properties) {
        return new MqttPublishMessage(
                new MqttFixedHeader(
                        MqttMessageType.PUBLISH, again, MqttQoS.valueOf(qos), retained, 0),
                new MqttPublishVariableHeader(topic, packetId, properties),
                payload);
    }

    private static MqttProperties reasonIfWanted(@Nullable Refusal refusal, Hello hello) {
        return refusal == null
                        || !hello.version5()
                        || !hello.wantsReasons()
                        || hello.packetBytesMax() < PACKET_BYTES_FOR_REASONS
                ? none()
                : reason(refusal);
    }

    private static MqttProperties none() {
        return MqttProperties.NO_PROPERTIES;
    }

    private static MqttProperties reason(Refusal refusal) {
        var text = refusal.text();
        var properties = new MqttProperties();
        properties.add(
                new StringProperty(
                        REASON_STRING,
                        text.length() <= REASON_LENGTH_MAX
                                ? text
                                : text.substring(0, REASON_LENGTH_MAX - 1) + "…"));
        return properties;
    }

    private static MqttFixedHeader header(MqttMessageType type) {
        return new MqttFixedHeader(type, false, MqttQoS.AT_MOST_ONCE, false, 0);
    }
}
