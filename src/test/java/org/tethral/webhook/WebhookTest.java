package org.tethral.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tethral.delivery.Resolver;
import org.tethral.delivery.Sink;
import org.tethral.delivery.SinkKind;
import org.tethral.event.Event;
import org.tethral.event.Priority;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.sql.Events;

class WebhookTest {

    static final Instant NOW = Instant.parse("2026-07-14T12:00:00.000123Z");

    record Received(Map<String, String> headers, String body) {
        Document json() throws Exception {
            return Json.parseObject(body);
        }
    }

    @FunctionalInterface
    interface Answering {
        void answer(HttpExchange exchange) throws IOException;
    }

    private final BlockingQueue<Received> received = new LinkedBlockingQueue<>();
    private final AtomicInteger connections = new AtomicInteger();
    private volatile Answering answering = exchange -> exchange.sendResponseHeaders(204, -1);
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext(
                "/",
                exchange -> {
                    connections.incrementAndGet();
                    var headers = new HashMap<String, String>();
                    exchange.getRequestHeaders()
                            .forEach((name, values) ->
                                    headers.put(name.toLowerCase(Locale.ROOT), values.getFirst()));
                    received.add(
                            new Received(
                                    headers,
                                    new String(
                                            exchange.getRequestBody().readAllBytes(),
                                            StandardCharsets.UTF_8)));
                    answering.answer(exchange);
                    exchange.close();
                });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void sendsACloudEventWithASignatureThatAReceiverCanCheck() throws Exception {
        var kind = new WebhookKind();
        var settings =
                kind.checked(
                        url("/hook?a=b")
                                .with("headers", Document.of("X-Token", Value.of("secret-7"))),
                        surroundings(true));
        try (var sink = kind.open(settings, surroundings(true))) {
            assertThat(sink.deliver(List.of(logged(41)))).isEqualTo(Sink.Outcome.DELIVERED);
        }
        var request = received.take();
        assertThat(request.headers())
                .containsEntry("content-type", "application/cloudevents+json")
                .containsEntry("x-token", "secret-7")
                .containsEntry("webhook-id", "evt_41")
                .containsEntry("webhook-timestamp", Long.toString(NOW.getEpochSecond()));
        assertThat(request.headers().get("webhook-signature"))
                .isEqualTo(expected(settings, request));
        assertThat(request.json().values())
                .containsEntry("specversion", Value.of("1.0"))
                .containsEntry("id", Value.of("e 41"))
                .containsEntry("source", Value.of("device:d%C3%A9%20x"))
                .containsEntry("subject", Value.of("dé x"))
                .containsEntry("type", Value.of("test.event"))
                .containsEntry("time", Value.of("2026-07-14T12:00:00.000123Z"))
                .containsEntry("expirytime", Value.of("2026-07-14T12:01:00.000123Z"))
                .containsEntry("priority", Value.of("high"))
                .containsEntry("sequence", Value.of("0000000000000000041"))
                .containsEntry("data", Document.of("n", Value.of("e 41")));
    }

    @Test
    void sendsSeveralAsABatch() throws Exception {
        try (var sink = sink(url("/"), true)) {
            sink.deliver(List.of(logged(1), logged(2), logged(5)));
        }
        var request = received.take();
        assertThat(request.headers())
                .containsEntry("content-type", "application/cloudevents-batch+json")
                .containsEntry("webhook-id", "evt_1_5");
        assertThat(((Value.Array) Json.parse(request.body())).items()).hasSize(3);
    }

    @ParameterizedTest
    @CsvSource({"500,", "404,", "503,7", "429,30"})
    void failsWithWhatTheReceiverSaid(int status, Integer after) throws Exception {
        answering =
                exchange -> {
                    if (after != null) {
                        exchange.getResponseHeaders().add("Retry-After", after.toString());
                    }
                    exchange.sendResponseHeaders(status, 3);
                    exchange.getResponseBody().write("no!".getBytes(StandardCharsets.UTF_8));
                };
        try (var sink = sink(url("/"), true)) {
            assertThat(sink.deliver(List.of(logged(1))))
                    .isEqualTo(
                            new Sink.Outcome.Failed(
                                    "status " + status,
                                    after == null ? null : Duration.ofSeconds(after)));
        }
    }

    @Test
    void followsNoRedirect() throws Exception {
        answering =
                exchange -> {
                    exchange.getResponseHeaders().add("Location", "/elsewhere");
                    exchange.sendResponseHeaders(307, -1);
                };
        try (var sink = sink(url("/"), true)) {
            assertThat(sink.deliver(List.of(logged(1))))
                    .isEqualTo(
                            new Sink.Outcome.Failed(
                                    "status 307; redirects are not followed", null));
        }
        assertThat(connections).hasValue(1);
    }

    @Test
    void doesNotReadAnAnswerThatNeverEnds() throws Exception {
        answering =
                exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    var piece = new byte[8_192];
                    for (int i = 0; i < 10_000; i++) {
                        exchange.getResponseBody().write(piece);
                    }
                };
        try (var sink = sink(url("/"), true)) {
            assertThat(sink.deliver(List.of(logged(1)))).isEqualTo(Sink.Outcome.DELIVERED);
            answering = exchange -> exchange.sendResponseHeaders(200, -1);
            assertThat(sink.deliver(List.of(logged(2)))).isEqualTo(Sink.Outcome.DELIVERED);
        }
    }

    @Test
    void isInterruptedWhileTheReceiverSaysNothing() throws Exception {
        try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var sink = sink(url(silent.getLocalPort(), "/"), true)) {
            var attempt =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    sink.deliver(List.of(logged(1)));
                                } catch (Exception e) {
                                    received.add(new Received(Map.of(), ""));
                                }
                            });
            Thread.sleep(50);
            attempt.interrupt();
            assertThat(attempt.join(Duration.ofSeconds(20))).isTrue();
            assertThat(received).hasSize(1);
        }
    }

    @Test
    void saysWhyThereIsNoConnection() throws Exception {
        int free;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        try (var sink = sink(url(free, "/"), true)) {
            assertThat(sink.deliver(List.of(logged(1))))
                    .isInstanceOfSatisfying(
                            Sink.Outcome.Failed.class,
                            failed -> assertThat(failed.reason()).containsIgnoringCase("refused"));
        }
    }

    /// The name led to a public address when it was checked, and leads into our network later.
    @Test
    void isNotFooledByANameThatChangesItsAddress() throws Exception {
        var calls = new AtomicInteger();
        var kind =
                new WebhookKind(_ ->
                        new InetAddress[] {
                            InetAddress.getByName(
                                    calls.getAndIncrement() == 0 ? "93.184.215.14" : "127.0.0.1")
                        });
        var settings =
                kind.checked(
                        Document.of(
                                "url",
                                Value.of(
                                        "http://rebinding.example:"
                                                + server.getAddress().getPort()
                                                + "/")),
                        surroundings(false));
        try (var sink = kind.open(settings, surroundings(false))) {
            assertThat(sink.deliver(List.of(logged(1))))
                    .isInstanceOfSatisfying(
                            Sink.Outcome.Failed.class,
                            failed ->
                                    assertThat(failed.reason())
                                            .contains("private address 127.0.0.1"));
        }
        assertThat(connections).hasValue(0);
    }

    /// It connects to the address that was checked, whatever the name means by then.
    @Test
    void connectsToTheAddressThatWasChecked() throws Exception {
        var kind = new WebhookKind(names(Map.of("hook.example", "127.0.0.1")));
        var port = server.getAddress().getPort();
        var settings =
                kind.checked(
                        Document.of("url", Value.of("http://hook.example:" + port + "/x")),
                        surroundings(true));
        try (var sink = kind.open(settings, surroundings(true))) {
            assertThat(sink.deliver(List.of(logged(1)))).isEqualTo(Sink.Outcome.DELIVERED);
        }
        assertThat(received.take().headers()).containsEntry("host", "hook.example:" + port);
    }

    @Test
    void givesUpOnANameServerThatDoesNotAnswerWithoutHoldingUpOthers() throws Exception {
        var resolver =
                new Resolver(host -> {
                    try {
                        Thread.sleep(host.equals("slow.example") ? 60_000 : 0);
                    } catch (InterruptedException e) {
                        throw new UnknownHostException(host);
                    }
                    return new InetAddress[] {InetAddress.getByName("8.8.8.8")};
                });
        var slow =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                resolver.address("slow.example", true);
                            } catch (UnknownHostException
                                    | Resolver.PrivateTarget
                                    | InterruptedException e) {
                                received.add(new Received(Map.of(), ""));
                            }
                        });
        assertThat(resolver.address("quick.example", true)).isNotNull();
        assertThat(slow.join(Duration.ofSeconds(20))).isTrue();
        assertThat(received).hasSize(1);
    }

    // ---

    static Resolver.Names names(Map<String, String> known) {
        return host -> {
            if (!known.containsKey(host)) {
                throw new UnknownHostException(host);
            }
            return new InetAddress[] {InetAddress.getByName(known.get(host))};
        };
    }

    /// Not by our own code: as a receiver would.
    private static String expected(Document settings, Received request) throws Exception {
        var secret = settings.text("secret").orElseThrow().substring("whsec_".length());
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(Base64.getDecoder().decode(secret), "HmacSHA256"));
        var signed =
                request.headers().get("webhook-id")
                        + "."
                        + request.headers().get("webhook-timestamp")
                        + "."
                        + request.body();
        return "v1,"
                + Base64.getEncoder()
                        .encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
    }

    private Document url(String path) {
        return url(server.getAddress().getPort(), path);
    }

    private static Document url(int port, String path) {
        return Document.of("url", Value.of("http://127.0.0.1:" + port + path));
    }

    private static Sink sink(Document given, boolean privateTargets) {
        var kind = new WebhookKind();
        return kind.open(
                kind.checked(given, surroundings(privateTargets)), surroundings(privateTargets));
    }

    static SinkKind.Surroundings surroundings(boolean privateTargets) {
        return new SinkKind.Surroundings(InstantSource.fixed(NOW), new Random(5), privateTargets);
    }

    private static Event.Logged logged(long sequence) {
        return new Event.Logged(
                sequence,
                Events.of("e " + sequence, "dé x", Priority.HIGH, Duration.ofMinutes(1), NOW));
    }
}
