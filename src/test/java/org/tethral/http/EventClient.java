package org.tethral.http;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Follows events over a WebSocket.
final class EventClient implements AutoCloseable {

    private final HttpClient client = HttpClient.newHttpClient();
    private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    private final WebSocket socket;

    EventClient(ApiServer server, String query, String... headers) {
        var builder = client.newWebSocketBuilder();
        for (int i = 0; i < headers.length; i += 2) {
            builder.header(headers[i], headers[i + 1]);
        }
        socket =
                builder.buildAsync(
                                URI.create(
                                        "ws://127.0.0.1:"
                                                + server.edge.port()
                                                + "/api/v1/events/ws"
                                                + query),
                                new Listener())
                        .orTimeout(30, TimeUnit.SECONDS)
                        .join();
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(
                WebSocket webSocket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                messages.add(text.toString());
                text.setLength(0);
            }
            webSocket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(
                WebSocket webSocket, int status, String reason) {
            messages.add("closed " + status);
            return null;
        }
    }

    String next() throws InterruptedException {
        var message = messages.poll(30, TimeUnit.SECONDS);
        if (message == null) {
            throw new AssertionError("nothing came within 30 s");
        }
        return message;
    }

    @Override
    public void close() {
        socket.abort();
        client.shutdownNow();
    }
}
