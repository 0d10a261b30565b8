package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tethral.ingest.Fact;
import org.tethral.json.Json;
import org.tethral.kernel.Value;

class DeviceChannelTest {

    private static final String TOKEN = "tethral_dev_pump";

    private static ChannelServer server;

    @BeforeAll
    static void start() {
        server = new ChannelServer();
        server.device("pump 7", TOKEN);
        server.disabledDevice("barred", "tethral_dev_barred");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void answersAReportWithItsSequenceAfterTheCommitAndNotBefore() throws Exception {
        server.journal.hold();
        var answer = server.postAsync("/device/v1/report", TOKEN, "{\"temperature\":21.5}");
        Thread.sleep(150); // nothing is to happen: there is nothing to wait for
        assertThat(answer).isNotDone();
        server.journal.release();
        var response = answer.get(30, TimeUnit.SECONDS);
        assertThat(response.statusCode()).isEqualTo(200);
        var snapshot = server.journal.facts(Fact.Reported.class).getLast().snapshot();
        assertThat(response.body()).isEqualTo("{\"sequences\":[" + snapshot.sequence() + "]}");
        assertThat(snapshot.device().value()).isEqualTo("pump 7");
    }

    @Test
    void numbersEachReportOfAnArrayAndGivesARepeatedOneItsFirstNumber() throws Exception {
        var body =
                "[{\"message_id\":\"m1\",\"values\":{\"a\":1}},{\"message_id\":\"m2\",\"values\":{\"a\":2}}]";
        var first = server.post("/device/v1/report", TOKEN, body);
        var again = server.post("/device/v1/report", TOKEN, body);
        assertThat(sequences(first.body())).hasSize(2);
        assertThat(again.body()).isEqualTo(first.body());
    }

    @Test
    void takesStatesAndEventsOneByOneOrManyAtOnce() throws Exception {
        assertThat(server.post("/device/v1/state", TOKEN, "idle").body())
                .isEqualTo("{\"sequences\":[]}");
        assertThat(
                        server.post("/device/v1/state", TOKEN, "[{\"state\":\"busy\"},\"idle\"]")
                                .statusCode())
                .isEqualTo(200);
        var events =
                server.post(
                        "/device/v1/event",
                        TOKEN,
                        "[{\"type\":\"door.opened\"},{\"type\":\"door.closed\"}]");
        assertThat(sequences(events.body())).hasSize(2);
        assertThat(server.journal.facts(Fact.StateMoved.class))
                .extracting(fact -> fact.change().to().value())
                .containsSubsequence("idle", "busy", "idle");
    }

    @Test
    void saysWhatIsWrongWithAMessage() throws Exception {
        assertProblem(
                server.post("/device/v1/report", TOKEN, "{\"temperature\":"),
                400,
                "malformed-message",
                "malformed JSON");
        assertProblem(
                server.post("/device/v1/report", TOKEN, ""), 400, "malformed-message", "empty");
        assertProblem(
                server.post("/device/v1/event", TOKEN, "{\"data\":{}}"),
                400,
                "malformed-message",
                "'type'");
        assertProblem(
                server.post("/device/v1/state", TOKEN, "two words"),
                400,
                "malformed-message",
                "a state");
    }

    @Test
    void turnsAwayWhoIsUnknownAndTellsTheInbox() throws Exception {
        var response = server.post("/device/v1/report", "tethral_dev_wrong", "{\"a\":1}");
        assertProblem(response, 401, "unauthenticated", "credential");
        assertThat(response.headers().firstValue("WWW-Authenticate"))
                .hasValueSatisfying(value -> assertThat(value).startsWith("Bearer"));
        assertProblem(
                server.post("/device/v1/report", null, "{\"a\":1}"),
                401,
                "unauthenticated",
                "token is missing");
        eventually(() -> !server.rejected.isEmpty());
        assertThat(server.rejected)
                .isNotEmpty()
                .allSatisfy(
                        entry -> assertThat(entry.toString()).doesNotContain("tethral_dev_wrong"));
    }

    @Test
    void barsADisabledDeviceWith403() throws Exception {
        assertProblem(
                server.post("/device/v1/report", "tethral_dev_barred", "{\"a\":1}"),
                403,
                "device-refused",
                "disabled");
    }

    @Test
    void refusesABodyThatIsTooLongAndServesTheConnectionOn() throws Exception {
        var long_ = "{\"a\":\"" + "x".repeat(300_000) + "\"}";
        assertProblem(server.post("/device/v1/report", TOKEN, long_), 413, "too-long", "262144");
        assertThat(server.post("/device/v1/report", TOKEN, "{\"a\":1}").statusCode())
                .isEqualTo(200);
    }

    @Test
    void answersManyAtOnceEachWithItsOwnSequence() throws Exception {
        var before = server.journal.reports();
        var answers =
                IntStream.range(0, 200)
                        .mapToObj(i ->
                                server.postAsync("/device/v1/report", TOKEN, "{\"a\":" + i + "}"))
                        .toList();
        var seen = new ArrayList<Long>();
        for (var answer : answers) {
            seen.addAll(sequences(answer.get(20, TimeUnit.SECONDS).body()));
        }
        assertThat(seen).doesNotHaveDuplicates().hasSize(200);
        assertThat(server.journal.reports() - before).isEqualTo(200);
    }

    private static java.util.List<Long> sequences(String body) throws Exception {
        return ((Value.Array) Json.parseObject(body).find("sequences").orElseThrow())
                .items().stream().map(item -> ((Value.Numeric) item).value().longValue()).toList();
    }

    static void assertProblem(
            java.net.http.HttpResponse<String> response, int status, String kind, String detail) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type"))
                .contains("application/problem+json");
        var problem = new ApiServer.Answer(status, response).body();
        assertThat(problem.text("type")).contains("urn:tethral:problem:" + kind);
        assertThat(problem.text("detail"))
                .hasValueSatisfying(text -> assertThat(text).contains(detail));
    }
}
