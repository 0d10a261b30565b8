package org.tethral.http;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// The receiving end of a stream, for a virtual thread that writes it.
final class Output {

    /// A receiver that takes nothing for that long is given up.
    private static final Duration STALL_MAX = Duration.ofSeconds(60);

    /// Where pieces go, on the event loop.
    interface Channel {

        boolean isOpen();

        /// Done when it is handed to the network.
        Future<Void> write(Buffer piece);
    }

    private final Context context;
    private final Channel channel;
    private @Nullable Thread waiting;
    private boolean gone;
    private boolean expelled;

    Output(Context context, Channel channel) {
        this.context = context;
        this.channel = channel;
    }

    static Output of(Context context, HttpServerResponse response) {
        return new Output(
                context,
                new Channel() {
                    @Override
                    public boolean isOpen() {
                        return !response.closed() && !response.ended();
                    }

                    @Override
                    public Future<Void> write(Buffer piece) {
                        return response.write(piece);
                    }
                });
    }

    /// The receiver went away, or takes nothing: ends the stream's thread.
    static final class Gone extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Gone() {
            super("the receiver went away", null, false, false);
        }
    }

    /// A wait for something to write, or for the time to be over.
    @FunctionalInterface
    interface Wait<T> {
        T take() throws InterruptedException;
    }

    /// Waits, unless the receiver leaves meanwhile. Only here is the thread interrupted: never in
    /// the middle of a question to the database.
    ///
    /// @throws Gone it left
    <T> T await(Wait<T> wait) throws InterruptedException {
        synchronized (this) {
            if (gone) {
                throw new Gone();
            }
            waiting = Thread.currentThread();
        }
        try {
            return wait.take();
        } finally {
            synchronized (this) {
                waiting = null;
                if (gone) {
                    Thread.interrupted(); // said by `gone` from here on
                }
            }
        }
    }

    /// On any thread: the receiver went away, or is to be left.
    synchronized void leave() {
        gone = true;
        if (waiting != null) {
            waiting.interrupt();
        }
    }

    /// On any thread: the receiver may not go on.
    synchronized void expel() {
        expelled = true;
        leave();
    }

    synchronized boolean isExpelled() {
        return expelled;
    }

    private synchronized boolean isGone() {
        return gone;
    }

    /// Waits until it is handed to the network.
    ///
    /// @throws Gone and nothing more can be written
    void write(Buffer piece) throws InterruptedException {
        if (isGone()) {
            throw new Gone();
        }
        var written = new CompletableFuture<Void>();
        context.runOnContext(_ -> {
            if (!channel.isOpen()) {
                written.completeExceptionally(new Gone());
            } else {
                channel.write(piece)
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
