package org.tethral.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Gathers the body of a request, up to a bound. A longer one is read on and dropped for a while
/// before it is refused: a client that is still writing would otherwise lose the answer.
final class BodyReader {

    /// Of a body that is too long, as much is read as it takes for most clients to see the answer.
    private static final long DROPPED_BYTES_MAX = 8L * 1024 * 1024;

    private final HttpServerRequest request;
    private final int bytesMax;
    private final Consumer<Buffer> whole;
    private final Consumer<Boolean> tooLong;
    private @Nullable Buffer gathered;
    private boolean ours; // most bodies are one chunk, which is not copied
    private long length;
    private boolean over;

    /// @param whole takes the body
    /// @param tooLong told instead; true: the rest of the body was not read, and the connection is
    ///   to be closed
    BodyReader(
            HttpServerRequest request,
            int bytesMax,
            Consumer<Buffer> whole,
            Consumer<Boolean> tooLong) {
        this.request = request;
        this.bytesMax = bytesMax;
        this.whole = whole;
        this.tooLong = tooLong;
    }

    /// Must be called on the request's event loop, before it read on.
    void read() {
        request.exceptionHandler(_ -> over = true); // the client is gone: there is nobody to answer
        request.handler(this::take);
        request.endHandler(_ -> end());
    }

    private void take(Buffer chunk) {
        length += chunk.length();
        if (over) {
            return;
        }
        if (length > DROPPED_BYTES_MAX) {
            over = true;
            tooLong.accept(true);
        } else if (length > bytesMax) {
            gathered = null;
        } else if (gathered == null) {
            gathered = chunk;
        } else {
            if (!ours) {
                gathered = Buffer.buffer(gathered.length() + chunk.length()).appendBuffer(gathered);
                ours = true;
            }
            gathered.appendBuffer(chunk);
        }
    }

    private void end() {
        if (over) {
            return;
        }
        over = true;
        if (length > bytesMax) {
            tooLong.accept(false);
        } else {
            whole.accept(gathered == null ? Buffer.buffer() : gathered);
        }
    }
}
