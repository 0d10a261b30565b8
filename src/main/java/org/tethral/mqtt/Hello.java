package org.tethral.mqtt;

import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectPayload;
import io.netty.handler.codec.mqtt.MqttProperties;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.broker.TopicName;
import org.tethral.broker.Will;
import org.tethral.kernel.Secret;

/// How a client introduced itself: a CONNECT that can be dealt with.
///
/// @param clientIdAssigned the client left it to the server
/// @param keepAliveSeconds 0: it may be silent for ever
/// @param sessionExpirySeconds how long it wants its session kept when it is gone; 0: not at all
/// @param receiveMaximum how many messages it takes without having answered
/// @param packetBytesMax longer packets must not be sent to it
/// @param topicAliasMax how many aliases for topics the server may give it
/// @param wantsReasons false: reason strings are for CONNACK and DISCONNECT only
/// @param wantsResponseTopics it asks where answers to it may be sent
/// @param will what it wants said when it is gone without a goodbye; null: nothing
record Hello(
        boolean version5,
        String clientId,
        boolean clientIdAssigned,
        boolean cleanStart,
        int keepAliveSeconds,
        long sessionExpirySeconds,
        int receiveMaximum,
        long packetBytesMax,
        int topicAliasMax,
        boolean wantsReasons,
        boolean wantsResponseTopics,
        @Nullable Will will,
        Credentials credentials)
        implements Introduction {

    static final int CLIENT_ID_LENGTH_MAX = 255;
    static final long SESSION_EXPIRY_SECONDS_MAX = 7 * 24 * 3_600;

    private static final long WILL_DELAY_SECONDS_MAX = SESSION_EXPIRY_SECONDS_MAX;
    private static final long PACKET_BYTES_PROTOCOL_MAX = 268_435_460;
    private static final int RECEIVE_MAXIMUM_DEFAULT = 65_535;
    private static final int SECRET_LENGTH_MAX = 1_024;

    /// The same, of which nothing is kept when it is gone.
    Hello withoutSession() {
        return new Hello(
                version5,
                clientId,
                clientIdAssigned,
                cleanStart,
                keepAliveSeconds,
                0,
                receiveMaximum,
                packetBytesMax,
                topicAliasMax,
                wantsReasons,
                wantsResponseTopics,
                null,
                credentials);
    }

    /// @param certificate what the client proved by TLS; null when it did not
    static Introduction parse(
            MqttConnectMessage connect,
            Credentials.@Nullable Certificate certificate,
            RandomGenerator random) {
        var header = connect.variableHeader();
        var properties = header.properties();
        var version5 = header.version() == 5;
        if (properties.getProperty(MqttProperties.AUTHENTICATION_METHOD) != null) {
            return new Refusal(
                    Reason.BAD_AUTHENTICATION_METHOD,
                    "log in with a token, a user name and password, or a certificate");
        }
        var clientId = connect.payload().clientIdentifier();
        if (clientId.length() > CLIENT_ID_LENGTH_MAX) {
            return new Refusal(
                    Reason.CLIENT_ID_INVALID,
                    "a client id has at most " + CLIENT_ID_LENGTH_MAX + " characters");
        }
        if (clientId.isEmpty() && !version5 && !header.isCleanSession()) {
            return new Refusal(
                    Reason.CLIENT_ID_INVALID,
                    "a client without an id must ask for a clean session");
        }
        var receiveMaximum =
                number(properties, MqttProperties.RECEIVE_MAXIMUM, RECEIVE_MAXIMUM_DEFAULT);
        var packetBytesMax =
                number(properties, MqttProperties.MAXIMUM_PACKET_SIZE, PACKET_BYTES_PROTOCOL_MAX);
        if (receiveMaximum == 0 || packetBytesMax == 0) {
            return new Refusal(
                    Reason.PROTOCOL_ERROR, "receive maximum and maximum packet size must not be 0");
        }
        Will will = null;
        if (header.isWillFlag()) {
            switch (will(connect)) {
                case LastWords.Refused(var refusal) -> {
                    return refusal;
                }
                case LastWords.Given(var given) -> will = given;
            }
        }
        return new Hello(
                version5,
                clientId.isEmpty()
                        ? "auto-" + new UUID(random.nextLong(), random.nextLong())
                        : clientId,
                clientId.isEmpty(),
                header.isCleanSession(),
                header.keepAliveTimeSeconds(),
                sessionExpiry(version5, header.isCleanSession(), properties),
                (int) receiveMaximum,
                packetBytesMax,
                (int) number(properties, MqttProperties.TOPIC_ALIAS_MAXIMUM, 0),
                number(properties, MqttProperties.REQUEST_PROBLEM_INFORMATION, 1) == 1,
                number(properties, MqttProperties.REQUEST_RESPONSE_INFORMATION, 0) == 1,
                will,
                credentials(connect.payload(), certificate));
    }

    private sealed interface LastWords {
        record Given(Will will) implements LastWords {}

        record Refused(Refusal refusal) implements LastWords {}
    }

    private static LastWords will(MqttConnectMessage connect) {
        var payload = connect.payload();
        var properties = payload.willProperties();
        var fields = MessageFields.of(properties);
        var fault = MessageFields.fault(fields);
        if (fault != null) {
            return new LastWords.Refused(fault);
        }
        try {
            return new LastWords.Given(
                    new Will(
                            new TopicName(payload.willTopic()),
                            payload.willMessageInBytes(),
                            connect.variableHeader().willQos(),
                            connect.variableHeader().isWillRetain(),
                            fields,
                            Math.min(
                                    number(properties, MqttProperties.WILL_DELAY_INTERVAL, 0),
                                    WILL_DELAY_SECONDS_MAX),
                            MessageFields.expirySeconds(properties)));
        } catch (IllegalArgumentException e) {
            return new LastWords.Refused(
                    new Refusal(Reason.TOPIC_NAME_INVALID, "of the will: " + e.getMessage()));
        }
    }

    private static long sessionExpiry(
            boolean version5, boolean cleanSession, MqttProperties properties) {
        if (version5) {
            return sessionExpirySeconds(properties, 0);
        }
        return cleanSession ? 0 : SESSION_EXPIRY_SECONDS_MAX;
    }

    /// What the properties say, as far as it is granted.
    static long sessionExpirySeconds(MqttProperties properties, long otherwise) {
        return Math.min(
                number(properties, MqttProperties.SESSION_EXPIRY_INTERVAL, otherwise),
                SESSION_EXPIRY_SECONDS_MAX);
    }

    private static Credentials credentials(
            MqttConnectPayload payload, Credentials.@Nullable Certificate certificate) {
        var userName = payload.userName();
        if (userName == null || userName.isEmpty()) {
            return certificate == null ? Credentials.None.NONE : certificate;
        }
        if (userName.length() > SECRET_LENGTH_MAX) {
            return Credentials.None.NONE;
        }
        var password = payload.passwordInBytes();
        if (password == null || password.length == 0 || password.length > SECRET_LENGTH_MAX) {
            return new Credentials.Token(new Secret(userName));
        }
        return new Credentials.Password(
                userName, new Secret(new String(password, StandardCharsets.UTF_8)));
    }

    private static long number(MqttProperties properties, int id, long otherwise) {
        return MessageFields.number(properties, id, otherwise);
    }
}
