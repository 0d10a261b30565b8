package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.tethral.account.Role;
import org.tethral.command.CommandId;
import org.tethral.command.DispatchStep;
import org.tethral.command.Downlink;
import org.tethral.command.Handover;
import org.tethral.command.Instruction;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.DeviceId;
import org.tethral.device.Protocol;
import org.tethral.ingest.Inbound;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CommandApiTest {

    private ApiServer server;

    @BeforeAll
    void start() throws Exception {
        server = new ApiServer();
    }

    @AfterAll
    void stop() throws Exception {
        server.close();
    }

    /// A device that does as it is told, or says that it cannot.
    private final class Obedient implements Downlink {
        private final DeviceId id;
        private final boolean able;
        final List<Instruction> got = new CopyOnWriteArrayList<>();

        Obedient(String name, boolean able) {
            this.id = new DeviceId(name);
            this.able = able;
            server.commands.dispatcher().reachable(id, this);
        }

        @Override
        public Protocol protocol() {
            return Protocol.MQTT;
        }

        @Override
        public void send(Instruction instruction, Handover handover) {
            got.add(instruction);
            var answer =
                    new DispatchStep.Answered(
                            able, Document.of("did", instruction.payload()), able ? null : "stuck");
            server.ingest.offer(
                    new Inbound.CommandStep(
                            ConnectingDevice.named(id),
                            Instant.now(),
                            instruction.command(),
                            answer),
                    0,
                    _ -> {});
        }
    }

    private static Document dispatch(ApiServer.Answer answer) {
        return (Document)
                ((Value.Array) answer.body().find("dispatches").orElseThrow()).items().getFirst();
    }

    @Test
    void storesACommandForADeviceThatIsAway() {
        server.device("away");
        var answer =
                server.post(
                        "/api/v1/devices/away/command",
                        "{\"command_name\":\"open\",\"payload\":{\"valve\":3},\"priority\":\"high\",\"ttl\":60}");
        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.text("status")).isEqualTo("pending");
        assertThat(answer.header("Location"))
                .hasValue("/api/v1/command-logs/" + answer.text("command_id"));
        assertThat(
                        Duration.between(
                                Instant.parse(answer.text("created_at")),
                                Instant.parse(answer.text("expires_at"))))
                .isEqualTo(Duration.ofSeconds(60));
        var kept = server.get("/api/v1/command-logs/" + answer.text("command_id"));
        assertThat(kept.body().find("payload")).hasValue(Document.of("valve", Value.of(3)));
        assertThat(dispatch(kept).text("device_id")).hasValue("away");
    }

    @Test
    void waitsForTheAnswerOfTheDevice() {
        server.device("lamp");
        var lamp = new Obedient("lamp", true);
        var answer =
                server.post(
                        "/api/v1/devices/lamp/command?wait=20s",
                        "{\"command_name\":\"dim\",\"payload\":7}");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text("status")).isEqualTo("ack_success");
        assertThat(dispatch(answer).find("response")).hasValue(Document.of("did", Value.of(7)));
        assertThat(lamp.got).hasSize(1);
    }

    /// It is put together from what was committed here, without being read.
    @Test
    void answersWithWhatIsKept() {
        server.device("mirror");
        new Obedient("mirror", true);
        var answer =
                server.call(
                        "POST",
                        "/api/v1/devices/mirror/command?wait=5s",
                        "{\"command_name\":\"dim\",\"payload\":{\"to\":[7,0.5]},\"priority\":\"low\",\"ttl\":90}",
                        "Idempotency-Key",
                        "mirror-1");
        assertThat(answer.status()).isEqualTo(200);
        var kept = server.get("/api/v1/command-logs/" + answer.text("command_id"));
        assertThat(answer.body()).isEqualTo(kept.body());
        var away = server.post("/api/v1/devices/mirror/command", "{\"command_name\":\"dim\"}");
        assertThat(away.body().find("payload")).hasValue(Document.EMPTY);
        assertThat(dispatch(away).text("device_id")).hasValue("mirror");
    }

    @Test
    void tellsWhatADeviceCouldNotDo() {
        server.device("stuck");
        new Obedient("stuck", false);
        var answer =
                server.post(
                        "/api/v1/devices/stuck/command?wait=20000ms", "{\"command_name\":\"dim\"}");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text("status")).isEqualTo("ack_error");
        assertThat(dispatch(answer).text("error")).hasValue("stuck");
    }

    @Test
    void answersWhenTheWaitIsOverWithWhatIsSoFar() {
        server.device("slow");
        var answer =
                server.post(
                        "/api/v1/devices/slow/command?wait=300ms", "{\"command_name\":\"dim\"}");
        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.text("status")).isEqualTo("pending");
    }

    @Test
    void givesTheFirstCommandToARepeatedRequest() {
        server.device("once");
        var path = "/api/v1/devices/once/command";
        var body = "{\"command_name\":\"open\"}";
        var first = server.call("POST", path, body, "Idempotency-Key", "k-1");
        var again = server.call("POST", path, body, "Idempotency-Key", "k-1");
        assertThat(again.text("command_id")).isEqualTo(first.text("command_id"));
        assertThat(again.header("Idempotency-Replayed")).hasValue("true");
        var other =
                server.call("POST", path, "{\"command_name\":\"close\"}", "Idempotency-Key", "k-1");
        assertThat(other.status()).isEqualTo(422);
        assertThat(server.get("/api/v1/command-logs?device_id=once").items()).hasSize(1);
    }

    @Test
    void issuesOneCommandForManyRequestsWithOneKeyAtOnce() {
        server.device("race");
        var answers =
                java.util.stream.IntStream.range(0, 8)
                        .mapToObj(_ ->
                                CompletableFuture.supplyAsync(() ->
                                        server.call(
                                                "POST",
                                                "/api/v1/devices/race/command",
                                                "{\"command_name\":\"open\"}",
                                                "Idempotency-Key",
                                                "race")))
                        .toList();
        assertThat(answers.stream().map(one -> one.join().text("command_id")).distinct())
                .hasSize(1);
        assertThat(server.get("/api/v1/command-logs?device_id=race").items()).hasSize(1);
    }

    @Test
    void commandsAllDevicesOfAType() {
        for (int i = 0; i < 3; i++) {
            server.post(
                    "/api/v1/devices",
                    "{\"device_id\":\"valve-" + i + "\",\"device_type\":\"valve\"}");
        }
        new Obedient("valve-0", true);
        new Obedient("valve-1", false);
        var answer =
                server.post(
                        "/api/v1/command?wait=500ms",
                        "{\"command_name\":\"open\",\"device_type\":\"valve\"}");
        assertThat(answer.status()).isEqualTo(202);
        var id = answer.text("command_id");
        // the wait is over when it is over, whether the two have answered by then or not
        eventually(() -> ends(server.get("/api/v1/command-logs/" + id)) == 2);
        var now = server.get("/api/v1/command-logs/" + id + "?limit=2");
        assertThat(now.text("status")).isEqualTo("sent");
        assertThat(now.body().find("progress").flatMap(one -> ((Document) one).find("ack_success")))
                .hasValue(Value.of(1));
        assertThat(((Value.Array) now.body().find("dispatches").orElseThrow()).items()).hasSize(2);
        assertThat(server.get("/api/v1/command-logs/" + id + "?status=pending").body())
                .satisfies(body ->
                        assertThat(((Value.Array) body.find("dispatches").orElseThrow()).items())
                                .hasSize(1));
        var cancelled = server.call("POST", "/api/v1/command-logs/" + id + "/cancel", null);
        assertThat(cancelled.text("status")).isEqualTo("ack_error");
        assertThat(cancelled.text("completed_at")).isNotEmpty();
        assertThat(server.get("/api/v1/command-logs?device_type=valve&status=ack_error").items())
                .hasSize(1);
    }

    private static long ends(ApiServer.Answer answer) {
        var progress = (Document) answer.body().find("progress").orElseThrow();
        return Stream.of("ack_success", "ack_error")
                .mapToLong(status ->
                        ((Value.Numeric) progress.find(status).orElseThrow()).value().longValue())
                .sum();
    }

    @Test
    void followsACommandUntilItHasEnded() throws Exception {
        server.device("followed");
        var id =
                server.post("/api/v1/devices/followed/command", "{\"command_name\":\"open\"}")
                        .text("command_id");
        try (var client = HttpClient.newHttpClient()) {
            var stream =
                    client.sendAsync(
                            HttpRequest.newBuilder(
                                            server.uri("/api/v1/command-logs/" + id + "/progress"))
                                    .header("Authorization", "Bearer " + server.key)
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(stream.isDone()).isFalse();
            new Obedient("followed", true);
            var text = stream.get(30, TimeUnit.SECONDS).body();
            assertThat(text).startsWith("event: progress").contains("\"status\":\"ack_success\"");
        }
    }

    @Test
    void saysWhatIsWrongWithARequest() {
        server.device("strict");
        var path = "/api/v1/devices/strict/command";
        var name = "\"command_name\":\"open\"";
        assertThat(server.post("/api/v1/devices/nobody/command", "{" + name + "}").status())
                .isEqualTo(404);
        expect(400, path, "{}", "command_name");
        expect(400, path, "{\"command_name\":\" open\"}", "no space");
        expect(400, path, "{" + name + ",\"ttl\":0}", "expired on arrival");
        expect(400, path, "{" + name + ",\"ttl\":-5}", "expired on arrival");
        expect(400, path, "{" + name + ",\"timeout\":0.001}", "timeout is 0.1 s");
        expect(400, path, "{" + name + ",\"max_attempts\":0}", "max_attempts is 1 to 100");
        expect(400, path + "?wait=61s", "{" + name + "}", "60s at most");
        expect(400, path + "?wait=soon", "{" + name + "}", "such as 5s");
        expect(
                413,
                path,
                "{" + name + ",\"payload\":\"" + "x".repeat(256 * 1024) + "\"}",
                "262144 bytes");
        expect(
                422,
                "/api/v1/command",
                "{" + name + ",\"device_type\":\"no such type\"}",
                "no device is meant");
        expect(400, "/api/v1/command", "{" + name + ",\"device_ids\":[]}", "device_ids");
        expect(400, "/api/v1/command", "{" + name + "}", "name devices in one way");
        expect(
                400,
                "/api/v1/command",
                "{" + name + ",\"device_type\":\"a\",\"device_ids\":[\"b\"]}",
                "name devices in one way");
        expect(
                404,
                "/api/v1/command",
                "{" + name + ",\"device_ids\":[\"strict\",\"nobody\"]}",
                "no device 'nobody'");
        assertThat(server.get("/api/v1/command-logs?device_id=strict").items()).isEmpty();
        assertThat(server.get("/api/v1/command-logs/" + UUID.randomUUID()).status()).isEqualTo(404);
        assertThat(new CommandId(UUID.randomUUID()).number()).isPositive();
    }

    private void expect(int status, String path, String body, String detail) {
        var answer = server.post(path, body);
        assertThat(answer.status()).as(answer.raw().body()).isEqualTo(status);
        assertThat(answer.raw().body()).contains(detail);
    }

    @Test
    void letsViewersLookButNotCommand() {
        server.device("viewed");
        var viewer =
                java.util.Map.of(
                        "Authorization", "Bearer " + server.apiKey("v", Role.VIEWER, null));
        assertThat(
                        server.send(
                                        "POST",
                                        "/api/v1/devices/viewed/command",
                                        "{\"command_name\":\"open\"}",
                                        viewer)
                                .status())
                .isEqualTo(403);
        assertThat(server.send("GET", "/api/v1/command-logs", null, viewer).status())
                .isEqualTo(200);
    }

    @Test
    void showsWhatGoesOnByProtocol() {
        var answer = server.get("/api/v1/communication/statistics");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().find("protocols").map(one -> ((Document) one).values().keySet()))
                .hasValueSatisfying(names -> assertThat(names).contains("mqtt", "websocket"));
    }
}
