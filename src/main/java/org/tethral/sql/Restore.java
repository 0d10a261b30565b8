package org.tethral.sql;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.LongConsumer;
import org.tethral.archive.BackupFile;
import org.tethral.archive.Cells;
import org.tethral.archive.Kind;
import org.tethral.archive.Layout;
import org.tethral.archive.Manifest;
import org.tethral.archive.UnusableBackup;
import org.tethral.kernel.StorageException;

/// Fills a database from a backup, of whichever engine. All of it is there afterwards, or the
/// database is as it was: SQLite gets a new file that takes the old one's name at the end,
/// PostgreSQL one transaction. What was filled in is read again, and compared with the checksums
/// that were taken when the backup was written.
public final class Restore {

    /// A script that rewrites rows, instead of only adding columns and tables, must raise this:
    /// what an older backup lacks gets the default of its column.
    static final int OLDEST_SCHEMA = 17;

    private static final int ROWS_PER_NOTICE = 1_000;

    private final BackupFile file;
    private final Session session;
    private final Loader loader;
    private final LongConsumer progress;
    private long rows;

    /// How an engine takes rows in bulk. All calls are inside the transaction of the session.
    interface Loader {

        /// Empties all tables, and keeps triggers from adding to what comes.
        void begin(List<Catalogue.Table> tables) throws SQLException;

        /// @param table with the columns that come, in their order
        Rows load(Catalogue.Table table) throws SQLException;

        /// Sets up what is not carried: numbers that are given out, what is derived.
        void end(Manifest.Numbers numbers) throws SQLException;
    }

    interface Rows extends AutoCloseable {
        void add(Cells cells) throws SQLException;

        /// Writes those that wait.
        void end() throws SQLException;

        /// Gives up what did not end.
        @Override
        void close() throws SQLException;
    }

    Restore(BackupFile file, Session session, Loader loader, LongConsumer progress) {
        this.file = file;
        this.session = session;
        this.loader = loader;
        this.progress = progress;
    }

    /// @param replace false: a database that holds anything is refused
    /// @param progress is told how many rows were filled in so far, then compared, of `2 *
    ///   manifest.rows()`
    /// @throws UnusableBackup the file is damaged, incomplete, or of a later program
    /// @throws StorageException the database is not empty, in use, or does not answer
    public static Manifest run(
            DatabaseUrl url,
            Path path,
            boolean replace,
            InstantSource clock,
            LongConsumer progress) {
        try (var file = BackupFile.open(path)) {
            var schema = file.manifest().schema();
            var dialect = url instanceof DatabaseUrl.Sqlite ? Dialect.SQLITE : Dialect.POSTGRESQL;
            if (schema > Migrations.newest(dialect)) {
                throw new UnusableBackup(
                        "its tables are of version %d, newer than this program's (%d): use a newer one"
                                .formatted(schema, Migrations.newest(dialect)));
            }
            if (schema < OLDEST_SCHEMA) {
                throw new UnusableBackup(
                        "its tables are of version %d, this program restores from %d on: restore it with the program that made it, then update"
                                .formatted(schema, OLDEST_SCHEMA));
            }
            switch (url) {
                case DatabaseUrl.Sqlite sqlite ->
                        SqliteRestore.run(sqlite, file, replace, progress);
                case DatabaseUrl.Postgres postgres ->
                        PostgresRestore.run(postgres, file, replace, clock, progress);
            }
            return file.manifest();
        } catch (IOException e) {
            throw new UnusableBackup("it cannot be read: " + e.getMessage());
        }
    }

    /// Fills, compares, mends.
    void fill() throws SQLException {
        var tables = Catalogue.tables(session);
        loader.begin(tables);
        var filled = new HashSet<String>();
        var carried = new ArrayList<Catalogue.Table>();
        for (var table : tables) {
            for (var contents : file.manifest().tables()) {
                if (contents.layout().table().equals(table.name())) {
                    var columns = columns(table, contents.layout());
                    load(columns, contents);
                    filled.add(table.name());
                    carried.add(columns);
                }
            }
        }
        for (var contents : file.manifest().tables()) {
            if (!filled.contains(contents.layout().table())) {
                throw new UnusableBackup(
                        "it has a table that is not here: " + contents.layout().table());
            }
        }
        loader.end(file.manifest().numbers());
        for (var table : carried) {
            compare(table);
        }
        RollupRecovery.mend(
                session,
                file.manifest().numbers().unkept().stream()
                        .map(range -> new RollupRecovery.Numbers(range.first(), range.last()))
                        .toList());
    }

    private void load(Catalogue.Table table, Manifest.Contents contents) throws SQLException {
        try (var into = loader.load(table)) {
            file.<SQLException>read(
                    contents,
                    cells -> {
                        into.add(cells);
                        advance(1);
                    });
            into.end();
        }
    }

    private void advance(long count) {
        var before = rows;
        rows += count;
        if (before / ROWS_PER_NOTICE != rows / ROWS_PER_NOTICE) {
            progress.accept(rows);
        }
    }

    /// Those of the backup: a newer table may have more.
    private static Catalogue.Table columns(Catalogue.Table table, Layout layout) {
        var columns = new ArrayList<Catalogue.Column>();
        for (var wanted : layout.columns()) {
            columns.add(
                    table.columns().stream()
                            .filter(one ->
                                    one.name().equals(wanted.name())
                                            && one.form().kind == wanted.kind())
                            .findFirst()
                            .orElseThrow(() -> missing(table, wanted.name(), wanted.kind())));
        }
        return new Catalogue.Table(table.name(), columns);
    }

    private static UnusableBackup missing(Catalogue.Table table, String name, Kind kind) {
        return new UnusableBackup(
                "it has a column that is not here: %s.%s (%s)"
                        .formatted(table.name(), name, kind.word()));
    }

    private void compare(Catalogue.Table table) throws SQLException {
        for (var contents : file.manifest().tables()) {
            if (contents.layout().table().equals(table.name())) {
                var here = Backup.total(session, table);
                if (!here.equals(contents.total())) {
                    throw new SQLException(
                            "%s came out otherwise than it was: %,d rows with %s, in the backup %,d with %s"
                                    .formatted(
                                            table.name(),
                                            here.rows(),
                                            here.checksum(),
                                            contents.total().rows(),
                                            contents.total().checksum()));
                }
                advance(here.rows());
            }
        }
    }

    /// What is in a database that is not as the first start leaves it, in words; empty when nothing
    /// is.
    static String occupied(Session session) throws SQLException {
        for (var table : Catalogue.tables(session)) {
            var rows =
                    session.sql(
                                    "SELECT count(*) FROM (SELECT 1 FROM %s%s LIMIT 1) AS one"
                                            .formatted(
                                                    Catalogue.quoted(table.name()),
                                                    table.name().equals("communities")
                                                            ? " WHERE name <> 'default'"
                                                            : ""))
                            .number();
            if (rows > 0) {
                return table.name();
            }
        }
        return "";
    }

    static StorageException notEmpty(String described, String table) {
        return new StorageException(
                StorageException.Cause.REFUSED,
                "%s is not empty (there are rows in %s): --replace gives up what is in it"
                        .formatted(described, table));
    }
}
