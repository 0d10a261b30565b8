package org.tethral.mqttclient;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A real Mosquitto on a free port of the loopback address, which keeps any number of messages for
/// who is away.
public final class Mosquitto implements AutoCloseable {

    /// Messages that it sends without an acknowledgement.
    public static final int IN_FLIGHT_MAX = 200;

    private final Path folder;
    private final String program;
    private final int port;
    private @Nullable Process process;

    private Mosquitto(Path folder, String program, int port) {
        this.folder = folder;
        this.program = program;
        this.port = port;
    }

    /// The test is skipped, by name, where Mosquitto is not installed.
    public static Mosquitto start(Path folder) {
        return start(folder, "allow_anonymous true");
    }

    /// Lets in who knows the password, and nobody else.
    public static Mosquitto start(Path folder, String user, String password) {
        assumeTrue(find().isPresent(), "mosquitto is not installed");
        var passwords = folder.resolve("passwords").toAbsolutePath();
        try {
            var hash =
                    new ProcessBuilder(
                                    "mosquitto_passwd",
                                    "-b",
                                    "-c",
                                    passwords.toString(),
                                    user,
                                    password)
                            .inheritIO()
                            .start();
            if (hash.waitFor() != 0) {
                throw new AssertionError("mosquitto_passwd failed");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("write a password of mosquitto", e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return start(folder, "allow_anonymous false\npassword_file " + passwords);
    }

    private static Mosquitto start(Path folder, String access) {
        var program = find();
        assumeTrue(program.isPresent(), "mosquitto is not installed");
        try {
            var port = freePort();
            Files.writeString(
                    folder.resolve("mosquitto.conf"),
                    """
                    listener %d 127.0.0.1
                    %s
                    set_tcp_nodelay true
                    user root
                    max_queued_messages 0
                    max_inflight_messages %d
                    persistence true
                    persistence_location %s/
                    """
                            .formatted(port, access, IN_FLIGHT_MAX, folder.toAbsolutePath()));
            var broker = new Mosquitto(folder, program.get(), port);
            broker.resume();
            return broker;
        } catch (IOException e) {
            throw new UncheckedIOException("start mosquitto", e);
        }
    }

    private static int freePort() throws IOException {
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private static Optional<String> find() {
        var folders =
                Stream.concat(
                        Stream.of(System.getenv("PATH").split(":")),
                        Stream.of("/usr/sbin", "/usr/local/sbin"));
        return folders.map(one -> Path.of(one, "mosquitto"))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    public int port() {
        return port;
    }

    public String url() {
        return "mqtt://127.0.0.1:" + port;
    }

    /// On the same port as before.
    public void resume() {
        try {
            var configuration = folder.resolve("mosquitto.conf").toString();
            process =
                    new ProcessBuilder(List.of(program, "-c", configuration))
                            .redirectErrorStream(true)
                            .redirectOutput(folder.resolve("mosquitto.log").toFile())
                            .start();
            var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (!listens()) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError(
                            "mosquitto does not listen: "
                                    + Files.readString(folder.resolve("mosquitto.log")));
                }
                TimeUnit.MILLISECONDS.sleep(10);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("start mosquitto", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean listens() {
        try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /// It writes what it holds to its file, and ends.
    public void stop() {
        if (process != null) {
            process.destroy();
            try {
                if (!process.waitFor(30, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        stop();
    }
}
