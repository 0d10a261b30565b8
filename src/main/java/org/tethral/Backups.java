package org.tethral;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.http.Machinery;
import org.tethral.kernel.StorageException;
import org.tethral.sql.Backup;
import org.tethral.sql.Database;

/// Backups that people ask for while the program runs: one at a time, into `backups` of the home.
final class Backups implements AutoCloseable {

    /// More are not made: nothing here removes one, and the disk is the database's, too.
    static final int FILES_MAX = 20;

    private static final String ENDING = ".backup";
    private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(5);
    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH-mm-ss'Z'").withZone(ZoneOffset.UTC);
    private static final Logger LOG = LoggerFactory.getLogger(Backups.class);

    private final Path folder;
    private final Database database;
    private final InstantSource clock;
    private final AtomicReference<@Nullable Thread> running = new AtomicReference<>();
    private volatile @Nullable String problem;

    Backups(Path home, Database database, InstantSource clock) {
        this.folder = home.resolve("backups").toAbsolutePath().normalize();
        this.database = database;
        this.clock = clock;
    }

    /// Returns at once.
    Machinery.Begun begin() {
        if (files().size() >= FILES_MAX) {
            return new Machinery.Begun.TooMany(FILES_MAX);
        }
        var name = NAME.format(clock.instant()) + ENDING;
        var thread =
                Thread.ofPlatform()
                        .name("backup")
                        .daemon()
                        .unstarted(() -> make(folder.resolve(name)));
        if (!running.compareAndSet(null, thread)) {
            return new Machinery.Begun.Running();
        }
        thread.start();
        return new Machinery.Begun.Started(name);
    }

    private void make(Path file) {
        try {
            Files.createDirectories(folder);
            var manifest = Backup.write(database, file, clock.instant(), _ -> {});
            problem = null;
            LOG.atInfo()
                    .addKeyValue("file", file)
                    .addKeyValue("rows", manifest.rows())
                    .log("a backup was made");
        } catch (IOException | StorageException e) {
            problem = String.valueOf(e.getMessage());
            LOG.atWarn().addKeyValue("file", file).setCause(e).log("no backup was made");
        } finally {
            running.set(null);
        }
    }

    Machinery.Backups view() {
        return new Machinery.Backups(folder.toString(), running.get() != null, problem, files());
    }

    /// Newest first.
    private List<Machinery.Backup> files() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var all = Files.list(folder)) {
            return all.filter(file -> file.toString().endsWith(ENDING))
                    .map(Backups::backup)
                    .sorted(Comparator.comparing(Machinery.Backup::takenAt).reversed())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("list " + folder, e);
        }
    }

    private static Machinery.Backup backup(Path file) {
        try {
            return new Machinery.Backup(
                    String.valueOf(file.getFileName()),
                    Files.size(file),
                    Files.getLastModifiedTime(file).toInstant());
        } catch (IOException e) {
            throw new UncheckedIOException("look at " + file, e);
        }
    }

    /// What is being made is given up, and leaves no file.
    @Override
    public void close() {
        var thread = running.get();
        if (thread == null) {
            return;
        }
        thread.interrupt();
        try {
            thread.join(CLOSE_WAIT_MAX);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
