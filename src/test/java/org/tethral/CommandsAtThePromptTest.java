package org.tethral;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.command.CommandStatus;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.mqtt.TalkingClient;

/// `tethral command`, against a running server and a device on MQTT.
class CommandsAtThePromptTest {

    private static final String VALVE = "commands/";

    @TempDir static Path directory;

    private static final Prompt PROMPT = new Prompt();
    private static Prompt.Command server;
    private static int mqttPort;

    @BeforeAll
    static void start() throws Exception {
        var home = directory.resolve("home");
        PROMPT.environment.put("TETHRAL_HOME", home.toString());
        PROMPT.environment.put("TETHRAL_HTTP_PORT", "0");
        PROMPT.environment.put("TETHRAL_MQTT_PORT", "0");
        PROMPT.environment.put("TETHRAL_MQTT_WEBSOCKET_PORT", "off");
        PROMPT.environment.put("TETHRAL_COAP_PORT", "off");
        PROMPT.environment.put("TETHRAL_COAPS_PORT", "off");
        server = PROMPT.start(1, "serve");
        mqttPort = Home.running(home).orElseThrow().mqttPort();
        for (var id : List.of("valve-1", "valve-2", "asleep")) {
            var added =
                    PROMPT.run(
                            "device",
                            "add",
                            id,
                            "--type",
                            id.startsWith("valve") ? "valve" : "sleeper",
                            "--token",
                            "token-of-" + id);
            assertThat(added.code()).as(added.err()).isZero();
        }
    }

    @AfterAll
    static void stop() throws Exception {
        server.stop();
    }

    /// A valve that answers each command with a status.
    private static final class Valve implements AutoCloseable {
        private final TalkingClient client;
        private final Thread thread;
        private final AtomicBoolean open = new AtomicBoolean(true);

        Valve(String id, String answer) {
            client = TalkingClient.start(4, id).user("token-of-" + id, null).at(mqttPort);
            client.subscribe("devices/" + id + "/" + VALVE + "+", 1);
            thread =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    while (open.get()) {
                                        var command = client.next();
                                        client.publish(command.topic() + "/ack", answer, 1);
                                    }
                                } catch (AssertionError e) {
                                    // nothing came any more
                                }
                            });
        }

        @Override
        public void close() {
            open.set(false);
            client.close();
            thread.interrupt();
        }
    }

    private static Document json(Prompt.Result result) throws MalformedJson {
        return Json.parseObject(result.out());
    }

    @Test
    void printsTheIdOfACommandAloneAndThenHowFarItIs() throws Exception {
        var sent = PROMPT.run("command", "send", "asleep", "wake", "{\"at\": 7}");
        assertThat(sent.code()).as(sent.err()).isZero();
        var id = sent.out().strip();
        assertThat(id).hasSize(36);

        var shown = PROMPT.run("command", "show", id);
        assertThat(shown.code()).isZero();
        assertThat(shown.out()).contains("wake", "{\"at\":7}", "asleep", "pending");
        assertThat(json(PROMPT.run("command", "show", id, "--json")).text("status"))
                .hasValue("pending");

        var cancelled = PROMPT.run("command", "cancel", id);
        assertThat(cancelled.out()).startsWith("cancelled");
        assertThat(PROMPT.run("command", "show", id).out()).contains("cancelled");
    }

    @Test
    void waitsForTheAnswer() throws Exception {
        try (var _ = new Valve("valve-1", "{\"status\":\"success\",\"result\":{\"open\":true}}")) {
            var sent = PROMPT.run("command", "send", "valve-1", "open", "--wait", "10s");
            assertThat(sent.code()).as(sent.err()).isZero();
            assertThat(sent.out()).contains("ack_success after ", "{\"open\":true}");
            var again = PROMPT.run("command", "send", "valve-1", "open", "--wait", "10s", "--json");
            assertThat(json(again).text("status")).hasValue("ack_success");
        }
    }

    @Test
    void endsWith1WhenTheDeviceSaysNo() {
        try (var _ = new Valve("valve-2", "{\"status\":\"error\",\"message\":\"stuck\"}")) {
            var sent = PROMPT.run("command", "send", "valve-2", "open", "--wait", "10s");
            assertThat(sent.code()).isEqualTo(1);
            assertThat(sent.out()).contains("ack_error after ", "stuck");
        }
    }

    @Test
    void endsWith3WhenItIsNotKnownYet() {
        var sent = PROMPT.run("command", "send", "asleep", "wake", "--wait", "300ms");
        assertThat(sent.code()).isEqualTo(3);
        assertThat(sent.out()).contains("pending, not over after ");
    }

    @Test
    void sendsToAllDevicesOfAType() throws Exception {
        try (var _ = new Valve("valve-1", "{\"status\":\"success\"}");
                var _ = new Valve("valve-2", "{\"status\":\"error\"}")) {
            var sent = PROMPT.run("command", "send", "--type", "valve", "close", "--wait", "10s");
            assertThat(sent.code()).isEqualTo(1);
            assertThat(sent.out()).contains("ack_error").contains("1 ack_success, 1 ack_error");
        }
        var listed = PROMPT.run("command", "list", "--type", "valve", "--device", "valve-2");
        assertThat(listed.out()).contains("close").contains("device_type valve");
        assertThat(PROMPT.run("command", "list", "--status", "ack_error", "--json").out())
                .startsWith("[{\"command_id\":");
        assertThat(PROMPT.run("command", "list", "--limit", "1").out().lines()).hasSize(2);
    }

    @Test
    void repeatsNothingUnderOneKey() throws Exception {
        var first = PROMPT.run("command", "send", "asleep", "wake", "--key", "k", "--one-way");
        var second = PROMPT.run("command", "send", "asleep", "wake", "--key", "k", "--one-way");
        assertThat(second.out()).isEqualTo(first.out());
        var terms =
                json(
                        PROMPT.run(
                                "command",
                                "send",
                                "asleep",
                                "wake",
                                "--priority",
                                "critical",
                                "--ttl",
                                "2h",
                                "--timeout",
                                "500ms",
                                "--attempts",
                                "5",
                                "--json"));
        assertThat(Json.write(terms))
                .contains("\"priority\":\"critical\"", "\"timeout\":0.5", "\"max_attempts\":5");
    }

    /// Of 15 devices some fail, are slow, or lose their connection, and each command ends.
    @ParameterizedTest
    @ValueSource(strings = {"mqtt", "websocket"})
    void simulatedDevicesDoWhatTheirPlanSays(String protocol) throws Exception {
        var simulated =
                PROMPT.start(
                        0,
                        "simulate",
                        "--protocol",
                        protocol,
                        "--devices",
                        "15",
                        "--prefix",
                        protocol,
                        "--rate",
                        "10",
                        "--for",
                        "1h",
                        "--commands",
                        "fail=20,slow=20,vanish=15",
                        "--slow-for",
                        "300ms",
                        "--seed",
                        "7",
                        "--json");
        var online = List.of("device", "list", "--status", "online", "--search", protocol + "-");
        eventually(() -> PROMPT.run(online.toArray(String[]::new)).out().lines().count() == 16);
        var devices = IntStream.range(0, 15).mapToObj(i -> protocol + "-" + i).toList();
        var ids = new ArrayList<String>();
        for (var device : devices) {
            ids.add(PROMPT.run("command", "send", device, "go", "--timeout", "10s").out().strip());
        }
        var ends = new TreeMap<String, Integer>();
        for (var id : ids) {
            eventually(() -> isOver(shown(id)));
            ends.merge(shown(id), 1, Integer::sum);
        }
        // one vanished at each of its three attempts
        assertThat(ends).isEqualTo(Map.of("ack_success", 13, "ack_error", 1, "timeout", 1));
        // told to end, it has counted what there was
        assertThat(simulated.stop()).as(simulated.err()).isZero();
        assertThat(Json.parseObject(simulated.out()).find("commands"))
                .hasValue(
                        Document.of("received", Value.of(19))
                                .with("done", Value.of(13))
                                .with("failed", Value.of(1))
                                .with("vanished", Value.of(5)));
    }

    private static String shown(String id) throws MalformedJson {
        return json(PROMPT.run("command", "show", id, "--json")).text("status").orElseThrow();
    }

    private static boolean isOver(String status) {
        return CommandStatus.parse(status).isFinal();
    }

    @Test
    void needsARunningServer() {
        var elsewhere = new Prompt();
        elsewhere.environment.put("TETHRAL_HOME", directory.resolve("empty").toString());
        var result = elsewhere.run("command", "send", "valve-1", "open");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.errors()).singleElement().asString().contains("no server runs");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "send nobody open|no device 'nobody'|1",
                "send asleep|name a device, a command|2",
                "send --type valve a {} b|name a command|2",
                "send asleep open {|no JSON|2",
                "send asleep open --wait soon|no length of time|2",
                "send --type unheard-of open|no device|1",
                "send asleep open --priority urgent|priority|1",
                "show 01900000-0000-7000-8000-0000000000ff|there is no command|1",
                "cancel 7|command_id|1",
                "list --status done|status|1",
                "|command what?|2"
            })
    void saysInOneLineWhatIsWrong(String wrong) {
        var parts = wrong.split("\\|", -1);
        var arguments = ("command " + parts[0]).strip().split(" ");
        var result = PROMPT.run(arguments);
        assertThat(result.code()).as(result.err()).isEqualTo(Integer.parseInt(parts[2]));
        assertThat(result.errors()).singleElement().asString().contains(parts[1]);
        assertThat(result.out()).isEmpty();
    }
}
