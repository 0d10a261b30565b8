package org.tethral.sql;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.sqlite.Function;
import org.sqlite.SQLiteConnection;
import org.tethral.kernel.StorageException;

/// The connections that read an SQLite file beside the one that writes: each made when it is first
/// needed, then lent again and again.
final class SqliteReaders implements AutoCloseable {

    static final int READERS_MAX = 8;
    private static final long WAIT_SECONDS_MAX = 10;

    private final Path file;
    private final DataSource source;
    private final Semaphore free = new Semaphore(READERS_MAX, true);
    private final BlockingQueue<Session> idle = new ArrayBlockingQueue<>(READERS_MAX);
    private volatile boolean closed;

    SqliteReaders(Path file, DataSource source) {
        this.file = file;
        this.source = source;
    }

    Database.Connections connections() {
        return new Database.Connections(
                READERS_MAX - free.availablePermits(),
                idle.size(),
                free.getQueueLength(),
                READERS_MAX);
    }

    /// Waits where all are lent, the longest waiting first.
    ///
    /// @throws StorageException after 10 seconds, or once this is closed
    Session borrow(String doing) {
        try {
            if (!free.tryAcquire(WAIT_SECONDS_MAX, TimeUnit.SECONDS)) {
                throw new StorageException(
                        StorageException.Cause.UNAVAILABLE, doing + ": too many readers at once");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StorageException(StorageException.Cause.UNAVAILABLE, doing, e);
        }
        var made = false;
        try {
            if (closed) {
                throw new StorageException(
                        StorageException.Cause.UNAVAILABLE, doing + ": " + file + " is closed");
            }
            var session = idle.poll();
            session = session == null ? connect(doing) : session;
            made = true;
            return session;
        } finally {
            if (!made) {
                free.release();
            }
        }
    }

    private Session connect(String doing) {
        try {
            var connection = source.getConnection();
            var own = connection.unwrap(SQLiteConnection.class);
            Function.create(own, "fold", new Fold(), 1, Function.FLAG_DETERMINISTIC);
            return Session.caching(connection, Dialect.SQLITE);
        } catch (SQLException e) {
            throw SqlErrors.of(doing, e);
        }
    }

    /// @param sound false: it is in trouble, and not lent again
    void giveBack(Session session, boolean sound) {
        if (!sound || closed || !idle.offer(session)) {
            session.close();
        }
        free.release();
    }

    /// Waits for those that are lent.
    @Override
    public void close() {
        closed = true;
        free.acquireUninterruptibly(READERS_MAX);
        idle.forEach(Session::close);
        idle.clear();
        free.release(READERS_MAX);
    }

    /// `fold(text)`: without the difference between upper and lower case, of all letters.
    private static final class Fold extends Function {
        @Override
        protected void xFunc() throws SQLException {
            var text = value_text(0);
            if (text == null) {
                result();
            } else {
                result(text.toLowerCase(Locale.ROOT));
            }
        }
    }
}
