package org.tethral.sql;

import java.io.IOException;
import java.nio.file.Path;
import org.tethral.kernel.ProcessLock;
import org.tethral.kernel.StorageException;

/// Keeps a second server off an SQLite file, while shells may read it: a lock on a file beside it,
/// which the operating system gives back however the process ends. (A lock on the file itself would
/// be lost, and SQLite's own with it, as soon as any other part of the process opened and closed
/// that file.)
final class SingleProcess implements AutoCloseable {

    private final ProcessLock lock;

    private SingleProcess(ProcessLock lock) {
        this.lock = lock;
    }

    static SingleProcess lock(Path database) {
        var file = Path.of(database + ".lock");
        try {
            return ProcessLock.take(file)
                    .map(SingleProcess::new)
                    .orElseThrow(() ->
                            new StorageException(
                                    StorageException.Cause.UNAVAILABLE,
                                    database
                                            + " is in use by another Tethral: stop that one,"
                                            + " or use another file"));
        } catch (IOException e) {
            throw new StorageException(
                    StorageException.Cause.UNAVAILABLE,
                    "cannot write to " + file.toAbsolutePath().getParent() + ": " + e);
        }
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw new StorageException(StorageException.Cause.UNAVAILABLE, "close a lock", e);
        }
    }
}
