package org.tethral.benchmark;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// `tethral serve` in a process of its own, so that its memory and its processor time are its own;
/// with the same java and the same options as this process.
final class ServerProcess implements AutoCloseable {

    private static final Duration STOP_WITHIN = Duration.ofSeconds(20);
    private static final Pattern HTTP = Pattern.compile("http=(http://\\S+)");
    private static final Pattern MQTT = Pattern.compile("mqtt=([0-9.]+):(\\d+)");
    private static final List<String> OPTIONS_USUAL =
            List.of(
                    "-XX:+UseSerialGC",
                    "-Xms64m",
                    "-Xmx256m",
                    "-Xss512k",
                    "-XX:+UseCompactObjectHeaders",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow");

    private final Process process;
    private final BufferedReader output;
    private final String ready;
    private final Duration startedIn;
    private final Path home;

    private ServerProcess(Process process, Path home, long beginNanos) {
        this.process = process;
        this.home = home;
        this.output = process.inputReader(StandardCharsets.UTF_8);
        this.ready = firstLine();
        this.startedIn = Duration.ofNanos(System.nanoTime() - beginNanos);
    }

    /// Returns when it is ready.
    ///
    /// @param more settings beside those that every benchmark has
    static ServerProcess start(Workbench.Bench bench, String... more) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(javaOptions());
        command.addAll(
                List.of(
                        "-cp", System.getProperty("java.class.path"),
                        "org.tethral.Main", "serve",
                        "--home", bench.home().toString(),
                        "--database", bench.database(),
                        "--http-port", "0",
                        "--mqtt-port", "0",
                        "--mqtt-websocket-port", "off",
                        "--coap-port", "0",
                        "--coaps-port", "0"));
        command.addAll(List.of(more));
        var begin = System.nanoTime();
        try {
            var builder = new ProcessBuilder(command).redirectError(log(bench.home()).toFile());
            builder.environment()
                    .keySet()
                    .removeIf(name -> name.startsWith("TETHRAL_") || name.equals("DATABASE_URL"));
            return new ServerProcess(builder.start(), bench.home(), begin);
        } catch (IOException e) {
            throw new UncheckedIOException("start a server", e);
        }
    }

    /// Those of this process where it has a heap bound as the launcher gives one; else the
    /// launcher's.
    private static List<String> javaOptions() {
        var ours = ManagementFactory.getRuntimeMXBean().getInputArguments();
        var known =
                ours.stream()
                        .filter(option -> option.startsWith("-X") || option.startsWith("--"))
                        .toList();
        return known.contains("-Xmx256m") ? known : OPTIONS_USUAL;
    }

    private static Path log(Path home) {
        return home.resolve("server.log");
    }

    private String firstLine() {
        try {
            var line = output.readLine();
            if (line == null || !line.startsWith("ready ")) {
                process.destroyForcibly();
                throw new IllegalStateException(
                        "the server does not start: " + Files.readString(log(home)).strip());
            }
            // what follows is little, but must not fill the pipe
            Thread.ofVirtual().start(this::passOver);
            return line;
        } catch (IOException e) {
            process.destroyForcibly();
            throw new UncheckedIOException("wait for the server", e);
        }
    }

    private void passOver() {
        try {
            output.transferTo(Writer.nullWriter());
        } catch (IOException e) {
            // it ended
        }
    }

    Duration startedIn() {
        return startedIn;
    }

    URI http() {
        var found = HTTP.matcher(ready);
        if (!found.find()) {
            throw new IllegalStateException("no http in: " + ready);
        }
        return URI.create(found.group(1));
    }

    InetSocketAddress httpAddress() {
        return new InetSocketAddress(http().getHost(), http().getPort());
    }

    InetSocketAddress mqttAddress() {
        var found = MQTT.matcher(ready);
        if (!found.find()) {
            throw new IllegalStateException("no mqtt in: " + ready);
        }
        return new InetSocketAddress(found.group(1), Integer.parseInt(found.group(2)));
    }

    /// With which the commands of this machine are let in.
    String apiKey() {
        try {
            return Files.readString(home.resolve("local-key")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("read the server's key", e);
        }
    }

    Duration processorTime() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /// Resident memory; empty where the system does not tell.
    OptionalLong residentBytes() {
        var kilobytes = status("VmRSS:");
        return kilobytes == null ? OptionalLong.empty() : OptionalLong.of(kilobytes * 1024);
    }

    /// The most that it ever was.
    OptionalLong residentBytesMost() {
        var kilobytes = status("VmHWM:");
        return kilobytes == null ? OptionalLong.empty() : OptionalLong.of(kilobytes * 1024);
    }

    private @Nullable Long status(String name) {
        try (var lines = Files.lines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
            return lines.filter(line -> line.startsWith(name))
                    .map(line -> Long.valueOf(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(null);
        } catch (IOException | UncheckedIOException e) {
            return null; // no such system
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
