package org.tethral.sql;

import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.tethral.command.Dispatch;
import org.tethral.device.DeviceId;
import org.tethral.ingest.Journal;
import org.tethral.ingest.Receipt;
import org.tethral.ingest.Situation;
import org.tethral.kernel.StorageException;
import org.tethral.kernel.TimeOrderedIds;

/// The way of one ingest lane into the database. Each commit writes its number into the lane's row
/// of `ingest_progress`, so that a commit whose answer was lost is known when it is tried again.
public final class SqlJournal implements Journal {

    /// So many journals serve a database best: SQLite has one writer, PostgreSQL gains by a second
    /// one.
    private static final int LANES_POSTGRESQL = 2;

    private final Database database;
    private final String node;
    private final String writer;
    private final JournalTables tables;
    private final long lastCommitted;
    private boolean inDoubt;

    private SqlJournal(
            Database database,
            String node,
            String writer,
            JournalTables tables,
            long lastCommitted) {
        this.database = database;
        this.node = node;
        this.writer = writer;
        this.tables = tables;
        this.lastCommitted = lastCommitted;
    }

    public static int lanes(Database database) {
        return switch (database) {
            case SqliteDatabase _ -> 1;
            case PostgresDatabase _ -> LANES_POSTGRESQL;
        };
    }

    /// Opens the journal of a lane, and first mends the roll-ups where the process ended before
    /// they were kept.
    ///
    /// @param node the name of this process among those that share the database; no two may have
    ///   the same
    public static SqlJournal open(
            Database database, String node, int lane, RandomGenerator random) {
        var writer = node + "/" + lane;
        var tables =
                switch (database) {
                    case SqliteDatabase sqlite ->
                            new SqliteTables(sqlite, writer, new TimeOrderedIds(random));
                    case PostgresDatabase _ ->
                            new PostgresTables(writer, new TimeOrderedIds(random));
                };
        var committed =
                database.write("open the journal of " + writer, session -> begin(session, writer));
        new RollupRecovery(database, writer).run();
        return new SqlJournal(database, node, writer, tables, committed);
    }

    /// A new writer on SQLite goes on where those of another name were: all number their snapshots
    /// together.
    private static long begin(Session session, String writer) throws SQLException {
        session.sql(
                        """
                        INSERT INTO ingest_progress (writer, committed, rolled_up_to, updated_at)
                        VALUES (?, 0, (%s), ?) ON CONFLICT (writer) DO NOTHING
                        """
                                .formatted(
                                        session.dialect()
                                                .choose(RollupRecovery.LOWEST_MARK_ON_SQLITE, "0")))
                .set(writer)
                .set(java.time.Instant.EPOCH)
                .update();
        return committed(session, writer);
    }

    /// Waits for a commit under way whose connection was lost.
    private static long committed(Session session, String writer) throws SQLException {
        return session.sql(
                        "SELECT committed FROM ingest_progress WHERE writer = ?"
                                + session.dialect().choose("", " FOR UPDATE"))
                .set(writer)
                .number();
    }

    @Override
    public long lastCommitted() {
        return lastCommitted;
    }

    @Override
    public boolean commit(long number, Consumer<Transaction> work) {
        try {
            var run =
                    database.writeOnce(
                            "commit messages",
                            session -> {
                                if (inDoubt && committed(session, writer) >= number) {
                                    return false;
                                }
                                work.accept(new SqlTransaction(session, number));
                                return true;
                            });
            inDoubt = false;
            tables.committed();
            return run;
        } catch (StorageException e) {
            inDoubt |= e.kind() == StorageException.Cause.UNAVAILABLE;
            throw e;
        }
    }

    /// The database's connections are not this one's to close.
    @Override
    public void close() {}

    private final class SqlTransaction implements Transaction {

        private final Session session;
        private final long number;

        SqlTransaction(Session session, long number) {
            this.session = session;
            this.number = number;
        }

        @Override
        public Map<DeviceId, Situation> situations(Collection<DeviceId> devices) {
            return ask("read what devices are", () -> SituationRows.read(session, devices));
        }

        @Override
        public Map<Receipt, Long> receipts(Collection<Receipt> receipts) {
            return ask("look for repeated messages", () -> tables.receipts(session, receipts));
        }

        @Override
        public Map<String, Long> events(Collection<String> eventIds) {
            return ask(
                    "look for repeated events",
                    () -> {
                        var known = new HashMap<String, Long>();
                        session.sql(
                                        "SELECT event_id, sequence FROM events WHERE event_id "
                                                + session.dialect().oneOf())
                                .set(eventIds)
                                .each(row ->
                                        known.put(row.text("event_id"), row.number("sequence")));
                        return known;
                    });
        }

        @Override
        public Map<Dispatch.Key, Dispatch> dispatches(Collection<Dispatch.Key> dispatches) {
            return ask("read commands on their way", () -> DispatchRows.read(session, dispatches));
        }

        @Override
        public long reserveSnapshots(int count) {
            return ask("number snapshots", () -> tables.reserveSnapshots(session, count));
        }

        @Override
        public long[] reserveEvents(int count) {
            return ask("number events", () -> database.reserveEvents(session, count));
        }

        @Override
        public void write(Writes writes) {
            ask(
                    "write messages",
                    () -> {
                        tables.write(session, number, JournalRows.of(writes));
                        SessionRows.write(session, node, writes.postings());
                        ChannelRows.write(session, writes.postings());
                        return true;
                    });
        }

        private <T> T ask(String doing, SqlWork.Question<T> question) {
            try {
                return question.ask();
            } catch (SQLException e) {
                throw SqlErrors.of(doing, e);
            }
        }
    }
}
