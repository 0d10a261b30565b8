package org.tethral.sql;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;
import org.tethral.kernel.StorageException;

/// One file: a single connection writes, under a fair lock, a few others read beside it
/// (write-ahead log).
public final class SqliteDatabase extends Database {

    private static final int BUSY_MILLIS_MAX = 5_000;

    /// Pages of the log before they are moved into the file: more is faster and makes the slowest
    /// commits slower.
    private static final int CHECKPOINT_PAGES = 4_000;

    private static final int LOG_FILE_BYTES_KEPT = 64 << 20;
    static final int PAGE_BYTES = 4_096;
    private static final int WRITER_CACHE_KIB = 24_576;
    private static final int READER_CACHE_KIB = 2_048;

    /// The highest number of an event that was given out: also of one that is no longer kept, if
    /// anybody goes by it.
    static final String LAST_EVENT =
            """
            SELECT max(coalesce((SELECT max(sequence) FROM events), 0),
                       coalesce((SELECT max(max(cursor, read_to)) FROM event_subscriptions), 0))
            """;

    static final String LAST_SNAPSHOT =
            """
            SELECT max(coalesce((SELECT max(sequence) FROM device_state_snapshots
                                 WHERE bucket = (SELECT max(bucket) FROM snapshot_buckets)), 0),
                       coalesce((SELECT max(rolled_up_to) FROM ingest_progress), 0))
            """;

    private final Path file;
    private final @Nullable SingleProcess lock;
    private final SQLiteDataSource writerSource;
    private final DataSource readerSource;
    private final ReentrantLock writing = new ReentrantLock(true);
    private final NativeCalls calls = new NativeCalls(SqliteReaders.READERS_MAX + 1);
    private final SqliteReaders readers;
    private @Nullable Session writer;
    private long lastEvent;
    private long lastSnapshot;
    private volatile boolean closed;

    private SqliteDatabase(
            Path file, @Nullable SingleProcess lock, UnaryOperator<DataSource> reading) {
        this.file = file;
        this.lock = lock;
        this.writerSource = source(file, false);
        this.readerSource = reading.apply(source(file, true));
        this.readers = new SqliteReaders(file, readerSource);
    }

    static SqliteDatabase open(DatabaseUrl.Sqlite url) {
        var file = place(url.file());
        var lock = SingleProcess.lock(file);
        var database = new SqliteDatabase(file, lock, UnaryOperator.identity());
        try {
            Migrations.run(database.writerSource, Dialect.SQLITE, true, database.named());
            database.writeOnce("open " + file, database::readLastNumbers);
            return database;
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    static SqliteDatabase openToRead(DatabaseUrl.Sqlite url) {
        return openToRead(url, UnaryOperator.identity());
    }

    /// @param reading what comes between the readers and their connections
    static SqliteDatabase openToRead(DatabaseUrl.Sqlite url, UnaryOperator<DataSource> reading) {
        if (!Files.isRegularFile(url.file())) {
            throw new StorageException(
                    StorageException.Cause.UNAVAILABLE, "there is no file " + url.file());
        }
        var database = new SqliteDatabase(place(url.file()), null, reading);
        Migrations.expectNewest(database.readerSource, Dialect.SQLITE, database.named());
        return database;
    }

    /// The file itself, whatever links lead to it; its directory is made.
    static Path place(Path file) {
        try {
            var directory = file.toAbsolutePath().normalize().getParent();
            if (directory == null || Files.isDirectory(file)) {
                throw new StorageException(
                        StorageException.Cause.UNAVAILABLE, file + " is a directory, not a file");
            }
            if (Files.exists(file)) {
                return file.toRealPath();
            }
            return Files.createDirectories(directory).toRealPath().resolve(file.getFileName());
        } catch (IOException e) {
            throw new StorageException(
                    StorageException.Cause.UNAVAILABLE,
                    "cannot make the directory of " + file + ": " + e);
        }
    }

    private static SQLiteDataSource source(Path file, boolean readOnly) {
        var config = new SQLiteConfig();
        config.setBusyTimeout(BUSY_MILLIS_MAX);
        config.enforceForeignKeys(true);
        config.setCacheSize(-(readOnly ? READER_CACHE_KIB : WRITER_CACHE_KIB));
        config.setTempStore(SQLiteConfig.TempStore.MEMORY);
        if (readOnly) {
            config.setReadOnly(true);
        } else {
            config.setPageSize(PAGE_BYTES);
            config.setJournalMode(SQLiteConfig.JournalMode.WAL);
            config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
            config.setPragma(
                    SQLiteConfig.Pragma.JOURNAL_SIZE_LIMIT, Integer.toString(LOG_FILE_BYTES_KEPT));
        }
        var source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + file);
        return source;
    }

    private Void readLastNumbers(Session session) throws SQLException {
        lastEvent = session.sql(LAST_EVENT).number();
        lastSnapshot = session.sql(LAST_SNAPSHOT).number();
        return null;
    }

    @Override
    public Connections connections() {
        return readers.connections();
    }

    @Override
    public String describe() {
        return named()
                + " (SQLite "
                + read(
                        "ask for the version",
                        s ->
                                s.sql("SELECT sqlite_version() AS v")
                                        .find(row -> row.text("v"))
                                        .orElse(""))
                + ")";
    }

    private String named() {
        return "sqlite:" + file;
    }

    @Override
    Dialect dialect() {
        return Dialect.SQLITE;
    }

    @Override
    <T> T read(String doing, SqlWork<T> work) {
        var session = readers.borrow(doing);
        var sound = false;
        try {
            var result = calls.call(() -> work.run(session));
            sound = true;
            return result;
        } catch (SQLException e) {
            throw SqlErrors.of(doing, e);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(doing, e); // work throws no other
        } finally {
            readers.giveBack(session, sound);
        }
    }

    @Override
    <T> T snapshot(String doing, SqlWork<T> work) {
        return read(
                doing,
                session -> {
                    session.connection().setAutoCommit(false);
                    try {
                        return work.run(session);
                    } finally {
                        session.connection().setAutoCommit(true);
                    }
                });
    }

    @Override
    <T> T writeOnce(String doing, SqlWork<T> work) {
        if (lock == null) {
            throw new IllegalStateException(file + " was opened to read");
        }
        writing.lock();
        try {
            return calls.call(() -> transact(work));
        } catch (SQLException e) {
            throw SqlErrors.of(doing, e);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(doing, e); // work throws no other
        } finally {
            writing.unlock();
        }
    }

    private <T> T transact(SqlWork<T> work) throws SQLException {
        var session = writer();
        var done = false;
        try {
            var result = work.run(session);
            session.connection().commit();
            done = true;
            return result;
        } finally {
            if (!done) {
                rollback(session);
            }
        }
    }

    private Session writer() throws SQLException {
        if (closed) {
            throw new StorageException(StorageException.Cause.UNAVAILABLE, file + " is closed");
        }
        var session = writer;
        if (session == null) {
            var connection = writerSource.getConnection();
            try (var statement = connection.createStatement()) {
                statement.execute("PRAGMA wal_autocheckpoint = " + CHECKPOINT_PAGES);
            }
            connection.setAutoCommit(false);
            session = Session.caching(connection, Dialect.SQLITE);
            writer = session;
        }
        return session;
    }

    /// A connection that does not even go back is given up: the next work starts with a new one.
    private void rollback(Session session) {
        try {
            session.connection().rollback();
        } catch (SQLException e) {
            writer = null;
            session.close();
        }
    }

    @Override
    long[] reserveEvents(Session session, int count) {
        var numbers = new long[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = ++lastEvent;
        }
        return numbers;
    }

    /// One transaction at a time numbers and commits events.
    @Override
    long settledEvents() {
        return Long.MAX_VALUE;
    }

    /// The first of `count` numbers for snapshots, above all given before. Inside a transaction
    /// that writes.
    long reserveSnapshots(int count) {
        var first = lastSnapshot + 1;
        lastSnapshot += count;
        return first;
    }

    /// The highest number given out.
    long lastSnapshot() {
        return lastSnapshot;
    }

    /// Waits for work under way, then moves the log into the file.
    @Override
    public void close() {
        closed = true;
        readers.close();
        writing.lock();
        try {
            var session = writer;
            writer = null;
            if (session != null) {
                session.close();
            }
            if (lock != null) {
                lock.close();
            }
        } finally {
            writing.unlock();
        }
        calls.close();
    }
}
