package org.tethral.http;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The receiving end of a stream, for a virtual thread that writes it.
final class Output {

    /// A receiver that takes nothing for that long is given up.
    private static final Duration STALL_MAX = Duration.ofSeconds(60);

    private final Context context;
    private final HttpServerResponse response;

    Output(Context context, HttpServerResponse response) {
        this.context = context;
        this.response = response;
    }

    /// The receiver went away, or takes nothing: ends the stream's thread.
    static final class Gone extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Gone() {
            super("the receiver went away", null, false, false);
        }
    }

    /// Waits until it is handed to the network.
    ///
    /// @throws Gone and nothing more can be written
    void write(Buffer piece) throws InterruptedException {
        var written = new CompletableFuture<Void>();
        context.runOnContext(_ -> {
            if (response.closed() || response.ended()) {
                written.completeExceptionally(new Gone());
            } else {
                response.write(piece)
                        .onSuccess(_ -> written.complete(null))
                        .onFailure(written::completeExceptionally);
            }
        });
        try {
            written.get(STALL_MAX.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new Gone();
        }
    }

    void write(String piece) throws InterruptedException {
        write(Buffer.buffer(piece));
    }
}
