package org.tethral.sql;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Properties;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.kernel.StorageException;

/// PostgreSQL or CockroachDB, through a small pool. Keeps no state in a server's session, so that
/// it works through a pooler that gives each transaction another one.
public final class PostgresDatabase extends Database {

    static final int CONNECTIONS_MAX = 10;
    private static final Duration CONNECT_MAX = Duration.ofSeconds(10);
    private static final Duration BORROW_MAX = Duration.ofSeconds(5);

    /// After this long without a word from the server a connection is given up.
    private static final Duration SILENCE_MAX = Duration.ofSeconds(30);

    private static final Duration PARTITIONS_LOOKED_AT_EVERY = Duration.ofHours(1);
    private static final Logger LOG = LoggerFactory.getLogger(PostgresDatabase.class);

    private final DataSource source;
    private final AutoCloseable pool;
    private final Dialect dialect;
    private final String named;
    private final EventHorizon horizon = new EventHorizon();
    private @Nullable Thread housekeeper;

    PostgresDatabase(DataSource source, AutoCloseable pool, Dialect dialect, String named) {
        this.source = source;
        this.pool = pool;
        this.dialect = dialect;
        this.named = named;
    }

    static PostgresDatabase open(DatabaseUrl.Postgres url, InstantSource clock) {
        var database = connect(url, SILENCE_MAX);
        try {
            Migrations.run(
                    database.source,
                    database.dialect,
                    !url.throughTransactionPooler(),
                    database.named);
            database.makePartitions(clock.instant());
            database.startHousekeeping(clock);
            return database;
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    static PostgresDatabase openToRead(DatabaseUrl.Postgres url) {
        var database =
                connect(
                        url,
                        Duration.ZERO); // whoever looks over everything waits as long as it takes
        try {
            Migrations.expectNewest(database.source, database.dialect, database.named);
            return database;
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    private static PostgresDatabase connect(DatabaseUrl.Postgres url, Duration silenceMax) {
        var named = url.describe();
        var properties = properties(url, silenceMax);
        var dialect = dialect(url, properties);
        var config = new HikariConfig();
        config.setJdbcUrl(url.jdbc());
        config.setDataSourceProperties(properties);
        config.setPoolName("tethral");
        config.setMaximumPoolSize(CONNECTIONS_MAX);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(BORROW_MAX.toMillis());
        config.setInitializationFailTimeout(-1);
        var pool = new HikariDataSource(config);
        return new PostgresDatabase(pool, pool, dialect, named);
    }

    private static Properties properties(DatabaseUrl.Postgres url, Duration silenceMax) {
        var properties = new Properties();
        PGProperty.APPLICATION_NAME.set(properties, "tethral");
        PGProperty.CONNECT_TIMEOUT.set(properties, (int) CONNECT_MAX.toSeconds());
        PGProperty.SOCKET_TIMEOUT.set(properties, (int) silenceMax.toSeconds());
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        PGProperty.REWRITE_BATCHED_INSERTS.set(properties, true);
        PGProperty.LOG_SERVER_ERROR_DETAIL.set(
                properties, false); // it repeats the row: values stay out of logs
        if (url.throughTransactionPooler()) {
            PGProperty.PREPARE_THRESHOLD.set(properties, 0);
        }
        url.parameters().forEach(properties::setProperty);
        if (url.user() != null) {
            PGProperty.USER.set(properties, url.user());
        }
        if (url.password() != null) {
            PGProperty.PASSWORD.set(properties, url.password().reveal());
        }
        return properties;
    }

    /// A connection that is the caller's own, past the pool.
    static Connection connectAlone(DatabaseUrl.Postgres url) throws SQLException {
        return connectAlone(url, SILENCE_MAX);
    }

    /// As [#connectAlone], for statements that take as long as they take.
    static Connection connectForLong(DatabaseUrl.Postgres url) throws SQLException {
        return connectAlone(url, Duration.ZERO);
    }

    private static Connection connectAlone(DatabaseUrl.Postgres url, Duration silenceMax)
            throws SQLException {
        var connection =
                new org.postgresql.Driver().connect(url.jdbc(), properties(url, silenceMax));
        if (connection == null) {
            throw new SQLException("no PostgreSQL URL: " + url.describe());
        }
        return connection;
    }

    /// Asks once, without the pool, so that a database that is away is told at once and by name.
    private static Dialect dialect(DatabaseUrl.Postgres url, Properties properties) {
        try (var connection = new org.postgresql.Driver().connect(url.jdbc(), properties)) {
            if (connection == null) {
                throw new StorageException(
                        StorageException.Cause.UNAVAILABLE, "no PostgreSQL URL: " + url.describe());
            }
            var version =
                    Session.plain(connection, Dialect.POSTGRESQL)
                            .sql("SELECT version() AS version")
                            .find(row -> row.text("version"))
                            .orElse("");
            return version.contains("CockroachDB") ? Dialect.COCKROACHDB : Dialect.POSTGRESQL;
        } catch (SQLException e) {
            throw SqlErrors.of("connect to " + url.describe(), e);
        }
    }

    @Override
    public Connections connections() {
        var lent = pool instanceof HikariDataSource hikari ? hikari.getHikariPoolMXBean() : null;
        return lent == null
                ? new Connections(0, 0, 0, CONNECTIONS_MAX) // none was needed yet
                : new Connections(
                        lent.getActiveConnections(),
                        lent.getIdleConnections(),
                        lent.getThreadsAwaitingConnection(),
                        CONNECTIONS_MAX);
    }

    @Override
    public String describe() {
        var version =
                read(
                        "ask for the version",
                        session ->
                                session.sql("SELECT version() AS version")
                                        .find(row -> row.text("version"))
                                        .orElse(""));
        return named + " (" + version.replaceFirst("^(\\S+(?: CCL)? v?\\S+).*$", "$1") + ")";
    }

    @Override
    Dialect dialect() {
        return dialect;
    }

    /// For work that keeps a connection of its own, such as bulk writes.
    DataSource source() {
        return source;
    }

    @Override
    <T> T read(String doing, SqlWork<T> work) {
        try (var connection = source.getConnection()) {
            return work.run(Session.plain(connection, dialect));
        } catch (SQLException e) {
            throw SqlErrors.of(doing, e);
        }
    }

    @Override
    <T> T snapshot(String doing, SqlWork<T> work) {
        try (var connection = source.getConnection()) {
            connection.setAutoCommit(false);
            try {
                var session = Session.plain(connection, dialect);
                session.sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").update();
                return work.run(session);
            } finally {
                connection.rollback();
            }
        } catch (SQLException e) {
            throw SqlErrors.of(doing, e);
        }
    }

    @Override
    <T> T writeOnce(String doing, SqlWork<T> work) {
        try (var connection = source.getConnection()) {
            connection.setAutoCommit(false);
            var done = false;
            try {
                var result = work.run(Session.plain(connection, dialect));
                connection.commit();
                done = true;
                return result;
            } finally {
                if (!done) {
                    rollback(connection);
                }
            }
        } catch (SQLException e) {
            throw SqlErrors.of(doing, e);
        }
    }

    private static void rollback(Connection connection) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            LOG.atDebug().setCause(e).log("rollback on a connection that is gone");
        }
    }

    @Override
    long[] reserveEvents(Session session, int count) throws SQLException {
        var numbers = new long[count];
        var i = new int[1];
        session.sql(EventHorizon.reserve(dialect))
                .set(count)
                .each(row -> numbers[i[0]++] = row.number("number"));
        return numbers;
    }

    @Override
    long settledEvents() {
        return horizon.settled(this);
    }

    private void makePartitions(Instant now) {
        if (dialect == Dialect.POSTGRESQL) {
            Partitions.make(this, now);
        }
    }

    private void startHousekeeping(InstantSource clock) {
        housekeeper =
                Thread.ofVirtual()
                        .name("partitions")
                        .start(() -> {
                            try {
                                while (true) {
                                    Thread.sleep(PARTITIONS_LOOKED_AT_EVERY);
                                    keepHouse(clock);
                                }
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        });
    }

    private void keepHouse(InstantSource clock) {
        try {
            makePartitions(clock.instant());
        } catch (StorageException e) {
            LOG.atWarn()
                    .addKeyValue("reason", e.getMessage())
                    .log("no new partitions yet; trying again in an hour");
        }
    }

    @Override
    public void close() {
        if (housekeeper != null) {
            housekeeper.interrupt();
        }
        try {
            pool.close();
        } catch (Exception e) {
            throw new StorageException(StorageException.Cause.UNAVAILABLE, "close " + named, e);
        }
    }
}
