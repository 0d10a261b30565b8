package org.tethral.websocket;

import io.netty.buffer.ByteBufUtil;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.ByteArrayOutputStream;

/// Puts the frames of a fragmented message together, up to a bound; of a longer one nothing is
/// kept.
final class Fragments {

    sealed interface Outcome {}

    /// The message goes on in the next frame.
    record Unfinished() implements Outcome {}

    @SuppressWarnings("ArrayRecordComponent") // looked into once, never compared
    record Text(byte[] utf8) implements Outcome {}

    /// The message has ended and cannot be used.
    record Refused(String reason) implements Outcome {}

    private static final Unfinished UNFINISHED = new Unfinished();

    private final int bytesMax;
    private final ByteArrayOutputStream gathered = new ByteArrayOutputStream(0);
    private long length;
    private boolean binary;

    Fragments(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    /// @param frame text, binary or a continuation: the decoder lets these follow each other only
    ///   as RFC 6455 says
    Outcome add(WebSocketFrame frame) {
        if (!frame.isContinuation()) {
            forget();
            binary = frame.isBinary();
        }
        var bytes = ByteBufUtil.getBytes(((BufferInternal) frame.binaryData()).getByteBuf());
        length += bytes.length;
        if (!frame.isFinal()) {
            if (length <= bytesMax) {
                gathered.writeBytes(bytes);
            } else {
                gathered.reset();
            }
            return UNFINISHED;
        }
        var outcome = finish(bytes);
        forget();
        return outcome;
    }

    private Outcome finish(byte[] last) {
        if (length > bytesMax) {
            return new Refused("a message has at most " + bytesMax + " bytes");
        }
        if (binary) {
            return new Refused("a message is JSON in a text frame, not a binary frame");
        }
        if (gathered.size() == 0) {
            return new Text(last);
        }
        gathered.writeBytes(last);
        return new Text(gathered.toByteArray());
    }

    private void forget() {
        length = 0;
        gathered.reset();
    }
}
