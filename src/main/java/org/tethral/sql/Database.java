package org.tethral.sql;

import java.sql.SQLException;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.tethral.kernel.StorageException;

/// A database with the schema of this program: the stores are views of it. Thread-safe.
public abstract sealed class Database implements AutoCloseable
        permits SqliteDatabase, PostgresDatabase {

    private static final int ATTEMPTS_MAX = 20;
    private static final long PAUSE_MILLIS_MAX = 100;

    /// Opens it, makes it where it is an SQLite file that is not there, and brings its schema up to
    /// date.
    ///
    /// @throws StorageException in one sentence for the operator: it does not answer, is in use by
    ///   another process, is damaged, cannot be written, or its schema is newer than this program
    public static Database open(DatabaseUrl url, InstantSource clock) {
        return switch (url) {
            case DatabaseUrl.Sqlite sqlite -> SqliteDatabase.open(sqlite);
            case DatabaseUrl.Postgres postgres -> PostgresDatabase.open(postgres, clock);
        };
    }

    /// Opens it beside the process that writes to it; changes nothing, also not its schema.
    ///
    /// @throws StorageException as `open`; and where the schema is older than this program, or
    ///   there is none
    public static Database openToRead(DatabaseUrl url) {
        return switch (url) {
            case DatabaseUrl.Sqlite sqlite -> SqliteDatabase.openToRead(sqlite);
            case DatabaseUrl.Postgres postgres -> PostgresDatabase.openToRead(postgres);
        };
    }

    /// Its URL without a password, and the version of the engine.
    public abstract String describe();

    /// The connections that readers and, on PostgreSQL, writers share.
    ///
    /// @param lent are at work
    /// @param idle are open beside these
    /// @param wanted who waits for one
    /// @param most that there may be
    public record Connections(int lent, int idle, int wanted, int most) {}

    public abstract Connections connections();

    /// Whether it answers, in a few milliseconds where it does.
    ///
    /// @throws StorageException it does not
    public void check() {
        read("ask the database for a sign of life", session -> session.sql("SELECT 1").number());
    }

    @Override
    public abstract void close();

    abstract Dialect dialect();

    /// Runs the work outside of any transaction: each statement sees the moment at which it starts.
    abstract <T> T read(String doing, SqlWork<T> work);

    /// Runs the work in one transaction that changes nothing and sees a single moment; large
    /// results come in parts.
    abstract <T> T snapshot(String doing, SqlWork<T> work);

    /// Runs the work in one transaction, again where it lost against another one (SQLSTATE 40001,
    /// 40P01).
    ///
    /// @throws StorageException nothing is known to be committed
    final <T> T write(String doing, SqlWork<T> work) {
        for (int attempt = 1; ; attempt++) {
            try {
                return writeOnce(doing, work);
            } catch (StorageException e) {
                if (!(e.kind() == StorageException.Cause.CONFLICT
                                && e.getCause() instanceof SQLException)
                        || attempt == ATTEMPTS_MAX) {
                    throw e;
                }
                pause(doing, Math.min(PAUSE_MILLIS_MAX, attempt * 3L));
            }
        }
    }

    /// As `write`, but a lost race is for the caller to see.
    abstract <T> T writeOnce(String doing, SqlWork<T> work);

    /// Rising numbers for events, above all given before. Inside a transaction; those that are not
    /// used leave gaps.
    abstract long[] reserveEvents(Session session, int count) throws SQLException;

    /// Up to which number no event turns up any more that is not there now: readers that go along
    /// the log stop at it.
    abstract long settledEvents();

    private static void pause(String doing, long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StorageException(StorageException.Cause.UNAVAILABLE, doing, e);
        }
    }
}
