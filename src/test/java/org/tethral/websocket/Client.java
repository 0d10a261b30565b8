package org.tethral.websocket;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;

/// A device's side, by the JDK's client.
final class Client implements AutoCloseable {

    static final Duration LIMIT = Duration.ofSeconds(30);

    /// How the server ended the connection.
    record End(int code, String reason) {}

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final BlockingQueue<Document> received = new LinkedBlockingQueue<>();
    private final CompletableFuture<End> end = new CompletableFuture<>();
    private @Nullable WebSocket socket;

    static Client connect(URI address, @Nullable String token) {
        var client = new Client();
        var builder = HTTP.newWebSocketBuilder();
        if (token != null) {
            builder.header("Authorization", "Bearer " + token);
        }
        client.socket =
                builder.buildAsync(address, client.new Listener())
                        .orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS)
                        .join();
        return client;
    }

    /// The HTTP status with which the handshake is refused.
    static int refusal(URI address, @Nullable String token) {
        try {
            connect(address, token).close();
        } catch (CompletionException e) {
            if (e.getCause() instanceof WebSocketHandshakeException refused) {
                return refused.getResponse().statusCode();
            }
            throw e;
        }
        throw new AssertionError("connected");
    }

    private WebSocket socket() {
        if (socket == null) {
            throw new IllegalStateException("not connected");
        }
        return socket;
    }

    void send(String text) {
        socket().sendText(text, true).orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
    }

    void sendBinary(byte[] bytes) {
        socket().sendBinary(ByteBuffer.wrap(bytes), true)
                .orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    void pong() {
        socket().sendPong(ByteBuffer.allocate(0))
                .orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    void hangUp() {
        socket().sendClose(WebSocket.NORMAL_CLOSURE, "")
                .orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    Document next() throws InterruptedException {
        var message = received.poll(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        if (message == null) {
            throw new AssertionError("nothing received within " + LIMIT);
        }
        return message;
    }

    List<Document> next(int count) throws InterruptedException {
        var messages = new ArrayList<Document>();
        for (int i = 0; i < count; i++) {
            messages.add(next());
        }
        return messages;
    }

    @Nullable Document nextWithin(Duration time) throws InterruptedException {
        return received.poll(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    End end() {
        return end.orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
    }

    boolean isOpen() {
        return !end.isDone();
    }

    @Override
    public void close() {
        if (socket != null) {
            socket.abort();
        }
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(
                WebSocket webSocket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                try {
                    received.add(Json.parseObject(text.toString()));
                } catch (MalformedJson e) {
                    end.completeExceptionally(e);
                }
                text.setLength(0);
            }
            webSocket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
            end.complete(new End(code, reason));
            return null;
        }

        @Override
        public void onError(WebSocket webSocket, Throwable error) {
            end.completeExceptionally(error);
        }
    }
}
