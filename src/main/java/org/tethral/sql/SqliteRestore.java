package org.tethral.sql;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;
import org.tethral.archive.BackupFile;
import org.tethral.archive.Cells;
import org.tethral.archive.Durable;
import org.tethral.archive.Manifest;
import org.tethral.kernel.StorageException;

/// Fills a new file beside the old one, without a journal, as nobody needs half of it; then it is
/// brought to the disk and takes the old one's name.
final class SqliteRestore implements Restore.Loader {

    private static final int ROWS_PER_BATCH = 1_000;
    private static final int ROWS_PER_COMMIT = 100_000;
    private static final int CACHE_KIB = 65_536;
    private static final String NEW = ".restoring";

    private final Session session;
    private final List<String> triggers = new ArrayList<>();
    private long uncommitted;

    private SqliteRestore(Session session) {
        this.session = session;
    }

    static void run(DatabaseUrl.Sqlite url, BackupFile file, boolean replace, LongConsumer progress)
            throws IOException {
        var target = SqliteDatabase.place(url.file());
        var fresh = Path.of(target + NEW);
        try (var _ = SingleProcess.lock(target)) {
            if (!replace) {
                refuseOccupied(target);
            }
            delete(fresh);
            try {
                fill(fresh, file, progress);
                Durable.file(fresh);
                settle(target);
                Files.move(
                        fresh,
                        target,
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
                Durable.directoryOf(target);
            } finally {
                delete(fresh);
            }
        }
    }

    private static void refuseOccupied(Path target) {
        if (!Files.exists(target)) {
            return;
        }
        try (var connection = source(target, true).getConnection()) {
            var table = Restore.occupied(Session.plain(connection, Dialect.SQLITE));
            if (!table.isEmpty()) {
                throw Restore.notEmpty("sqlite:" + target, table);
            }
        } catch (SQLException e) {
            throw SqlErrors.of("look into " + target, e);
        }
    }

    private static void fill(Path fresh, BackupFile file, LongConsumer progress) {
        var source = source(fresh, false);
        Migrations.run(source, Dialect.SQLITE, true, fresh.toString());
        try (var connection = source.getConnection()) {
            connection.setAutoCommit(false);
            var session = Session.plain(connection, Dialect.SQLITE);
            new Restore(file, session, new SqliteRestore(session), progress).fill();
            connection.commit();
        } catch (SQLException e) {
            throw SqlErrors.of("fill " + fresh, e);
        }
    }

    private static SQLiteDataSource source(Path file, boolean readOnly) {
        var config = new SQLiteConfig();
        config.setReadOnly(readOnly);
        config.setCacheSize(-CACHE_KIB);
        config.setTempStore(SQLiteConfig.TempStore.MEMORY);
        if (!readOnly) {
            config.setPageSize(SqliteDatabase.PAGE_BYTES);
            config.setJournalMode(SQLiteConfig.JournalMode.OFF);
            config.setSynchronous(SQLiteConfig.SynchronousMode.OFF);
        }
        var source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + file);
        return source;
    }

    /// A write-ahead log that is left beside the old file would be taken for the new one's: it goes
    /// into the old file first, or away with it where that is damaged.
    private static void settle(Path target) throws IOException {
        var log = Path.of(target + "-wal");
        if (Files.exists(log)) {
            try (var connection = source(target, false).getConnection();
                    var statement = connection.createStatement()) {
                statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
            } catch (SQLException e) {
                // damaged: it is replaced
            }
        }
        Files.deleteIfExists(log);
        Files.deleteIfExists(Path.of(target + "-shm"));
    }

    private static void delete(Path fresh) throws IOException {
        for (var ending : List.of("", "-wal", "-shm", "-journal")) {
            Files.deleteIfExists(Path.of(fresh + ending));
        }
    }

    @Override
    public void begin(List<Catalogue.Table> tables) throws SQLException {
        var names = new ArrayList<String>();
        session.sql("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
                .each(row -> {
                    names.add(row.text("name"));
                    triggers.add(row.text("sql"));
                });
        for (var name : names) {
            session.sql("DROP TRIGGER " + Catalogue.quoted(name)).update();
        }
        for (var table : tables) {
            session.sql("DELETE FROM " + Catalogue.quoted(table.name())).update();
        }
    }

    @Override
    public Restore.Rows load(Catalogue.Table table) throws SQLException {
        var names = table.names();
        var values = new StringBuilder();
        IntStream.rangeClosed(1, table.columns().size())
                .forEach(i -> values.append(i == 1 ? "?" : ", ?").append(i));
        if (table.name().equals("device_state_snapshots")) {
            var sequence =
                    table.columns().stream()
                                    .map(Catalogue.Column::name)
                                    .toList()
                                    .indexOf("sequence")
                            + 1;
            names += ", bucket";
            values.append(", ?")
                    .append(sequence)
                    .append(" / ")
                    .append(SqliteTables.SNAPSHOTS_PER_BUCKET);
        }
        return new Batches(
                session.connection()
                        .prepareStatement(
                                "INSERT INTO %s (%s) VALUES (%s)"
                                        .formatted(Catalogue.quoted(table.name()), names, values)),
                table.columns().stream()
                        .map(Catalogue.Column::form)
                        .toArray(Catalogue.Form[]::new));
    }

    private final class Batches implements Restore.Rows {
        private final PreparedStatement insert;
        private final Catalogue.Form[] forms;
        private int waiting;

        Batches(PreparedStatement insert, Catalogue.Form[] forms) {
            this.insert = insert;
            this.forms = forms;
        }

        @Override
        public void add(Cells cells) throws SQLException {
            for (int i = 0; i < forms.length; i++) {
                if (cells.isNull(i)) {
                    insert.setNull(i + 1, Types.NULL);
                    continue;
                }
                switch (forms[i].kind) {
                    case TEXT -> insert.setString(i + 1, cells.text(i));
                    case INTEGER -> insert.setLong(i + 1, cells.integer(i));
                    case REAL -> insert.setDouble(i + 1, cells.real(i));
                    case JSON -> insert.setString(i + 1, cells.json(i));
                    case BYTES -> insert.setBytes(i + 1, cells.bytes(i));
                }
            }
            insert.addBatch();
            if (++waiting == ROWS_PER_BATCH) {
                end();
            }
        }

        @Override
        public void end() throws SQLException {
            insert.executeBatch();
            uncommitted += waiting;
            waiting = 0;
            if (uncommitted >= ROWS_PER_COMMIT) {
                session.connection().commit();
                uncommitted = 0;
            }
        }

        @Override
        public void close() throws SQLException {
            insert.close();
        }
    }

    @Override
    public void end(Manifest.Numbers numbers) throws SQLException {
        session.sql(
                        """
                        INSERT INTO snapshot_buckets (bucket, first_timestamp, last_timestamp)
                        SELECT bucket, min(timestamp), max(timestamp) FROM device_state_snapshots GROUP BY bucket
                        """)
                .update();
        // from here on numbers and roll-ups go on
        session.sql(
                        """
                        INSERT INTO ingest_progress (writer, committed, rolled_up_to, updated_at)
                        VALUES ('restore/0', 0, ?, 0)
                        """)
                .set(numbers.lastSnapshot())
                .update();
        session.sql("INSERT INTO device_text_search (device_text_search) VALUES ('rebuild')")
                .update();
        for (var trigger : triggers) {
            session.sql(trigger).update();
        }
        session.sql("PRAGMA foreign_key_check")
                .find(row -> row.text("table"))
                .ifPresent(table -> {
                    throw new StorageException(
                            StorageException.Cause.REFUSED,
                            "a row of " + table + " refers to one that is not there");
                });
    }
}
