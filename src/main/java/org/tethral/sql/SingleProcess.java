package org.tethral.sql;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.tethral.kernel.StorageException;

/// Keeps a second server off an SQLite file, while shells may read it: a lock on a file beside it,
/// which the operating system gives back however the process ends. (A lock on the file itself would
/// be lost, and SQLite's own with it, as soon as any other part of the process opened and closed
/// that file.)
final class SingleProcess implements AutoCloseable {

    private final FileChannel channel;

    private SingleProcess(FileChannel channel) {
        this.channel = channel;
    }

    static SingleProcess lock(Path database) {
        var file = Path.of(database + ".lock");
        FileChannel channel;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new StorageException(
                    StorageException.Cause.UNAVAILABLE,
                    "cannot write to " + file.toAbsolutePath().getParent() + ": " + e);
        }
        try {
            if (channel.tryLock() != null) {
                return new SingleProcess(channel);
            }
            channel.close();
        } catch (OverlappingFileLockException e) {
            closeQuietly(channel);
        } catch (IOException e) {
            closeQuietly(channel);
            throw new StorageException(
                    StorageException.Cause.UNAVAILABLE, "cannot lock " + file + ": " + e);
        }
        throw new StorageException(
                StorageException.Cause.UNAVAILABLE,
                database + " is in use by another Tethral: stop that one, or use another file");
    }

    /// Leaves the lock's file: a process that waits for it may have opened it already.
    @Override
    public void close() {
        closeQuietly(channel);
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new StorageException(StorageException.Cause.UNAVAILABLE, "close a lock", e);
        }
    }
}
