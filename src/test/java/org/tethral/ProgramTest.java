package org.tethral;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tethral.cli.Failure;

/// The commands, wired as they are delivered.
class ProgramTest {

    @TempDir Path directory;
    private final Prompt prompt = new Prompt();
    private String home = "";

    @BeforeEach
    void atHome() {
        home = directory.resolve("home").toString();
        prompt.environment.put("TETHRAL_HOME", home);
        prompt.environment.put("TETHRAL_HTTP_PORT", "0");
        prompt.environment.put("TETHRAL_MQTT_PORT", "0");
        prompt.environment.put("TETHRAL_MQTT_WEBSOCKET_PORT", "off");
        prompt.environment.put("TETHRAL_COAP_PORT", "0");
        prompt.environment.put("TETHRAL_COAPS_PORT", "0");
    }

    private static int status(URI http, String path, String key) throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            var request =
                    HttpRequest.newBuilder(http.resolve(path))
                            .header("Authorization", "Bearer " + key)
                            .build();
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        }
    }

    @Test
    void saysInOneLineWhichPortIsTaken() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            for (var setting : new String[] {"--http-port", "--mqtt-port"}) {
                var port = Integer.toString(taken.getLocalPort());
                var result = prompt.run("serve", setting, port);

                assertThat(result.code()).isEqualTo(1);
                assertThat(result.errors()).singleElement().asString().contains(port);
            }
        }
        try (var taken = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            for (var setting : new String[] {"--coap-port", "--coaps-port"}) {
                var port = Integer.toString(taken.getLocalPort());
                var result = prompt.run("serve", setting, port);

                assertThat(result.code()).isEqualTo(1);
                assertThat(result.errors()).singleElement().asString().contains("CoAP", port);
            }
        }
        assertThat(prompt.run("verify").code()).as("nothing is left locked").isZero();
    }

    /// `--port` is meant, and what is accepted and does nothing would not be noticed.
    @Test
    void takesNoSettingThatMakesNoDifference() {
        for (var arguments :
                new String[][] {
                    {"simulate", "--mqtt-port", "1"},
                    {"simulate", "--database=sqlite:x"},
                    {"schema", "--http-port", "1"},
                    {"device", "list", "--bind", "::1"}
                }) {
            var result = prompt.run(arguments);
            assertThat(result.code()).as(result.err()).isEqualTo(Failure.MISUSED);
            assertThat(result.errors())
                    .singleElement()
                    .asString()
                    .contains("is a setting of the server, and nothing to this command");
        }
        assertThat(prompt.run("schema", "--log-level", "warn").code()).isZero();
    }

    @Test
    void saysInOneLineThatItsHomeCannotBeWritten() throws IOException {
        var file = Files.writeString(directory.resolve("a-file"), "");
        var result = prompt.run("serve", "--home", file.resolve("home").toString());

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.errors())
                .singleElement()
                .asString()
                .contains("cannot write to the directory");
    }

    @Test
    void saysInOneLineThatTheDatabaseDoesNotAnswer() {
        var result = prompt.run("serve", "--database", "postgresql://me:hunter2@127.0.0.1:1/none");

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.errors())
                .singleElement()
                .asString()
                .contains("127.0.0.1:1")
                .doesNotContain("hunter2");
    }

    @Test
    void saysInOneLineThatTheSchemaIsNewerThanTheProgram() throws Exception {
        assertThat(prompt.run("schema").code()).isZero();
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + home + "/tethral.db");
                var statement = connection.createStatement()) {
            statement.executeUpdate(
                    """
                    INSERT INTO flyway_schema_history
                    SELECT installed_rank + 100, '999', 'of a later time', type, 'V999__later.sql', 1, installed_by,
                        installed_on, execution_time, success
                    FROM flyway_schema_history ORDER BY installed_rank DESC LIMIT 1
                    """);
        }
        var result = prompt.run("serve");

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.errors()).singleElement().asString().contains("newer");
    }

    @Test
    void keysAndDevicesMadeBesideARunningServerAreInForceAtOnce() throws Exception {
        var server = prompt.start(1, "serve");
        try {
            var http = Home.running(Path.of(home)).orElseThrow().http();
            assertThat(server.out()).startsWith("ready http=" + http);

            var key = prompt.run("api-key", "add", "--role", "superadmin").lastLine();
            assertThat(status(http, "/api/v1/devices", key)).isEqualTo(200);
            assertThat(status(http, "/api/v1/devices", "tethral_key_wrong")).isEqualTo(401);

            assertThat(prompt.run("device", "add", "pump-7").lastLine()).startsWith("tethral_dev_");
            assertThat(prompt.run("device", "add", "pump-7").errors())
                    .singleElement()
                    .asString()
                    .contains("pump-7");
            var away = new Prompt();
            away.environment.put("TETHRAL_SERVER", http.toString());
            away.environment.put("TETHRAL_API_KEY", key);
            assertThat(away.run("device", "show", "pump-7", "--json").out())
                    .contains("\"device_id\":\"pump-7\"");
            assertThat(away.run("device", "list").out()).contains("pump-7");
            assertThat(away.run("device", "remove", "pump-7").code()).isZero();
            assertThat(away.run("device", "show", "pump-7").errors())
                    .containsExactly("tethral: there is no device pump-7");
            away.environment.put("TETHRAL_API_KEY", "tethral_key_wrong");
            assertThat(away.run("device", "list").errors())
                    .singleElement()
                    .asString()
                    .contains("API key");
        } finally {
            assertThat(server.stop()).isZero();
        }
        assertThat(Home.running(Path.of(home))).isEmpty();
    }

    @Test
    void importsAndExportsThroughARunningServer() throws Exception {
        var file = directory.resolve("in.jsonl");
        Files.writeString(
                file,
                """
                {"device_id": "a", "name": "A", "capabilities": ["x"], "token": "token-of-a-device"}
                {"device_id": "b", "enabled": false, "lifecycle": "maintenance"}
                """);
        var server = prompt.start(1, "serve");
        try {
            var imported = prompt.run("device", "import", file.toString());
            assertThat(imported.err()).contains("2 devices registered");
            var exported = directory.resolve("out.csv");
            assertThat(prompt.run("device", "export", exported.toString()).code()).isZero();
            assertThat(exported)
                    .content()
                    .contains("a,A")
                    .contains("maintenance,false")
                    .doesNotContain("token-of");
        } finally {
            server.stop();
        }
    }

    @Test
    void loadFromSimulatedDevicesIsStoredAndTheDatabaseHoldsTogether() throws Exception {
        var server = prompt.start(1, "serve");
        try {
            for (var protocol : new String[] {"mqtt", "http", "websocket", "coap"}) {
                var result =
                        prompt.run(
                                "simulate",
                                "--protocol",
                                protocol,
                                "--devices",
                                "3",
                                "--prefix",
                                protocol,
                                "--messages",
                                "300",
                                "--connections",
                                "2",
                                "--for",
                                "30s",
                                "--message-ids",
                                "--json");
                assertThat(result.code()).as(result.err()).isZero();
                assertThat(result.out())
                        .contains("\"acknowledged\":300,")
                        .contains("\"refused\":0");
            }
        } finally {
            server.stop();
        }
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + home + "/tethral.db");
                var statement = connection.createStatement();
                var rows =
                        statement.executeQuery(
                                "SELECT count(DISTINCT message_id), count(*) FROM message_receipts")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getLong(1)).isEqualTo(1_200);
            assertThat(rows.getLong(2)).isEqualTo(1_200);
        }
        var verified = prompt.run("verify");
        assertThat(verified.code()).as(verified.out()).isZero();
    }

    @Test
    void settingsChangeWhileItRunsAndStayChanged() throws Exception {
        var first = prompt.start(1, "serve");
        prompt.run("device", "add", "pump-7", "--token", "token-of-pump-7");
        var key = prompt.run("api-key", "add", "--role", "superadmin").lastLine();
        var report = "{\"name\": \"" + "x".repeat(3_000) + "\"}";
        assertThat(sent("POST", "/device/v1/report", "token-of-pump-7", report)).isEqualTo(200);
        var change = "{\"message-bytes-max\": 2000}";
        assertThat(sent("PATCH", "/api/v1/settings", key, change)).isEqualTo(200);
        assertThat(sent("POST", "/device/v1/report", "token-of-pump-7", report)).isEqualTo(413);
        assertThat(first.stop()).isZero();

        var second = prompt.start(1, "serve");
        assertThat(sent("POST", "/device/v1/report", "token-of-pump-7", report)).isEqualTo(413);
        assertThat(sent("PATCH", "/api/v1/settings", key, "{\"message-bytes-max\": null}"))
                .isEqualTo(200);
        assertThat(sent("POST", "/device/v1/report", "token-of-pump-7", report)).isEqualTo(200);
        assertThat(second.stop()).isZero();
    }

    private int sent(String method, String path, String token, String body) throws Exception {
        var http = Home.running(Path.of(home)).orElseThrow().http();
        try (var client = HttpClient.newHttpClient()) {
            var request =
                    HttpRequest.newBuilder(http.resolve(path))
                            .header("Authorization", "Bearer " + token)
                            .method(method, HttpRequest.BodyPublishers.ofString(body))
                            .build();
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        }
    }

    @Test
    void theDemonstrationIsAliveAndContinuesWithTheSameData() throws Exception {
        var first = prompt.start(3, "demo");
        assertThat(first.out().lines()).element(0).asString().startsWith("ready ");
        assertThat(first.out().lines()).element(1).asString().contains("12 simulated devices");
        assertThat(first.out().lines())
                .element(2)
                .asString()
                .startsWith("sign in http://127.0.0.1:");
        var deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (online() < 12) {
            assertThat(System.nanoTime()).as("12 devices are online").isLessThan(deadline);
            Thread.sleep(100);
        }
        assertThat(first.stop()).isZero();

        var second = prompt.start(3, "demo");
        assertThat(prompt.run("device", "list", "--json").out().split("\"device_id\"")).hasSize(13);
        var added = prompt.run("device", "add", "one-more");
        assertThat(added.code()).as(added.err()).isZero();
        commandsAreSentAndObeyed();
        assertThat(second.stop()).isZero();
    }

    private void commandsAreSentAndObeyed() throws InterruptedException {
        var deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (prompt.run("command", "list").out().lines().count() < 2) {
            assertThat(System.nanoTime()).as("somebody sends commands").isLessThan(deadline);
            Thread.sleep(100);
        }
        for (var device :
                new String[] {"river-gauge-1", "greenhouse-2", "weather-roof", "meter-main"}) {
            var sent = prompt.run("command", "send", device, "identify", "--wait", "20s");
            assertThat(sent.out()).contains("ack_success");
            sent = prompt.run("command", "send", device, "calibrate", "--wait", "20s");
            assertThat(sent.out()).contains("ack_error", "reference sensor");
        }
    }

    private long online() {
        return prompt.run("device", "list", "--status", "online").out().lines().count() - 1;
    }
}
