package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tethral.command.CommandId;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// Commands as devices fetch and answer them over HTTP.
class DeviceCommandTest {

    private static final String COMMANDS = "/device/v1/commands";

    private static final Document NOTHING = Document.of("commands", new Value.Array(List.of()));

    private static ApiServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new ApiServer();
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    private static String issue(String device, String body) {
        var issued = server.post("/api/v1/devices/" + device + "/command", body);
        assertThat(issued.status()).isEqualTo(202);
        return issued.text("command_id");
    }

    private static ApiServer.Answer ask(
            String method, String token, String path, @Nullable String body) {
        return server.send(method, path, body, Map.of("Authorization", "Bearer " + token));
    }

    private static ApiServer.Answer fetch(String token, String wait) {
        return ask("GET", token, COMMANDS + "?wait=" + wait, null);
    }

    private static ApiServer.Answer acknowledge(String token, String id, String body) {
        return ask("POST", token, COMMANDS + "/" + id + "/ack", body);
    }

    private static Document only(ApiServer.Answer fetched) {
        assertThat(fetched.status()).isEqualTo(200);
        var commands = ((Value.Array) fetched.body().find("commands").orElseThrow()).items();
        assertThat(commands).hasSize(1);
        return (Document) commands.getFirst();
    }

    private static Document dispatch(String command) {
        var log = server.get("/api/v1/command-logs/" + command).body();
        return (Document) ((Value.Array) log.find("dispatches").orElseThrow()).items().getFirst();
    }

    private static String status(String command) {
        return dispatch(command).text("status").orElseThrow();
    }

    private static boolean reaches(String device) {
        return server.commands.dispatcher().reaches(new DeviceId(device));
    }

    @Test
    void givesAWaitingDeviceItsCommandAndStoresTheAnswer() throws Exception {
        var token = server.device("waits");
        var waiting = CompletableFuture.supplyAsync(() -> fetch(token, "20s"));
        eventually(() -> reaches("waits"));
        var id = issue("waits", "{\"command_name\":\"open\",\"payload\":{\"valve\":3},\"ttl\":60}");

        var command = only(waiting.get(30, TimeUnit.SECONDS));
        assertThat(command.text("command_id")).hasValue(id);
        assertThat(command.text("command_name")).hasValue("open");
        assertThat(command.find("payload")).hasValue(Document.of("valve", Value.of(3)));
        assertThat(command.text("expires_at")).isPresent();
        eventually(() -> status(id).equals("delivered")); // when the answer was written

        var answer = "{\"status\":\"success\",\"result\":{\"opened\":true},\"message\":\"done\"}";
        assertThat(acknowledge(token, id, answer).status()).isEqualTo(204);
        assertThat(status(id)).isEqualTo("ack_success");
        assertThat(dispatch(id).find("response")).hasValue(Document.of("opened", Value.of(true)));
        // and once more changes nothing
        assertThat(acknowledge(token, id, "{\"status\":\"error\"}").status()).isEqualTo(204);
        assertThat(status(id)).isEqualTo("ack_success");
    }

    @Test
    void givesWhatCameWhileTheDeviceWasAwayTheMostUrgentFirst() {
        var token = server.device("returns");
        var first = issue("returns", "{\"command_name\":\"one\"}");
        var second = issue("returns", "{\"command_name\":\"two\"}");
        var urgent = issue("returns", "{\"command_name\":\"now\",\"priority\":\"critical\"}");
        for (var id : new String[] {urgent, first, second}) {
            assertThat(only(fetch(token, "20s")).text("command_id")).hasValue(id);
        }
    }

    @Test
    void answersWithNothingWhenNothingCame() {
        var token = server.device("idle");
        var fetched = fetch(token, "50ms");
        assertThat(fetched.status()).isEqualTo(200);
        assertThat(fetched.body()).isEqualTo(NOTHING);
        eventually(() -> !reaches("idle"));
    }

    @Test
    void keepsACommandForADeviceThatHungUp() throws Exception {
        var token = server.device("hung-up");
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.edge.port())) {
            var request =
                    "GET /device/v1/commands?wait=60s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                            + token
                            + "\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            eventually(() -> reaches("hung-up"));
        }
        eventually(() -> !reaches("hung-up"));
        var id = issue("hung-up", "{\"command_name\":\"open\"}");
        assertThat(status(id)).isEqualTo("pending");
        assertThat(only(fetch(token, "20s")).text("command_id")).hasValue(id);
    }

    @Test
    void endsTheWaitOfADeviceWhoseCredentialIsRevoked() throws Exception {
        var token = server.device("revoked");
        var waiting = CompletableFuture.supplyAsync(() -> fetch(token, "60s"));
        eventually(() -> reaches("revoked"));
        var credential = server.get("/api/v1/credentials?device_id=revoked").items().getFirst();
        server.call("DELETE", "/api/v1/credentials/" + credential.text("id").orElseThrow(), null);
        assertThat(waiting.get(30, TimeUnit.SECONDS).status()).isEqualTo(401);
        eventually(() -> !reaches("revoked"));
    }

    @Test
    void refusesTheAnswerToACommandOfAnotherDevice() {
        var owner = server.device("owner");
        var stranger = server.device("stranger");
        var id = issue("owner", "{\"command_name\":\"open\"}");
        only(fetch(owner, "20s"));

        var refused = acknowledge(stranger, id, "{\"status\":\"success\"}");
        assertThat(refused.status()).isEqualTo(404);
        assertThat(refused.text("detail"))
                .isEqualTo("no command of this id was sent to this device");
        assertThat(status(id)).isNotEqualTo("ack_success");
        assertThat(acknowledge(owner, id, "{\"status\":\"success\"}").status()).isEqualTo(204);
    }

    @Test
    void refusesTheAnswerToWhatWasNotSentYet() {
        var token = server.device("early");
        var id = issue("early", "{\"command_name\":\"open\"}");
        assertThat(acknowledge(token, id, "{\"status\":\"success\"}").status()).isEqualTo(404);
        assertThat(status(id)).isEqualTo("pending");
    }

    @Test
    void doesNotGiveWhatHasExpired() throws Exception {
        var token = server.device("late");
        var id = issue("late", "{\"command_name\":\"open\",\"ttl\":0.05}");
        eventually(() -> status(id).equals("expired"));
        assertThat(fetch(token, "50ms").body()).isEqualTo(NOTHING);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    wait=61s      | wait is a time such as 30s, and at most 60s
                    wait=2m       | wait is a time such as 30s, and at most 60s
                    wait=soon     | wait is a time such as 30s, and at most 60s
                    wait=-1s      | wait is a time such as 30s, and at most 60s
                    """)
    void saysWhatIsWrongWithAWait(String query, String reason) {
        var token = server.device("wait " + query);
        var refused = ask("GET", token, COMMANDS + "?" + query, null);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.raw().body()).contains(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            textBlock =
                    """
                    not json                             | JSON
                    "done"                               | an answer is
                    {}                                   | 'status' is \\"success\\" or \\"error\\"
                    {"status":"ok"}                      | 'status' is \\"success\\" or \\"error\\"
                    {"status":"success","message":7}     | 'message' is a text
                    """)
    void saysWhatIsWrongWithAnAnswer(String body, String reason) {
        var token = server.device("answers " + body.hashCode());
        var id = "01900000-0000-7000-8000-000000000001";
        var refused = acknowledge(token, id, body);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.raw().body()).contains(reason);
        assertThat(acknowledge(token, "no-uuid", "{\"status\":\"success\"}").status())
                .isEqualTo(400);
        assertThat(acknowledge(token, id, "{\"status\":\"success\"}").status()).isEqualTo(404);
        assertThat(ask("POST", "wrong", COMMANDS + "/" + id + "/ack", "{}").status())
                .isEqualTo(401);
        assertThat(fetch("wrong", "1s").status()).isEqualTo(401);
    }

    @Test
    void refusesAnAnswerThatIsTooLong() {
        var token = server.device("long");
        var id = issue("long", "{\"command_name\":\"open\"}");
        only(fetch(token, "20s"));
        var body = "{\"status\":\"success\",\"result\":\"" + "x".repeat(262_200) + "\"}";
        assertThat(acknowledge(token, id, body).status()).isEqualTo(413);
        assertThat(acknowledge(token, id, "{\"status\":\"success\"}").status()).isEqualTo(204);
    }

    @Test
    void asksAThingsBoardDeviceAndTakesItsAnswer() throws Exception {
        var token = server.device("tb-rpc");
        var path = "/api/v1/" + token + "/rpc";
        var waiting =
                CompletableFuture.supplyAsync(
                        () -> server.send("GET", path + "?timeout=20000", null, Map.of()));
        eventually(() -> reaches("tb-rpc"));
        var id = issue("tb-rpc", "{\"command_name\":\"setGpio\",\"payload\":{\"pin\":4}}");
        var asked = waiting.get(30, TimeUnit.SECONDS);
        assertThat(asked.status()).isEqualTo(200);
        assertThat(asked.text("method")).isEqualTo("setGpio");
        assertThat(asked.body().find("params")).hasValue(Document.of("pin", Value.of(4)));

        var number = ((Value.Numeric) asked.body().find("id").orElseThrow()).value();
        var answered = server.send("POST", path + "/" + number, "{\"done\":1}", Map.of());
        assertThat(answered.status()).isEqualTo(200);
        assertThat(answered.raw().body()).isEmpty();
        assertThat(status(id)).isEqualTo("ack_success");
        assertThat(dispatch(id).find("response")).hasValue(Document.of("done", Value.of(1)));
        assertThat(server.send("POST", path + "/7", "{}", Map.of()).status()).isEqualTo(404);
        assertThat(server.send("GET", path + "?timeout=20", null, Map.of()).status())
                .isEqualTo(408);
    }

    @Test
    void knowsTheNumberOfWhatWasSentBeforeARestart() {
        var token = server.device("tb-restart");
        var id = issue("tb-restart", "{\"command_name\":\"setGpio\"}");
        only(fetch(token, "20s")); // not as a request, so that its number is not remembered
        var path = "/api/v1/" + token + "/rpc/" + CommandId.parse(id).number();
        assertThat(server.send("POST", path, "{\"done\":1}", Map.of()).status()).isEqualTo(200);
        assertThat(status(id)).isEqualTo("ack_success");
    }

    @Test
    void hasSucceededWithAOneWayRequestWhenItIsWritten() throws Exception {
        var token = server.device("tb-one-way");
        var id = issue("tb-one-way", "{\"command_name\":\"beep\",\"one_way\":true}");
        assertThat(
                        server.send(
                                        "GET",
                                        "/api/v1/" + token + "/rpc?timeout=20000",
                                        null,
                                        Map.of())
                                .status())
                .isEqualTo(200);
        eventually(() -> status(id).equals("ack_success"));
    }

    @Test
    void keepsWhatAThingsBoardDeviceAsksAsAnEvent() {
        var token = server.device("tb-asks");
        var path = "/api/v1/" + token + "/rpc";
        var kept =
                server.send(
                        "POST", path, "{\"method\":\"getTerm\",\"params\":{\"n\":1}}", Map.of());
        assertThat(kept.status()).isEqualTo(200);
        assertThat(kept.body().find("sequence")).isPresent();
        var events = server.get("/api/v1/events?device_id=tb-asks&type=device.rpc_requested");
        assertThat(events.items()).hasSize(1);
        assertThat(events.items().getFirst().find("data"))
                .hasValue(
                        Document.of("method", Value.of("getTerm"))
                                .with("params", Document.of("n", Value.of(1))));
        assertThat(server.send("POST", path, "{\"params\":1}", Map.of()).status()).isEqualTo(400);
        var time = server.send("POST", path, "{\"method\":\"getTime\"}", Map.of());
        assertThat(time.body().values()).containsOnlyKeys("time", "ts");
    }

    @Test
    void tellsADeviceThatWaitsWhatIsWantedOfItNow() throws Exception {
        var token = server.device("wanted");
        var path = "/device/v1/desired";
        var first = ask("GET", token, path + "?wait=20s", null); // it knows nothing yet
        var tag = first.header("ETag").orElseThrow();
        var headers = Map.of("Authorization", "Bearer " + token, "If-None-Match", tag);
        assertThat(server.send("GET", path + "?wait=30ms", null, headers).status()).isEqualTo(304);
        var waiting =
                CompletableFuture.supplyAsync(
                        () -> server.send("GET", path + "?wait=20s", null, headers));
        // whether it waits already or not
        server.call("PATCH", "/api/v1/devices/wanted/desired", "{\"level\":3}");
        var told = waiting.get(30, TimeUnit.SECONDS);
        assertThat(told.status()).isEqualTo(200);
        assertThat(told.body().find("delta")).hasValue(Document.of("level", Value.of(3)));
        assertThat(server.send("GET", path + "?wait=20s", null, headers).status()).isEqualTo(200);
        assertThat(server.send("GET", path + "?wait=61s", null, headers).status()).isEqualTo(400);
    }

    @Test
    void countsWhatIsSentOverHttp() {
        var token = server.device("counted");
        var before = sent();
        issue("counted", "{\"command_name\":\"open\"}");
        only(fetch(token, "20s"));
        fetch(token, "1ms"); // nothing came: nothing sent
        assertThat(sent()).isEqualTo(before + 1); // it is counted before it is sent
    }

    private static long sent() {
        var protocols =
                (Document)
                        server.get("/api/v1/communication/statistics")
                                .body()
                                .find("protocols")
                                .orElseThrow();
        var http = (Document) protocols.find("http").orElseThrow();
        return ((Value.Numeric) http.find("sent").orElseThrow()).value().longValue();
    }
}
