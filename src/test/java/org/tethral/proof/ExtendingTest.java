package org.tethral.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The extensions that `docs/extending.md` shows, compiled and packed as they stand there, in a
/// server that finds them in a jar.
final class ExtendingTest {

    private static final Pattern CLASS = Pattern.compile("public final class (\\w+)");
    private static final String TOKEN = "token-of-pump-7-which-nobody-guesses";

    @TempDir static Path home;
    private static ServerProcess server;
    private static String key;

    @BeforeAll
    static void start() throws Exception {
        var page = ManualPage.read(Path.of("docs/extending.md"));
        var jar = packed(page);
        server = ServerProcess.start(List.of(jar), home, "--protocols", "lines=0");
        key = Files.readString(home.resolve("local-key")).strip();
        posted("/api/v1/devices", "{\"device_id\": \"pump-7\", \"token\": \"" + TOKEN + "\"}");
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void theProtocolStoresWhatItAnswersAndCarriesCommands() throws Exception {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port("lines"));
                var out = new PrintWriter(socket.getOutputStream(), true, StandardCharsets.UTF_8);
                var in =
                        new BufferedReader(
                                new InputStreamReader(
                                        socket.getInputStream(), StandardCharsets.UTF_8))) {
            socket.setSoTimeout(20_000);
            out.println(TOKEN);
            out.println("{\"temperature\": 21.5}");
            assertThat(in.readLine()).matches("ok \\[\\d+]");
            assertThat(asked("/api/v1/devices/pump-7/state")).contains("\"temperature\":21.5");
            out.println("[1, 2]");
            assertThat(in.readLine()).startsWith("no: ");

            var issued = posted("/api/v1/devices/pump-7/command", "{\"command_name\": \"open\"}");
            var command = field("command_id", issued);
            assertThat(in.readLine()).startsWith("command {").contains(command);
            out.println("done " + command);
            assertThat(in.readLine()).startsWith("ok");
            assertThat(asked("/api/v1/command-logs/" + command))
                    .contains("\"status\":\"ack_success\"");
        }
    }

    @Test
    void healthKnowsTheProtocol() throws Exception {
        assertThat(asked("/health")).contains("\"protocol-lines\"");
    }

    @Test
    void theProtocolRefusesWhoHasNoToken() throws Exception {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port("lines"));
                var out = new PrintWriter(socket.getOutputStream(), true, StandardCharsets.UTF_8);
                var in =
                        new BufferedReader(
                                new InputStreamReader(
                                        socket.getInputStream(), StandardCharsets.UTF_8))) {
            socket.setSoTimeout(20_000);
            out.println("somebody");
            assertThat(in.readLine()).isEqualTo("no such token");
            assertThat(in.readLine()).isNull();
        }
    }

    @Test
    void theSinkIsHandedEventsAndRefusesSettingsThatItCannotUse() throws Exception {
        var file = home.resolve("events.txt");
        posted(
                "/api/v1/subscriptions",
                """
                {"event_types": ["door.*"], "sink": {"kind": "file", "path": "%s"}}\
                """
                        .formatted(file));
        posted("/api/v1/events", "{\"type\": \"door.opened\"}");
        eventually(() -> Files.exists(file) && Files.readString(file).contains("door.opened"));

        var refused = send("POST", "/api/v1/subscriptions", "{\"sink\": {\"kind\": \"file\"}}");
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("path is missing");
    }

    @Test
    void theSourceIsRead() throws Exception {
        posted("/api/v1/devices", "{\"device_id\": \"sea\"}");
        posted(
                "/api/v1/thingspeak/channels",
                """
                {"device_id": "sea", "channel_id": 1, "source": "tide", "from": "%s"}\
                """
                        .formatted(java.time.Instant.now().minusSeconds(600)));
        eventually(() ->
                asked("/api/v1/devices/sea/snapshots?limit=100").split("\"height\"", -1).length
                        > 10);
        assertThat(asked("/api/v1/devices/sea/state")).contains("\"height\":");
    }

    @Test
    void theCodecReadsAndWritesBytes() throws Exception {
        assertThat(posted("/api/v1/codecs/test", "{\"language\": \"tank\", \"bytes\": \"04d2\"}"))
                .contains("\"level\":1.234");
        assertThat(posted("/api/v1/codecs/test", "{\"language\": \"tank\", \"bytes\": \"04\"}"))
                .contains("a level has two bytes");
        assertThat(
                        posted(
                                "/api/v1/codecs/test",
                                "{\"language\": \"tank\", \"data\": {\"minutes\": 15}}"))
                .contains("\"0f\"");
    }

    @Test
    void theTableCanBeMade() throws Exception {
        var sql =
                ManualPage.read(Path.of("docs/extending.md")).blocks().stream()
                        .filter(block -> block.language().equals("sql"))
                        .findFirst()
                        .orElseThrow()
                        .text();
        try (var connection = DriverManager.getConnection("jdbc:sqlite::memory:");
                var statement = connection.createStatement()) {
            for (var one : sql.replaceAll("--.*", "").split(";", -1)) {
                if (!one.isBlank()) {
                    statement.execute(one);
                }
            }
            try (var rows = statement.executeQuery("SELECT count(*) FROM device_notes")) {
                assertThat(rows.next()).isTrue();
            }
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    /// The classes of the page and its `META-INF`, in a jar.
    private static Path packed(ManualPage page) throws IOException {
        var sources = Files.createDirectories(home.resolve("src/example"));
        var classes = Files.createDirectories(home.resolve("classes"));
        var arguments =
                new ArrayList<>(
                        List.of(
                                "-d",
                                classes.toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                "-proc:none"));
        for (var block : page.blocks()) {
            if (block.language().equals("java")) {
                var name = CLASS.matcher(block.text());
                assertThat(name.find()).isTrue();
                assertThat(block.text().lines().count())
                        .as("%s in under 100 lines", name.group(1))
                        .isLessThan(100);
                var source = sources.resolve(name.group(1) + ".java");
                Files.writeString(source, block.text());
                arguments.add(source.toString());
            } else if (block.language().equals("properties")) {
                var lines = block.text().lines().toList();
                var service = classes.resolve(lines.getFirst().substring("# ".length()));
                Files.createDirectories(service.getParent());
                Files.writeString(service, lines.getLast() + "\n");
            }
        }
        var complaints = new java.io.ByteArrayOutputStream();
        var compiler = ToolProvider.getSystemJavaCompiler();
        var result = compiler.run(null, complaints, complaints, arguments.toArray(String[]::new));
        assertThat(result).as(() -> complaints.toString(StandardCharsets.UTF_8)).isZero();
        return jar(classes, home.resolve("example.jar"));
    }

    private static Path jar(Path folder, Path file) throws IOException {
        try (var jar = new JarOutputStream(Files.newOutputStream(file));
                var files = Files.walk(folder)) {
            for (var one : files.filter(Files::isRegularFile).toList()) {
                jar.putNextEntry(new JarEntry(folder.relativize(one).toString()));
                Files.copy(one, jar);
                jar.closeEntry();
            }
        }
        return file;
    }

    private static String posted(String path, String body) throws Exception {
        var answer = send("POST", path, body);
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
        return answer.body();
    }

    private static String asked(String path) throws Exception {
        return send("GET", path, "").body();
    }

    private static HttpResponse<String> send(String method, String path, String body)
            throws Exception {
        var request =
                HttpRequest.newBuilder(server.http().resolve(path))
                        .header("Authorization", "Bearer " + key)
                        .header("Content-Type", "application/json")
                        .method(
                                method,
                                body.isEmpty()
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofString(body))
                        .build();
        try (var client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }

    private static String field(String name, String json) {
        var found = Pattern.compile("\"" + name + "\":\"([^\"]+)\"").matcher(json);
        assertThat(found.find()).as(json).isTrue();
        return found.group(1);
    }
}
