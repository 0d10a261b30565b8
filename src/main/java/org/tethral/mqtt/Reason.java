package org.tethral.mqtt;

import java.util.Locale;

/// Why the server says no: the reason codes of MQTT 5 (2.4), and what a CONNACK of MQTT 3.1.1
/// (3.2.2.3) has for it.
enum Reason {
    MALFORMED_PACKET(0x81),
    PROTOCOL_ERROR(0x82),
    NOT_STORABLE(0x83),
    UNSUPPORTED_VERSION(0x84, 1),
    CLIENT_ID_INVALID(0x85, 2),
    BAD_CREDENTIALS(0x86, 4),
    NOT_AUTHORIZED(0x87, 5),
    SERVER_UNAVAILABLE(0x88, 3),
    SERVER_BUSY(0x89, 3),
    SERVER_SHUTTING_DOWN(0x8B, 3),
    BAD_AUTHENTICATION_METHOD(0x8C),
    KEEP_ALIVE_TIMEOUT(0x8D),
    SESSION_TAKEN_OVER(0x8E),
    TOPIC_FILTER_INVALID(0x8F),
    TOPIC_NAME_INVALID(0x90),
    RECEIVE_MAXIMUM_EXCEEDED(0x93),
    TOPIC_ALIAS_INVALID(0x94),
    PACKET_TOO_LARGE(0x95),
    QUOTA_EXCEEDED(0x97, 5),
    ADMINISTRATIVE_ACTION(0x98, 5),
    PAYLOAD_FORMAT_INVALID(0x99),
    SHARED_SUBSCRIPTIONS_NOT_SUPPORTED(0x9E);

    private static final int NOT_AUTHORIZED_3 = 5;

    private final byte code;
    private final byte connackCode3;

    Reason(int code) {
        this(code, NOT_AUTHORIZED_3);
    }

    Reason(int code, int connackCode3) {
        this.code = (byte) code;
        this.connackCode3 = (byte) connackCode3;
    }

    byte code() {
        return code;
    }

    byte connackCode(boolean version5) {
        return version5 ? code : connackCode3;
    }

    /// As it stands in meters and logs.
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
