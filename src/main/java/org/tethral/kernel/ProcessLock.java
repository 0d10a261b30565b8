package org.tethral.kernel;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// A file that one process at a time has, until it closes it or ends, however it ends.
///
/// A process loses its lock on a file when it closes any channel to that file (POSIX, fcntl); so
/// what this process has is remembered, and never opened a second time.
public final class ProcessLock implements AutoCloseable {

    private static final Set<Path> OURS = new HashSet<>();

    private final Path file;
    private final FileChannel channel;

    private ProcessLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /// Makes the file where there is none. Empty: somebody has it, perhaps this very process.
    public static Optional<ProcessLock> take(Path file) throws IOException {
        synchronized (OURS) {
            if (isOurs(file)) {
                return Optional.empty();
            }
            var channel =
                    FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                if (channel.tryLock() == null) {
                    channel.close();
                    return Optional.empty();
                }
            } catch (IOException e) {
                channel.close();
                throw e;
            }
            var lock = new ProcessLock(file.toRealPath(), channel);
            OURS.add(lock.file);
            return Optional.of(lock);
        }
    }

    /// Whether a process has it, this one included.
    public static boolean isTaken(Path file) throws IOException {
        synchronized (OURS) {
            if (!Files.exists(file)) {
                return false;
            }
            if (isOurs(file)) {
                return true;
            }
            try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                return channel.tryLock() == null;
            }
        }
    }

    private static boolean isOurs(Path file) throws IOException {
        return Files.exists(file) && OURS.contains(file.toRealPath());
    }

    /// Leaves the file: a process that waits for it may have opened it already.
    @Override
    public void close() throws IOException {
        synchronized (OURS) {
            OURS.remove(file);
            channel.close();
        }
    }
}
