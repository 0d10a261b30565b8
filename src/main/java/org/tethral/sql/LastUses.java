package org.tethral.sql;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.kernel.StorageException;

/// When keys and credentials were last used: gathered, because a commit for each log-in would cost
/// more than the log-in. Some seconds of it are lost with the process.
final class LastUses {

    private static final int GATHERED_MAX = 1_000;
    private static final Duration WRITTEN_EVERY = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(LastUses.class);

    private final Database database;
    private final String update;
    private Map<UUID, Instant> gathered = new TreeMap<>();
    private long dueNanos = System.nanoTime();

    LastUses(Database database, String table) {
        this.database = database;
        this.update = "UPDATE " + table + " SET last_used_at = ? WHERE id = ?";
    }

    void used(UUID id, Instant at) {
        boolean due;
        synchronized (this) {
            gathered.merge(id, at, (one, other) -> one.isAfter(other) ? one : other);
            due = gathered.size() >= GATHERED_MAX || System.nanoTime() - dueNanos >= 0;
        }
        if (due) {
            write();
        }
    }

    /// Before somebody reads them.
    void write() {
        Map<UUID, Instant> uses;
        synchronized (this) {
            uses = gathered;
            gathered = new TreeMap<>();
            dueNanos = System.nanoTime() + WRITTEN_EVERY.toNanos();
        }
        if (uses.isEmpty()) {
            return;
        }
        try {
            database.write(
                    "write last uses",
                    session -> {
                        var sql = session.sql(update);
                        for (var use : uses.entrySet()) {
                            sql.set(use.getValue()).set(use.getKey()).add();
                        }
                        return sql.batch();
                    });
        } catch (StorageException e) {
            LOG.atDebug()
                    .setCause(e)
                    .log("last uses not written"); // not worth turning anybody away
        }
    }
}
