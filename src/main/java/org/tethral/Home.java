package org.tethral;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.account.ApiKey;
import org.tethral.cli.Failure;
import org.tethral.cli.Programs.Running;
import org.tethral.kernel.ProcessLock;
import org.tethral.kernel.Secret;
import org.tethral.kernel.Vault;

/// The directory of one process: the SQLite file where there is one, the process's name, and, while
/// it runs, how commands on the same machine reach it. One process at a time; the lock ends with
/// the process, however that ends.
public final class Home implements AutoCloseable {

    private static final String LOCK = "lock";
    private static final String RUNNING = "running";
    private static final String KEY = "local-key";
    private static final String NODE = "node";
    private static final String SECRETS_KEY = "secrets-key";

    private final Path directory;
    private final ProcessLock lock;

    private Home(Path directory, ProcessLock lock) {
        this.directory = directory;
        this.lock = lock;
    }

    /// Makes the directory where there is none, and takes it.
    ///
    /// @throws Failure it cannot be written, or another process has it
    public static Home open(Path directory) {
        try {
            Files.createDirectories(directory);
            var lock =
                    ProcessLock.take(directory.resolve(LOCK)).orElseThrow(() -> inUse(directory));
            return new Home(directory, lock);
        } catch (IOException e) {
            throw Failure.failed(
                    "cannot write to the directory " + directory + ": " + Config.reason(e), e);
        }
    }

    /// The process that has this directory now; empty when none has, or it does not say yet how it
    /// is reached.
    public static Optional<Running> running(Path directory) {
        if (!Files.isReadable(directory.resolve(RUNNING))
                || !Files.isReadable(directory.resolve(KEY))) {
            return Optional.empty();
        }
        try {
            if (!ProcessLock.isTaken(directory.resolve(LOCK))) {
                return Optional.empty(); // it ended without tidying up
            }
            var line = Files.readString(directory.resolve(RUNNING)).strip().split(" ", 4);
            var key = Files.readString(directory.resolve(KEY)).strip();
            return Optional.of(
                    new Running(
                            Long.parseLong(line[0]),
                            URI.create(line[1]),
                            Integer.parseInt(line[2]),
                            Integer.parseInt(line[3]),
                            new Secret(key)));
        } catch (IOException | RuntimeException e) {
            return Optional.empty(); // it is just starting or ending
        }
    }

    private static Failure inUse(Path directory) {
        return Failure.failed(
                "another tethral uses the directory " + directory + process(directory));
    }

    private static String process(Path directory) {
        try {
            return " (process "
                    + Files.readString(directory.resolve(RUNNING)).strip().split(" ", 2)[0]
                    + ")";
        } catch (IOException e) {
            return "";
        }
    }

    /// The name of this process among those that share a database: given once, so that after a
    /// restart it still knows which connections were its own.
    public String node(RandomGenerator random) {
        return kept(NODE, () -> "node-" + Long.toHexString(random.nextLong() >>> 32));
    }

    /// The API key of the commands on this machine, made the first time; only the owner of the
    /// directory can read it.
    public Secret localKey(RandomGenerator random) {
        return new Secret(kept(KEY, () -> Secret.generate(ApiKey.SECRET_PREFIX, random).reveal()));
    }

    /// The key with which stored secrets are encrypted, made the first time. Nodes that share a
    /// database must have the same; without it they cannot be read any more.
    ///
    /// @param given a file that holds it; null: the home does
    /// @throws Failure there is no key in it
    public Vault vault(@Nullable Path given, RandomGenerator random) {
        var file = given == null ? directory.resolve(SECRETS_KEY) : given;
        try {
            var key =
                    given == null
                            ? kept(SECRETS_KEY, () -> Vault.newKey(random))
                            : Files.readString(given, StandardCharsets.US_ASCII);
            return Vault.parse(key, random);
        } catch (IOException e) {
            throw Failure.failed("cannot read " + file + ": " + Config.reason(e), e);
        } catch (IllegalArgumentException e) {
            throw Failure.failed("no key of 32 bytes in Base64 is in " + file, e);
        }
    }

    /// Tells the commands on this machine where the server is.
    public void announce(URI http, OptionalInt mqttPort, OptionalInt coapPort) {
        write(
                RUNNING,
                "%d %s %d %d\n"
                        .formatted(
                                ProcessHandle.current().pid(),
                                http,
                                mqttPort.orElse(0),
                                coapPort.orElse(0)));
    }

    private String kept(String name, java.util.function.Supplier<String> made) {
        try {
            var file = directory.resolve(name);
            if (!Files.exists(file)) {
                write(name, made.get() + "\n");
            }
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw Failure.failed(
                    "cannot read " + directory.resolve(name) + ": " + Config.reason(e), e);
        }
    }

    /// Readable by the owner alone from the first moment on, and complete or not there.
    private void write(String name, String text) {
        try {
            var file = directory.resolve(name);
            var draft = directory.resolve(name + ".new");
            Files.deleteIfExists(draft);
            if (Files.getFileStore(directory).supportsFileAttributeView("posix")) {
                Files.createFile(
                        draft,
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
            }
            Files.writeString(draft, text, StandardCharsets.UTF_8);
            Files.move(
                    draft,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw Failure.failed(
                    "cannot write to the directory " + directory + ": " + Config.reason(e), e);
        }
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(directory.resolve(RUNNING));
            lock.close();
        } catch (IOException e) {
            // the lock ends with the process anyway
        }
    }
}
