package org.tethral.proof;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `tethral serve` in a process of its own, on free ports of the loopback address.
final class ServerProcess implements AutoCloseable {

    private static final Pattern HTTP = Pattern.compile("http=(http://\\S+)");
    private static final Pattern MQTT = Pattern.compile("mqtt=127\\.0\\.0\\.1:(\\d+)");

    private static final Pattern MQTT_WEBSOCKET =
            Pattern.compile("mqtt-websocket=ws://127\\.0\\.0\\.1:(\\d+)");

    private static final Pattern COAP = Pattern.compile(" coap=127\\.0\\.0\\.1:(\\d+)");

    private final Process process;
    private final String ready;

    private ServerProcess(Process process, String ready) {
        this.process = process;
        this.ready = ready;
    }

    static ServerProcess start(Path home, String database, String... more) {
        return start(
                home,
                database,
                List.of("--http-port", "0", "--mqtt-port", "0", "--mqtt-websocket-port", "off"),
                more);
    }

    static ServerProcess start(Path home, String database, List<String> ports, String... more) {
        var arguments =
                new ArrayList<>(
                        List.of("serve", "--home", home.toString(), "--database", database));
        arguments.addAll(ports);
        for (var other : List.of("--coap-port", "--coaps-port")) {
            if (!ports.contains(other)) {
                arguments.addAll(List.of(other, "0"));
            }
        }
        arguments.addAll(List.of(more));
        return launch(home, command(arguments.toArray(String[]::new)));
    }

    /// With these jars of others on the class path.
    static ServerProcess start(List<Path> extensions, Path home, String... more) {
        var arguments =
                new ArrayList<>(
                        List.of(
                                "serve",
                                "--home",
                                home.toString(),
                                "--http-port",
                                "0",
                                "--mqtt-port",
                                "off",
                                "--mqtt-websocket-port",
                                "off",
                                "--coap-port",
                                "off",
                                "--coaps-port",
                                "off"));
        arguments.addAll(List.of(more));
        var command = command(arguments.toArray(String[]::new));
        var classPath = command.indexOf("-cp") + 1;
        for (var jar : extensions) {
            command.set(classPath, command.get(classPath) + ":" + jar);
        }
        return launch(home, command);
    }

    private static ServerProcess launch(Path home, List<String> command) {
        try {
            var process =
                    new ProcessBuilder(command)
                            .redirectError(home.resolve("server.log").toFile())
                            .start();
            return new ServerProcess(process, readyLine(process, home));
        } catch (IOException e) {
            throw new UncheckedIOException("start the server", e);
        }
    }

    /// `tethral` with these arguments.
    static List<String> command(String... arguments) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "org.tethral.Main"));
        command.addAll(List.of(arguments));
        return command;
    }

    private static String readyLine(Process process, Path home) {
        var line = new CompletableFuture<String>();
        Thread.ofVirtual()
                .start(() -> {
                    try (var out = process.inputReader(StandardCharsets.UTF_8)) {
                        line.complete(firstReady(out));
                        out.transferTo(java.io.Writer.nullWriter());
                    } catch (IOException e) {
                        line.completeExceptionally(e);
                    }
                });
        try {
            var ready = line.get(60, TimeUnit.SECONDS);
            if (ready.isEmpty()) {
                throw new IllegalStateException(
                        "the server ended before it was ready, see " + home.resolve("server.log"));
            }
            return ready;
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            process.destroyForcibly();
            throw new IllegalStateException(
                    "the server is not ready, see " + home.resolve("server.log"), e);
        }
    }

    private static String firstReady(BufferedReader out) throws IOException {
        for (var line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith("ready ")) {
                return line;
            }
        }
        return "";
    }

    URI http() {
        return URI.create(found(HTTP));
    }

    int mqttPort() {
        return Integer.parseInt(found(MQTT));
    }

    int mqttWebSocketPort() {
        return Integer.parseInt(found(MQTT_WEBSOCKET));
    }

    int coapPort() {
        return Integer.parseInt(found(COAP));
    }

    /// Of a protocol that a jar brings.
    int port(String protocol) {
        return Integer.parseInt(found(Pattern.compile(" " + protocol + "=127\\.0\\.0\\.1:(\\d+)")));
    }

    private String found(Pattern pattern) {
        Matcher matcher = pattern.matcher(ready);
        if (!matcher.find()) {
            throw new IllegalStateException("nothing like " + pattern + " in: " + ready);
        }
        return matcher.group(1);
    }

    boolean alive() {
        return process.isAlive();
    }

    /// SIGKILL: no farewell.
    void kill() {
        process.destroyForcibly();
        await();
    }

    /// SIGTERM; returns the exit code.
    int stop() {
        process.destroy();
        await();
        return process.exitValue();
    }

    private void await() {
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("the server does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            process.destroyForcibly();
            await();
        }
    }
}
