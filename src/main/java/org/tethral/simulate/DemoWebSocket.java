package org.tethral.simulate;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// A board that speaks WebSocket, one message at a time.
final class DemoWebSocket implements DemoClient {

    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);
    private static final int ANSWERS_WAITING_MAX = 16;

    private final BlockingQueue<String> answers = new ArrayBlockingQueue<>(ANSWERS_WAITING_MAX);

    /// The socket takes one message at a time.
    private final ReentrantLock sending = new ReentrantLock();

    private final WebSocket socket;
    private final String session;
    private long count;

    /// @param session makes message ids differ from those of other connections
    DemoWebSocket(
            HttpClient client, URI server, Plan.Identity identity, String type, String session)
            throws IOException, InterruptedException {
        this.session = session;
        var address =
                URI.create(
                        "ws"
                                + server.toString().substring("http".length())
                                + "/ws/"
                                + identity.device());
        try {
            socket =
                    client.newWebSocketBuilder()
                            .connectTimeout(ANSWER_WITHIN)
                            .header("Authorization", "Bearer " + identity.token())
                            .buildAsync(address, new Answers())
                            .get(ANSWER_WITHIN.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("no connection: " + e.getMessage(), e);
        }
        send(typed("register").with("device_type", Value.of(type)));
    }

    @Override
    public void report(Document values) throws IOException, InterruptedException {
        ask(typed("status").with("payload", values));
    }

    @Override
    public void state(String word) throws IOException, InterruptedException {
        ask(typed("state").with("state", Value.of(word)));
    }

    /// Answers when the socket has room: at once, or never.
    private void obey(WebSocket from, Document command) {
        var answer = DemoObedience.answer(command);
        var frame =
                typed("command_ack")
                        .with("command_id", command.find("command_id").orElse(Value.Null.NULL))
                        .with("status", answer.find("status").orElse(Value.Null.NULL))
                        .with("payload", answer.find("result").orElse(Document.EMPTY))
                        .with("message", answer.find("message").orElse(Value.Null.NULL));
        sending.lock();
        try {
            from.sendText(Json.write(frame), true).join();
        } catch (CompletionException e) {
            var _ = answers.offer("");
        } finally {
            sending.unlock();
        }
    }

    private static Document typed(String type) {
        return Document.of("message_type", Value.of(type));
    }

    private void ask(Document frame) throws IOException, InterruptedException {
        var id = session + "-" + ++count;
        send(frame.with("message_id", Value.of(id)));
        while (true) {
            var answer = answers.poll(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
            if (answer == null || answer.isEmpty() || answer.contains("\"error\"")) {
                throw new IOException(answer == null ? "no answer" : "refused: " + answer);
            }
            if (answer.contains('"' + id + '"')) {
                return;
            }
        }
    }

    private void send(Document frame) throws IOException {
        sending.lock();
        try {
            socket.sendText(Json.write(frame), true).join();
        } catch (CompletionException e) {
            throw new IOException("the connection broke", e);
        } finally {
            sending.unlock();
        }
    }

    private final class Answers implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(
                WebSocket webSocket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                taken(webSocket, text.toString());
                text.setLength(0);
            }
            webSocket.request(1);
            return null;
        }

        private void taken(WebSocket from, String frame) {
            if (!frame.startsWith("{\"message_type\":\"command\",")) {
                var _ = answers.offer(frame);
                return;
            }
            try {
                obey(from, Json.parseObject(frame));
            } catch (MalformedJson e) {
                var _ = answers.offer("");
            }
        }

        @Override
        public @Nullable CompletionStage<?> onClose(
                WebSocket webSocket, int statusCode, String reason) {
            var _ = answers.offer("");
            return null;
        }

        @Override
        public void onError(WebSocket webSocket, Throwable error) {
            var _ = answers.offer("");
        }
    }

    @Override
    public void close() {
        if (!socket.isOutputClosed()) {
            var _ =
                    socket.sendClose(WebSocket.NORMAL_CLOSURE, "")
                            .orTimeout(2, TimeUnit.SECONDS)
                            .exceptionally(_ -> socket);
        }
    }
}
