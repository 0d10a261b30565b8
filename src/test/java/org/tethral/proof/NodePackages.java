package org.tethral.proof;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// What the tests need of npm, installed once under `target`.
public final class NodePackages {

    private static final Path FOLDER = Path.of("target/node").toAbsolutePath();
    private static final int SECONDS_MAX = 120;

    private NodePackages() {}

    /// The folder that holds `node_modules`, by one of the test processes at a time.
    public static synchronized Path installed() throws IOException, InterruptedException {
        Files.createDirectories(FOLDER);
        try (var file =
                        FileChannel.open(
                                FOLDER.resolve("lock"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE);
                var _ = file.lock()) {
            return brought();
        }
    }

    private static Path brought() throws IOException, InterruptedException {
        var stale = false;
        for (var name : List.of("package.json", "package-lock.json", "report.cjs")) {
            var source = Path.of("src/test/node", name);
            var copy = FOLDER.resolve(name);
            stale |= !Files.exists(copy) || Files.mismatch(source, copy) >= 0;
            Files.copy(source, copy, StandardCopyOption.REPLACE_EXISTING);
        }
        if (stale || !Files.exists(FOLDER.resolve("node_modules/mqtt"))) {
            install();
        }
        return FOLDER;
    }

    private static void install() throws IOException, InterruptedException {
        var npm =
                new ProcessBuilder(
                                "npm",
                                "ci",
                                "--prefix",
                                FOLDER.toString(),
                                "--no-audit",
                                "--no-fund")
                        .redirectErrorStream(true)
                        .start();
        var said = new String(npm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!npm.waitFor(SECONDS_MAX, TimeUnit.SECONDS) || npm.exitValue() != 0) {
            Files.deleteIfExists(FOLDER.resolve("package.json")); // so that it is tried again
            throw new IllegalStateException("npm ci: " + said);
        }
    }
}
