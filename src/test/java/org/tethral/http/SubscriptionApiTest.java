package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tethral.http.DeviceChannelTest.assertProblem;
import static org.tethral.kernel.Eventually.eventually;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.WebSocketHandshakeException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tethral.delivery.SubscriptionId;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.sql.SqlSubscriptionStore;

class SubscriptionApiTest {

    private static ApiServer server;
    private static HttpServer receiver;
    private static final List<String> RECEIVED = new CopyOnWriteArrayList<>();
    private static final AtomicInteger REQUESTS = new AtomicInteger();

    @BeforeAll
    static void start() throws Exception {
        server = new ApiServer(null, true);
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        // takes each fourth request
        receiver.createContext(
                "/flaky",
                exchange -> {
                    var body = exchange.getRequestBody().readAllBytes();
                    var takes = REQUESTS.incrementAndGet() % 4 == 0;
                    if (takes) {
                        RECEIVED.add(id(body));
                    }
                    exchange.sendResponseHeaders(takes ? 200 : 503, -1);
                    exchange.close();
                });
        receiver.createContext(
                "/good",
                exchange -> {
                    RECEIVED.add(id(exchange.getRequestBody().readAllBytes()));
                    exchange.sendResponseHeaders(200, -1);
                    exchange.close();
                });
        receiver.start();
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
        receiver.stop(0);
    }

    private static String id(byte[] body) throws IOException {
        try {
            return Json.parseObject(body).text("id").orElseThrow();
        } catch (MalformedJson e) {
            throw new IOException(e);
        }
    }

    private static String url(String path) {
        return "http://127.0.0.1:" + receiver.getAddress().getPort() + path;
    }

    private static String webhook(String name, String path, String more) {
        return "{\"subscription_id\":\"%s\",\"sink\":{\"kind\":\"webhook\",\"url\":\"%s\"}%s}"
                .formatted(name, url(path), more);
    }

    @Test
    void showsTheSecretThatItMadeOnceAndNeverAgain() {
        var added =
                server.post(
                        "/api/v1/subscriptions",
                        webhook("secretive", "/good", ",\"event_types\":[\"none.*\"]"));
        assertThat(added.status()).isEqualTo(201);
        var secret = ((Document) added.body().find("sink").orElseThrow()).text("secret");
        assertThat(secret.orElseThrow()).startsWith("whsec_");
        for (var path : List.of("/api/v1/subscriptions/secretive", "/api/v1/subscriptions")) {
            assertThat(server.get(path).raw().body())
                    .contains(url("/good"))
                    .doesNotContain("whsec_");
        }
        var changed =
                server.call(
                        "PATCH",
                        "/api/v1/subscriptions/secretive",
                        "{\"sink\":{\"url\":\"" + url("/other") + "\"},\"batch\":3}",
                        "If-Match",
                        added.header("ETag").orElseThrow());
        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.raw().body()).contains("/other").doesNotContain("whsec_");
        assertThat(changed.header("ETag")).contains("\"2\"");
    }

    @Test
    void keepsItsSecretsSealed() throws Exception {
        var added =
                server.post(
                        "/api/v1/subscriptions",
                        "{\"subscription_id\":\"sealed\",\"active\":false,\"sink\":{\"kind\":\"webhook\",\"url\":\""
                                + url("/good")
                                + "\",\"headers\":{\"Authorization\":\"Bearer hush\"}}}");
        var secret =
                ((Document) added.body().find("sink").orElseThrow()).text("secret").orElseThrow();
        var kept =
                new SqlSubscriptionStore(server.database)
                        .find(new SubscriptionId("sealed"))
                        .orElseThrow()
                        .subscription()
                        .sink()
                        .toString();
        assertThat(kept).contains(url("/good")).doesNotContain(secret).doesNotContain("hush");
    }

    @Test
    void deliversToAReceiverThatFailsThreeOfFourTimes() throws Exception {
        REQUESTS.set(0);
        server.post(
                "/api/v1/subscriptions",
                webhook(
                        "flaky",
                        "/flaky",
                        ",\"event_types\":[\"flaky.*\"],\"filter\":\"n >= 6\",\"in_flight\":32"));
        var token = server.device("flaky-device");
        for (int i = 0; i < 8; i++) {
            server.send(
                    "POST",
                    "/device/v1/event",
                    "{\"type\":\"flaky.one\",\"event_id\":\"flaky-%d\",\"data\":{\"n\":%d}}"
                            .formatted(i, i),
                    Map.of("Authorization", "Bearer " + token));
        }
        var expected = IntStream.range(6, 8).mapToObj(i -> "flaky-" + i).toList();
        eventually(() -> RECEIVED.containsAll(expected));
        // of one device, hence in order; each once, as no attempt was cut off
        assertThat(RECEIVED.stream().filter(id -> id.startsWith("flaky-")).toList())
                .isEqualTo(expected);
        eventually(() ->
                server.get("/api/v1/subscriptions/flaky/statistics")
                        .raw()
                        .body()
                        .contains("\"delivered\":2,\"failed_attempts\":6"));
        assertThat(server.get("/api/v1/subscriptions/flaky/deliveries?status=delivered").items())
                .hasSize(2);
    }

    @Test
    void redrivesWhatIsDeadAndReplaysWhatWasDelivered() throws Exception {
        server.post(
                "/api/v1/subscriptions",
                webhook("dying", "/nowhere", ",\"event_types\":[\"dying\"],\"max_attempts\":1"));
        server.post("/api/v1/events", "{\"type\":\"dying\",\"event_id\":\"dying-1\"}");
        eventually(() ->
                server.get("/api/v1/subscriptions/dying/deliveries?status=dead").items().size()
                        == 1);
        var dead =
                server.get("/api/v1/subscriptions/dying/deliveries?status=dead").items().getFirst();
        assertThat(dead.text("last_error")).contains("status 404");
        server.call(
                "PATCH",
                "/api/v1/subscriptions/dying",
                "{\"sink\":{\"url\":\"" + url("/good") + "\"}}",
                "If-Match",
                "*");
        var redriven = server.call("POST", "/api/v1/subscriptions/dying/redrive", null);
        assertThat(redriven.raw().body()).isEqualTo("{\"redriven\":1}");
        eventually(() -> RECEIVED.contains("dying-1"));
        server.post("/api/v1/subscriptions/dying/replay", "{\"after\":0}");
        eventually(() -> RECEIVED.stream().filter("dying-1"::equals).count() == 2);
    }

    @Test
    void deliversNothingWhilePaused() throws Exception {
        server.post(
                "/api/v1/subscriptions",
                webhook("pausing", "/good", ",\"event_types\":[\"pausing\"],\"active\":false"));
        assertThat(server.get("/api/v1/subscriptions/pausing").text("state")).isEqualTo("paused");
        server.post("/api/v1/events", "{\"type\":\"pausing\",\"event_id\":\"pausing-1\"}");
        Thread.sleep(100);
        assertThat(RECEIVED).doesNotContain("pausing-1");
        server.call("POST", "/api/v1/subscriptions/pausing/resume", null);
        eventually(() -> RECEIVED.contains("pausing-1"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            textBlock =
                    """
                    {"sink":{"kind":"pigeon"}}                                         | no sink 'pigeon': webhook, kafka
                    {"sink":{"kind":"webhook"}}                                        | url is missing
                    {"sink":{"kind":"webhook","url":"gopher://x/"}}                    | must begin with https://
                    {"sink":{"kind":"webhook","url":"http://x/","secret":"weak"}}      | secret must be whsec_
                    {"sink":{"kind":"kafka","bootstrap_servers":"x","topic":"t"}}      | bootstrap_servers is host:port
                    {"sink":{"kind":"webhook","url":"http://x/"},"filter":"a >"}       | expected a number, a text in quotes, true, false or null, at character 4
                    {"sink":{"kind":"webhook","url":"http://x/"},"event_types":["a*b"]} | is no event type
                    {"sink":{"kind":"webhook","url":"http://x/"},"after":99999999}     | is in the future: the newest event has the sequence
                    {"sink":{"kind":"webhook","url":"http://x/"},"batch":501}          | fields of the request
                    {"sink":{"kind":"webhook","url":"http://x/"},"subscription_id":"a b"} | fields of the request
                    {}                                                                 | sink
                    """)
    void saysWhatIsWrongWithASubscription(String body, String reason) {
        assertProblem(
                server.post("/api/v1/subscriptions", body).raw(), 400, "invalid-request", reason);
    }

    @Test
    void refusesAPrivateAddressUnlessThatIsAllowed() throws Exception {
        try (var strict = new ApiServer()) {
            assertProblem(
                    strict.post("/api/v1/subscriptions", webhook("private", "/good", "")).raw(),
                    400,
                    "invalid-request",
                    "127.0.0.1 is the private address 127.0.0.1");
        }
    }

    @Test
    void refusesASecondOfTheSameNameAnOldVersionAndWhatIsNotThere() {
        var body = webhook("twice", "/good", ",\"event_types\":[\"none\"]");
        server.post("/api/v1/subscriptions", body);
        assertProblem(server.post("/api/v1/subscriptions", body).raw(), 409, "name-taken", "twice");
        assertProblem(
                server.call("PATCH", "/api/v1/subscriptions/twice", "{\"batch\":2}").raw(),
                428,
                "version-missing",
                "If-Match");
        assertProblem(
                server.call(
                                "PATCH",
                                "/api/v1/subscriptions/twice",
                                "{\"batch\":2}",
                                "If-Match",
                                "\"7\"")
                        .raw(),
                412,
                "version-conflict",
                "version 1");
        assertProblem(server.get("/api/v1/subscriptions/none").raw(), 404, "not-found", "none");
        assertProblem(
                server.post("/api/v1/subscriptions/twice/replay", "{}").raw(),
                400,
                "invalid-request",
                "say after");
    }

    @Test
    void publishesAnEventOnceAndRefusesWhatNobodyMaySay() {
        server.device("publisher");
        var body =
                "{\"type\":\"maintenance.done\",\"event_id\":\"m 1\",\"device_id\":\"publisher\",\"data\":{\"by\":\"Zoë\"}}";
        var first = server.post("/api/v1/events", body);
        assertThat(first.status()).isEqualTo(201);
        assertThat(first.text("source")).isEqualTo("api_key:test");
        assertThat(first.text("community_id")).isEqualTo("00000000-0000-4000-8000-000000000001");
        var again = server.post("/api/v1/events", body);
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(server.get(first.header("Location").orElseThrow()).body())
                .isEqualTo(first.body());
        assertProblem(
                server.post("/api/v1/events", "{\"type\":\"x\",\"source\":\"device:a\"}").raw(),
                400,
                "invalid-request",
                "for the platform to say");
        assertProblem(
                server.post("/api/v1/events", "{\"type\":\"x\",\"device_id\":\"nobody\"}").raw(),
                404,
                "not-found",
                "nobody");
        assertProblem(
                server.post(
                                "/api/v1/events",
                                "{\"type\":\"x\",\"data\":{\"a\":\"" + "x".repeat(300_000) + "\"}}")
                        .raw(),
                413,
                "too-long",
                "262144 bytes at most");
    }

    @Test
    void followsOverAWebSocketAndResumes() throws Exception {
        try (var socket =
                new EventClient(
                        server,
                        "?type=ws.*&filter=n%20%3E%201",
                        "Authorization",
                        "Bearer " + server.key)) {
            assertThat(socket.next()).startsWith("{\"after\":");
            for (int n = 0; n < 4; n++) {
                server.post(
                        "/api/v1/events", "{\"type\":\"ws.n\",\"data\":{\"n\":%d}}".formatted(n));
            }
            var first = Json.parseObject(socket.next());
            assertThat(Json.write(first)).contains("\"data\":{\"n\":2}");
            assertThat(socket.next()).contains("\"data\":{\"n\":3}");
            var sequence = Json.write(first.find("sequence").orElseThrow());
            try (var later =
                    new EventClient(
                            server, "?type=ws.*&after=" + sequence, "X-API-Key", server.key)) {
                assertThat(later.next()).isEqualTo("{\"after\":" + sequence + "}");
                assertThat(later.next()).contains("\"data\":{\"n\":3}");
            }
        }
    }

    @Test
    void letsNobodyFollowWithoutACredentialNorFromAnotherSite() throws Exception {
        var link = server.sessions.invite();
        var cookie =
                server.send("GET", "/sign-in?token=" + link.reveal(), null, Map.of())
                        .header("Set-Cookie")
                        .orElseThrow()
                        .split(";", 2)[0];
        refused(401);
        refused(401, "Authorization", "Bearer wrong");
        refused(403, "Cookie", cookie);
        refused(403, "Cookie", cookie, "Origin", "https://evil.example");
        refused(400, "?after=99999999", "Authorization", "Bearer " + server.key);
        refused(400, "?filter=a%20%3D", "Authorization", "Bearer " + server.key);
        var own = "http://127.0.0.1:" + server.edge.port();
        try (var socket = new EventClient(server, "", "Cookie", cookie, "Origin", own)) {
            assertThat(socket.next()).startsWith("{\"after\":");
        }
    }

    private static void refused(int status, String... more) {
        var query = more.length % 2 == 1 ? more[0] : "";
        var headers =
                more.length % 2 == 1 ? java.util.Arrays.copyOfRange(more, 1, more.length) : more;
        assertThatThrownBy(() -> new EventClient(server, query, headers).close())
                .cause()
                .isInstanceOfSatisfying(
                        WebSocketHandshakeException.class,
                        e -> assertThat(e.getResponse().statusCode()).isEqualTo(status));
    }

    @Test
    void refusesToFollowFromTheFuture() {
        assertProblem(
                server.call("GET", "/api/v1/events/stream", null, "Last-Event-ID", "99999999")
                        .raw(),
                400,
                "invalid-request",
                "is in the future");
        assertProblem(
                server.get("/api/v1/events/stream?filter=a").raw(),
                400,
                "invalid-request",
                "at character 2");
    }
}
