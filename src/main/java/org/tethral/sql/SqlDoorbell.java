package org.tethral.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.command.Doorbell;
import org.tethral.kernel.StorageException;

/// PostgreSQL's `LISTEN` and `NOTIFY`: each node listens on a channel of its own, on a connection
/// of its own, which is opened again when it breaks. Rings are sent together where many wait.
public final class SqlDoorbell implements Doorbell {

    static final int RINGS_WAITING_MAX = 10_000;
    static final int RINGS_AT_ONCE_MAX = 500;

    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    private static final Duration AGAIN_AFTER = Duration.ofSeconds(2);
    private static final Duration STOP_WAIT_MAX = Duration.ofSeconds(5);
    private static final Logger LOG = LoggerFactory.getLogger(SqlDoorbell.class);

    private record Ring(String node, String message) {}

    private final Database database;
    private final DatabaseUrl.Postgres url;
    private final String node;
    private final BlockingQueue<Ring> rings = new ArrayBlockingQueue<>(RINGS_WAITING_MAX);
    private final Thread ringer;
    private @Nullable Thread listener;
    private volatile @Nullable Connection listening;
    private volatile boolean closed;

    private SqlDoorbell(Database database, DatabaseUrl.Postgres url, String node) {
        this.database = database;
        this.url = url;
        this.node = node;
        this.ringer = Thread.ofVirtual().name("doorbell-rings").start(this::ring);
    }

    /// One that does nothing where there is no other node (SQLite), or no way to ring it
    /// (CockroachDB, a pooler): what would have been rung is found by looking, a little later.
    public static Doorbell of(Database database, DatabaseUrl url, String node) {
        return switch (url) {
            case DatabaseUrl.Postgres postgres
                    when database.dialect() == Dialect.POSTGRESQL
                            && !postgres.throughTransactionPooler() ->
                    new SqlDoorbell(database, postgres, node);
            case DatabaseUrl.Sqlite _, DatabaseUrl.Postgres _ -> Doorbell.NONE;
        };
    }

    /// Of 63 bytes at the most, whatever the node is called.
    static String channel(String node) {
        return "tethral_" + Integer.toHexString(node.hashCode()) + "_" + slug(node);
    }

    private static String slug(String node) {
        var slug = node.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
        return slug.substring(0, Math.min(40, slug.length()));
    }

    @Override
    public void ring(String to, String message) {
        if (!rings.offer(new Ring(to, message))) {
            LOG.atDebug().addKeyValue("node", to).log("a ring is lost: too many wait");
        }
    }

    private void ring() {
        try {
            while (!closed) {
                var some = new ArrayList<Ring>();
                some.add(rings.take());
                rings.drainTo(some, RINGS_AT_ONCE_MAX - 1);
                send(new LinkedHashSet<>(some));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void send(Set<Ring> some) {
        try {
            database.read(
                    "ring other nodes",
                    session ->
                            session.sql(
                                            """
                                            SELECT count(pg_notify(channel, message))
                                            FROM unnest(?::text[], ?::text[]) AS x (channel, message)
                                            """)
                                    .set(some.stream().map(ring -> channel(ring.node())).toList())
                                    .set(some.stream().map(Ring::message).toList())
                                    .number());
        } catch (StorageException e) {
            LOG.atDebug().addKeyValue("reason", e.getMessage()).log("rings are lost");
        }
    }

    @Override
    public void answer(Consumer<String> action) {
        listener = Thread.ofPlatform().name("doorbell").daemon().start(() -> listen(action));
    }

    private void listen(Consumer<String> action) {
        while (!closed) {
            try (var connection = PostgresDatabase.connectAlone(url)) {
                listening = connection;
                hear(connection, action);
            } catch (SQLException e) {
                LOG.atDebug()
                        .addKeyValue("reason", e.getMessage())
                        .log("the doorbell is out of order for a while");
                pause();
            }
        }
    }

    private void hear(Connection connection, Consumer<String> action) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute("LISTEN " + channel(node));
        }
        var notified = connection.unwrap(PGConnection.class);
        while (!closed) {
            var heard = notified.getNotifications((int) LOOK_EVERY.toMillis());
            if (heard != null) {
                for (var one : heard) {
                    answer(action, one.getParameter());
                }
            }
        }
    }

    private static void answer(Consumer<String> action, String message) {
        try {
            action.accept(message);
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("a ring could not be answered");
        }
    }

    private void pause() {
        try {
            if (closed) {
                return;
            }
            TimeUnit.MILLISECONDS.sleep(AGAIN_AFTER.toMillis());
        } catch (InterruptedException e) {
            closed = true;
        }
    }

    @Override
    public void close() {
        closed = true;
        ringer.interrupt();
        var connection = listening;
        if (connection != null) {
            try {
                connection.abort(Runnable::run); // so that it does not listen to its end
            } catch (SQLException e) {
                LOG.atDebug().addKeyValue("reason", e.getMessage()).log("the bell is cut already");
            }
        }
        var waiting = listener;
        if (waiting != null) {
            try {
                waiting.join(STOP_WAIT_MAX);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
