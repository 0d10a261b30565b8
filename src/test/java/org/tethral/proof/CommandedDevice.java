package org.tethral.proof;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.CoapClient;
import org.eclipse.californium.core.CoapResponse;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.exception.ConnectorException;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// A device as its maker should write it: does what it is told once, however often it is told,
/// gives the same answer each time, and gives it until the platform has said that it has it.
abstract class CommandedDevice {

    private static final Duration STOP_WAIT_MAX = Duration.ofSeconds(15);

    final String id;
    final String token;

    /// What it did and answered, by the command's id.
    final Map<String, Document> answers = new ConcurrentHashMap<>();

    /// Those answers of which the platform said that it has them.
    final Set<String> acknowledged = ConcurrentHashMap.newKeySet();

    /// What came once more although its answer was acknowledged before it was sent.
    final Set<String> sentAgain = ConcurrentHashMap.newKeySet();

    volatile boolean stopped;
    private final Thread thread;

    final Servers servers;

    CommandedDevice(String id, Servers servers) {
        this.id = id;
        this.servers = servers;
        this.token = "token-of-" + id;
        this.thread = Thread.ofVirtual().name(id).unstarted(this::run);
    }

    CommandedDevice start() {
        thread.start();
        return this;
    }

    /// What it answers: it cannot do every tenth thing.
    final Document told(Document command) {
        var known = command.text("command_id").orElseThrow();
        if (acknowledged.contains(known)) {
            sentAgain.add(known);
        }
        return answers.computeIfAbsent(
                known,
                _ -> {
                    var number = ((Value.Numeric) command.find("payload").orElseThrow()).value();
                    return Document.of(
                                    "status",
                                    Value.of(number.intValue() % 10 == 0 ? "error" : "success"))
                            .with("result", Value.of(id + " did " + known));
                });
    }

    static List<Document> commands(String json) throws MalformedJson {
        return ((Value.Array) Json.parseObject(json).find("commands").orElseThrow())
                .items().stream().map(Document.class::cast).toList();
    }

    private void run() {
        while (!stopped) {
            try {
                live();
            } catch (IOException
                    | ConnectorException
                    | CompletionException
                    | MalformedJson
                    | InterruptedException e) {
                servers.next(); // this one is being killed, or not there again yet
                rest();
            } catch (RuntimeException e) {
                if (!stopped) {
                    throw e;
                }
            }
        }
    }

    private static void rest() {
        try {
            TimeUnit.MILLISECONDS.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// One connection, or one request and what follows from it.
    abstract void live()
            throws IOException, ConnectorException, MalformedJson, InterruptedException;

    void stop() throws InterruptedException {
        stopped = true;
        thread.interrupt();
        if (!thread.join(STOP_WAIT_MAX)) {
            throw new IllegalStateException(id + " does not end");
        }
    }

    static final class OverHttp extends CommandedDevice {
        private final HttpClient client;

        OverHttp(String id, Servers servers, HttpClient client) {
            super(id, servers);
            this.client = client;
        }

        @Override
        void live() throws IOException, MalformedJson, InterruptedException {
            var answer = send("GET", "/device/v1/commands?wait=2s", "");
            if (answer.statusCode() != 200) {
                throw new IOException("status " + answer.statusCode());
            }
            for (var command : commands(answer.body())) {
                var told = told(command);
                var known = command.text("command_id").orElseThrow();
                var path = "/device/v1/commands/" + known + "/ack";
                while (!stopped && !acknowledged.contains(known)) {
                    try {
                        if (send("POST", path, Json.write(told)).statusCode() == 204) {
                            acknowledged.add(known);
                        }
                    } catch (IOException e) {
                        servers.next();
                        rest();
                    }
                }
            }
        }

        private HttpResponse<String> send(String method, String path, String body)
                throws IOException, InterruptedException {
            var request =
                    HttpRequest.newBuilder(servers.now().http().resolve(path))
                            .timeout(Duration.ofSeconds(10))
                            .header("Authorization", "Bearer " + token)
                            .method(method, HttpRequest.BodyPublishers.ofString(body))
                            .build();
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }

    static final class OverCoap extends CommandedDevice {
        private final CoapEndpoint endpoint;

        OverCoap(String id, Servers servers, CoapEndpoint endpoint) {
            super(id, servers);
            this.endpoint = endpoint;
        }

        private CoapClient client(String path) {
            var client =
                    new CoapClient(
                            "coap://127.0.0.1:%d/device/v1/%stoken=%s"
                                    .formatted(servers.now().coapPort(), path, token));
            client.setEndpoint(endpoint);
            client.setTimeout(4_000L);
            return client;
        }

        @Override
        void live() throws IOException, ConnectorException, MalformedJson {
            for (var command : commands(text(client("commands?wait=2s&").get()))) {
                var told = Json.write(told(command));
                var known = command.text("command_id").orElseThrow();
                while (!stopped && !acknowledged.contains(known)) {
                    var answer = client("commands/" + known + "/ack?");
                    var reply = answer.post(told, MediaTypeRegistry.APPLICATION_JSON);
                    if (reply != null && reply.isSuccess()) {
                        acknowledged.add(known);
                    } else {
                        servers.next();
                    }
                }
            }
        }

        private static String text(CoapResponse response) throws IOException {
            if (response == null || !response.isSuccess()) {
                throw new IOException("no answer");
            }
            return response.getResponseText();
        }
    }

    static final class OverWebSocket extends CommandedDevice {
        private final HttpClient client;

        OverWebSocket(String id, Servers servers, HttpClient client) {
            super(id, servers);
            this.client = client;
        }

        @Override
        void live() throws InterruptedException {
            var ended = new CountDownLatch(1);
            var socket =
                    client.newWebSocketBuilder()
                            .header("Authorization", "Bearer " + token)
                            .buildAsync(
                                    URI.create(
                                            "ws://127.0.0.1:"
                                                    + servers.now().http().getPort()
                                                    + "/ws/"
                                                    + id),
                                    listener(ended))
                            .orTimeout(5, TimeUnit.SECONDS)
                            .join();
            say(socket, "{\"message_type\":\"register\"}");
            for (var entry : answers.entrySet()) {
                if (!acknowledged.contains(entry.getKey())) {
                    answer(socket, entry.getKey(), entry.getValue());
                }
            }
            try {
                ended.await();
            } finally {
                socket.abort();
            }
        }

        private WebSocket.Listener listener(CountDownLatch ended) {
            return new WebSocket.Listener() {
                private final StringBuilder text = new StringBuilder();
                private CompletableFuture<Void> before = CompletableFuture.completedFuture(null);

                @Override
                public CompletionStage<?> onText(
                        WebSocket socket, CharSequence part, boolean last) {
                    text.append(part);
                    socket.request(1);
                    if (last) {
                        var whole = text.toString();
                        text.setLength(0);
                        before = // one after the other, in the order in which they came
                                before.thenRunAsync(
                                        () -> heard(socket, whole, ended),
                                        Thread::startVirtualThread);
                    }
                    return CompletableFuture.completedStage(null);
                }

                @Override
                public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
                    ended.countDown();
                    return CompletableFuture.completedStage(null);
                }

                @Override
                public void onError(WebSocket socket, Throwable error) {
                    ended.countDown();
                }
            };
        }

        /// What a connection that is over still has in hand is not looked at: the platform may have
        /// said it again on the next one, and have got its answer there.
        private void heard(WebSocket socket, String text, CountDownLatch ended) {
            if (ended.getCount() == 0) {
                return;
            }
            try {
                var message = Json.parseObject(text);
                switch (message.text("message_type").orElse("")) {
                    case "command" ->
                            answer(socket, message.text("command_id").orElseThrow(), told(message));
                    case "ack" -> acknowledged.add(message.text("message_id").orElseThrow());
                    default -> {}
                }
            } catch (MalformedJson e) {
                throw new IllegalStateException(text, e);
            }
        }

        private void answer(WebSocket socket, String known, Document answer) {
            say(
                    socket,
                    Json.write(
                            Document.of("message_type", Value.of("command_ack"))
                                    .with("message_id", Value.of(known))
                                    .with("command_id", Value.of(known))
                                    .with("status", answer.find("status").orElseThrow())
                                    .with("payload", answer.find("result").orElseThrow())));
        }

        // what does not arrive is said again on the next connection.
        private static void say(WebSocket socket, String text) {
            synchronized (socket) {
                try {
                    socket.sendText(text, true).orTimeout(5, TimeUnit.SECONDS).join();
                } catch (CompletionException e) {
                    socket.abort();
                }
            }
        }
    }
}
