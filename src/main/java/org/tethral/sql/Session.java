package org.tethral.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection, lent for one piece of work. Not thread-safe.
final class Session implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Session.class);
    private static final int STATEMENTS_CACHED_MAX = 100;

    private final Connection connection;
    private final Dialect dialect;
    private final @Nullable Cache cache;

    private Session(Connection connection, Dialect dialect, @Nullable Cache cache) {
        this.connection = connection;
        this.dialect = dialect;
        this.cache = cache;
    }

    /// Keeps its prepared statements for as long as the connection lasts.
    static Session caching(Connection connection, Dialect dialect) {
        return new Session(connection, dialect, new Cache());
    }

    /// For drivers that keep prepared statements by themselves.
    static Session plain(Connection connection, Dialect dialect) {
        return new Session(connection, dialect, null);
    }

    Connection connection() {
        return connection;
    }

    Dialect dialect() {
        return dialect;
    }

    Sql sql(String text) throws SQLException {
        return new Sql(this, prepare(text));
    }

    /// For work that binds by itself. Give it back with [#release] when done; only one of the same
    /// text at a time.
    PreparedStatement prepare(String text) throws SQLException {
        if (cache == null) {
            return connection.prepareStatement(text);
        }
        var known = cache.get(text);
        if (known != null) {
            known.clearBatch(); // what work that failed has left
            return known;
        }
        var made = connection.prepareStatement(text);
        cache.put(text, made);
        return made;
    }

    void release(PreparedStatement statement) throws SQLException {
        if (cache == null) {
            statement.close();
        }
    }

    /// The connection with it. What it committed is committed, so trouble in closing it is
    /// nobody's.
    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.atDebug().setCause(e).log("close a connection");
        }
    }

    private static final class Cache extends LinkedHashMap<String, PreparedStatement> {
        private static final long serialVersionUID = 1L;

        Cache() {
            super(64, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, PreparedStatement> eldest) {
            if (size() <= STATEMENTS_CACHED_MAX) {
                return false;
            }
            try {
                eldest.getValue().close();
            } catch (SQLException e) {
                throw new IllegalStateException("close a statement that is no longer used", e);
            }
            return true;
        }
    }
}
