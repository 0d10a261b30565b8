package org.tethral.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What the README and the pages of `docs/start` tell people to type is typed here, against a
/// server on free ports that stands in for the one that they start.
final class ManualTest {

    private static final int PAGE_SECONDS_MAX = 60;
    private static final int BESIDE_SECONDS_MAX = 15;
    private static final List<String> PROGRAMS =
            List.of("curl", "mosquitto_pub", "coap-client", "npm", "node", "python3", "sqlite3");

    @TempDir static Path home;
    private static ServerProcess server;
    private static Map<String, String> ports;

    @BeforeAll
    static void start() throws IOException {
        var data = Files.createDirectories(home.resolve("data"));
        server =
                ServerProcess.start(
                        data,
                        "sqlite:" + data.resolve("tethral.db"),
                        List.of(
                                "--http-port",
                                "0",
                                "--mqtt-port",
                                "0",
                                "--mqtt-websocket-port",
                                "0"));
        ports =
                Map.of(
                        "127.0.0.1:8080",
                        "127.0.0.1:" + server.http().getPort(),
                        "127.0.0.1:1883",
                        "127.0.0.1:" + server.mqttPort(),
                        "coap://127.0.0.1/",
                        "coap://127.0.0.1:" + server.coapPort() + "/");
        layOut();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /// What lies in the directory of Tethral, and on the PATH.
    private static void layOut() throws IOException {
        copy(Path.of("examples"), home.resolve("examples"));
        var java = new ArrayList<>(ServerProcess.command());
        java.add(1, "-XX:TieredStopAtLevel=1");
        write(
                home.resolve("tethral"),
                """
                case "$1" in
                  --print-java-home) echo "%s"; exit ;;
                  serve) echo "it runs already"; exit ;;
                  demo) set -- "$@" --home demo --http-port 0 --mqtt-port 0 --mqtt-websocket-port 0 --coap-port 0 --coaps-port 0 ;;
                esac
                exec %s "$@"
                """
                        .formatted(System.getProperty("java.home"), quoted(java)));
        var programs = Files.createDirectories(home.resolve("bin"));
        for (var name : List.of("mosquitto_pub", "mosquitto_sub")) {
            write(
                    programs.resolve(name),
                    "exec /usr/bin/%s -p %d \"$@\"\n".formatted(name, server.mqttPort()));
        }
        write(programs.resolve("coap-client"), "exec coap-client-openssl \"$@\"\n");
    }

    static Stream<Path> pages() throws IOException {
        try (var pages = Files.list(Path.of("docs/start"))) {
            return Stream.concat(Stream.of(Path.of("README.md")), pages.sorted().toList().stream());
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void doesWhatItSays(Path file) throws Exception {
        var page = ManualPage.read(file);
        for (var program : PROGRAMS) {
            assumeTrue(
                    page.blocks().stream().noneMatch(block -> block.text().contains(program))
                            || found(program),
                    program + " is not installed");
        }
        if (page.blocks().stream().anyMatch(block -> block.text().contains("npm "))) {
            copy(
                    NodePackages.installed().resolve("node_modules"),
                    home.resolve("examples/node/node_modules"));
        }
        run(page);
    }

    @Test
    void leavesOutOnlyWhatCannotBeDoneHere() throws IOException {
        var leftOut = new ArrayList<String>();
        for (var file : pages().toList()) {
            for (var block : ManualPage.read(file).blocks()) {
                assertThat(block.isTyped() ? block.language() : "bash")
                        .as("%s, line %d: what is typed is fenced as bash", file, block.line())
                        .isEqualTo("bash");
                if (block.manner() instanceof ManualPage.Manner.LeftOut(var reason)) {
                    leftOut.add(file.getFileName() + ": " + reason);
                }
            }
        }
        assertThat(leftOut)
                .containsExactly(
                        "README.md: it runs all tests, this one too",
                        "README.md: it installs packages",
                        "esp32.md: it listens on every address of this machine",
                        "esp32.md: it needs a board",
                        "esp32.md: it needs a board",
                        "python.md: it installs a package");
    }

    private static void run(ManualPage page) throws Exception {
        var output = Files.createTempDirectory(home, "page-");
        var script = page.script(output);
        for (var port : ports.entrySet()) {
            script = script.replace(port.getKey(), port.getValue());
        }
        var builder = new ProcessBuilder("bash", "-c", script).directory(home.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("TETHRAL_"));
        builder.environment().remove("DATABASE_URL");
        builder.environment()
                .merge("PATH", home.resolve("bin").toString(), (old, ours) -> ours + ":" + old);
        var shell = builder.redirectErrorStream(true).start();
        try {
            var done = output.resolve("at");
            var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PAGE_SECONDS_MAX);
            while (shell.isAlive() && !read(done).equals("done") && System.nanoTime() < deadline) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
            assertThat(read(done)).as(() -> stopped(page, output)).isEqualTo("done");
            for (int n = 0; n < page.blocks().size(); n++) {
                prints(page, n, output.resolve(Integer.toString(n)));
            }
        } finally {
            var started = shell.toHandle().descendants().toList();
            shell.destroy();
            started.forEach(ProcessHandle::destroy);
            shell.waitFor();
        }
    }

    private static void prints(ManualPage page, int n, Path output) throws InterruptedException {
        var block = page.blocks().get(n);
        var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(BESIDE_SECONDS_MAX);
        while (block.manner() instanceof ManualPage.Manner.Beside
                && !block.missingIn(documented(output)).isEmpty()
                && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        assertThat(block.missingIn(documented(output)))
                .as(() ->
                        "%s, line %d, printed:%n%s"
                                .formatted(page.file(), block.line(), read(output)))
                .isEmpty();
    }

    /// With the ports that the manual has.
    private static String documented(Path output) {
        var text = read(output);
        for (var port : ports.entrySet()) {
            text = text.replace(port.getValue(), port.getKey());
        }
        return text;
    }

    private static String stopped(ManualPage page, Path output) {
        var n = read(output.resolve("at"));
        if (n.isEmpty()) {
            return page.file() + " did not begin";
        }
        var block = page.blocks().get(Integer.parseInt(n));
        return "%s stopped in line %d:%n%s%nwhich printed:%n%s"
                .formatted(page.file(), block.line(), block.text(), read(output.resolve(n)));
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file).strip() : "";
        } catch (IOException e) {
            return "";
        }
    }

    private static String quoted(List<String> command) {
        return command.stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
    }

    private static void write(Path program, String text) throws IOException {
        Files.writeString(program, "#!/bin/sh\n" + text);
        assertThat(program.toFile().setExecutable(true)).isTrue();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (var file : files.toList()) {
                var target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    private static boolean found(String program) {
        var name = program.equals("coap-client") ? "coap-client-openssl" : program;
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
    }
}
