package org.tethral.websocket;

import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Why the platform ends a connection: the code of the close frame (RFC 6455, 7.4; 4000 and up are
/// our own).
enum Closing {
    SERVER_STOPS(1001),
    TOO_BIG(1009),
    PROTOCOL_ERROR(1002),
    REPLACED(4001),
    SILENT(4002),
    BARRED(4003),
    READS_TOO_SLOWLY(4004);

    /// What a close frame has room for, beside the code.
    private static final int REASON_BYTES_MAX = 123;

    private final short code;

    Closing(int code) {
        this.code = (short) code;
    }

    short code() {
        return code;
    }

    static Closing of(CorruptedWebSocketFrameException corrupted) {
        return corrupted.closeStatus().equals(WebSocketCloseStatus.MESSAGE_TOO_BIG)
                ? TOO_BIG
                : PROTOCOL_ERROR;
    }

    /// What the connection log says of a device that left.
    ///
    /// @param code null, or 1006, where it sent no close frame
    static String byThePeer(@Nullable Short code) {
        return code == null || code == WebSocketCloseStatus.ABNORMAL_CLOSURE.code()
                ? "connection lost"
                : "closed by the device (" + code + ")";
    }

    /// The reason, cut where it would not fit.
    static String fitting(String reason) {
        var text = reason;
        while (text.getBytes(StandardCharsets.UTF_8).length > REASON_BYTES_MAX) {
            text = text.substring(0, text.offsetByCodePoints(text.length(), -1));
        }
        return text;
    }
}
