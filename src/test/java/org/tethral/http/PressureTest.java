package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.http.DeviceChannelTest.assertProblem;
import static org.tethral.kernel.Eventually.eventually;

import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.tethral.device.DeviceId;
import org.tethral.ingest.Fact;
import org.tethral.ingest.MemoryJournal;
import org.tethral.kernel.StorageException;

class PressureTest {

    private static final String TOKEN = "tethral_dev_pressed";

    @Test
    void sendsDevicesAwayWhenTheQueueIsFullAndTakesThemAgain() throws Exception {
        try (var server = new ChannelServer()) {
            server.device("pressed", TOKEN);
            server.post("/device/v1/report", TOKEN, "{\"a\":0}");
            server.journal.hold();
            var big = "{\"a\":\"" + "x".repeat(250_000) + "\"}";
            var answers = new ArrayList<CompletableFuture<HttpResponse<String>>>();
            for (int i = 0; i < 160; i++) {
                answers.add(server.postAsync("/device/v1/report", TOKEN, big));
            }
            var refused =
                    CompletableFuture.anyOf(answers.toArray(CompletableFuture[]::new))
                            .get(20, TimeUnit.SECONDS);
            assertProblem(cast(refused), 503, "queue-full", "again");
            assertThat(cast(refused).headers().firstValue("Retry-After")).contains("1");
            server.journal.release();
            var stored = 1;
            for (var answer : answers) {
                stored += answer.get(20, TimeUnit.SECONDS).statusCode() == 200 ? 1 : 0;
            }
            assertThat(server.journal.reports())
                    .isEqualTo(stored); // refused is not stored, stored is not refused
            assertThat(server.post("/device/v1/report", TOKEN, "{\"a\":1}").statusCode())
                    .isEqualTo(200);
        }
    }

    @SuppressWarnings("unchecked")
    private static HttpResponse<String> cast(Object response) {
        return (HttpResponse<String>) response;
    }

    @Test
    void saysThatAMessageMayYetBeStoredWhenTheCommitTakesTooLong() throws Exception {
        try (var server = new ChannelServer(Duration.ofMillis(200))) {
            server.device("waiting", TOKEN);
            server.journal.hold();
            var answer =
                    server.post(
                            "/device/v1/report",
                            TOKEN,
                            "{\"message_id\":\"m\",\"values\":{\"a\":1}}");
            assertProblem(answer, 503, "not-yet-stored", "message_id");
            server.journal.release();
            eventually(() -> server.journal.reports() > 0);
            assertThat(server.journal.reports()).isOne();
            assertThat(
                            server.post(
                                            "/device/v1/report",
                                            TOKEN,
                                            "{\"message_id\":\"m\",\"values\":{\"a\":1}}")
                                    .statusCode())
                    .isEqualTo(200);
            assertThat(server.journal.reports()).isOne();
        }
    }

    @Test
    void answersNothingWhileTheDatabaseIsAwayAndAllOfItAfter() throws Exception {
        try (var server = new ChannelServer()) {
            server.device("patient", TOKEN);
            server.journal.failNext(
                    3, MemoryJournal.Failure.AFTER_COMMIT, StorageException.Cause.UNAVAILABLE);
            assertThat(server.post("/device/v1/report", TOKEN, "{\"a\":1}").statusCode())
                    .isEqualTo(200);
            assertThat(server.journal.reports()).isOne();
        }
    }

    @Test
    void refusesOnlyTheMessageThatTheDatabaseRefuses() throws Exception {
        try (var server = new ChannelServer()) {
            server.device("poisoned", TOKEN);
            server.device("healthy", "tethral_dev_healthy");
            server.journal.refuse(fact ->
                    fact instanceof Fact.Reported
                            && fact.device().equals(new DeviceId("poisoned")));
            server.journal.hold();
            var poisoned = server.postAsync("/device/v1/report", TOKEN, "{\"a\":1}");
            var healthy = server.postAsync("/device/v1/report", "tethral_dev_healthy", "{\"a\":1}");
            server.journal.release();
            assertProblem(poisoned.get(30, TimeUnit.SECONDS), 422, "not-storable", "");
            assertThat(healthy.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void answersPipelinedRequestsInTheirOrder() throws Exception {
        try (var server = new ChannelServer();
                var socket = new Socket(InetAddress.getLoopbackAddress(), server.edge.port())) {
            server.device("eager", TOKEN);
            var requests = new StringBuilder();
            for (int i = 0; i < 50; i++) {
                var body = i % 7 == 3 ? "{\"a\":" : "{\"a\":" + i + "}";
                requests.append(
                        "POST /device/v1/report HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                                + TOKEN
                                + "\r\nContent-Length: "
                                + body.length()
                                + "\r\n"
                                + (i == 49 ? "Connection: close\r\n" : "")
                                + "\r\n"
                                + body);
            }
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(requests.toString().getBytes(StandardCharsets.US_ASCII));
            var answers =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                            .split("HTTP/1.1 ", -1);
            assertThat(answers).hasSize(51);
            for (int i = 0; i < 50; i++) {
                assertThat(answers[i + 1]).startsWith(i % 7 == 3 ? "400" : "200");
            }
        }
    }
}
