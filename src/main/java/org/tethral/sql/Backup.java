package org.tethral.sql;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.tethral.archive.BackupWriter;
import org.tethral.archive.Line;
import org.tethral.archive.Manifest;
import org.tethral.archive.Manifest.Range;
import org.tethral.archive.Tally;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Micros;
import org.tethral.kernel.StorageException;

/// Writes all that a database keeps into one file, as it is at one moment, while a server goes on
/// writing. Reads in one transaction, so on SQLite the write-ahead log grows until it is done.
public final class Backup {

    static final int ROWS_PER_FETCH = 2_000;
    private static final String SNAPSHOTS = "device_state_snapshots";

    private Backup() {}

    /// Returns when the file is durable; where that fails, there is none.
    ///
    /// @param progress is told how many rows were written so far
    /// @throws IOException the file cannot be written, or there is one of that name
    public static Manifest write(Database database, Path file, Instant now, LongConsumer progress)
            throws IOException {
        try (var writer = BackupWriter.create(file)) {
            var manifest =
                    database.snapshot(
                            "read all tables", session -> tables(session, writer, now, progress));
            writer.finish(manifest);
            return manifest;
        } catch (NotWritten e) {
            throw e.trouble();
        }
    }

    private static Manifest tables(
            Session session, BackupWriter writer, Instant now, LongConsumer progress)
            throws SQLException {
        withoutTimeout(session);
        var tables = Catalogue.tables(session);
        var numbers = numbers(session);
        var months = new Months();
        var rows = new Rows(progress);
        for (var table : tables) {
            try {
                writer.<SQLException>table(
                        table.layout(),
                        sink ->
                                rows.read(
                                        session, table, sink.line(), months.of(table), sink::add));
            } catch (IOException e) {
                throw new NotWritten(e);
            }
        }
        return new Manifest(
                Migrations.newest(session.dialect()),
                session.dialect().choose("SQLite", "PostgreSQL"),
                now,
                numbers,
                months.all(),
                writer.tables());
    }

    /// Whoever runs the database may have set a bound on statements, which is not meant for this.
    static void withoutTimeout(Session session) throws SQLException {
        if (session.dialect() != Dialect.SQLITE) {
            session.sql("SET LOCAL statement_timeout = 0").update();
            session.sql("SET LOCAL idle_in_transaction_session_timeout = 0").update();
        }
    }

    /// What the rows of a table come to now, read in the form in which a backup holds them.
    static Tally.Total total(Session session, Catalogue.Table table) throws SQLException {
        var tally = new Tally();
        var line = new Line();
        try {
            new Rows(_ -> {}).read(session, table, line, null, () -> tally.add(line));
        } catch (IOException e) {
            throw new SQLException("count in memory", e);
        }
        return tally.total();
    }

    private static Manifest.Numbers numbers(Session session) throws SQLException {
        var unkept = new ArrayList<Range>();
        for (var numbers : RollupRecovery.unkept(session)) {
            unkept.add(new Range(numbers.first(), numbers.last()));
        }
        if (session.dialect() == Dialect.SQLITE) {
            return new Manifest.Numbers(
                    session.sql(SqliteDatabase.LAST_EVENT).number(),
                    session.sql(SqliteDatabase.LAST_SNAPSHOT).number(),
                    unkept);
        }
        var block = session.sql("SELECT last_value FROM snapshot_sequence").number();
        return new Manifest.Numbers(
                session.sql("SELECT last_value FROM event_sequence").number(),
                block + SnapshotBlocks.SIZE,
                unkept);
    }

    @FunctionalInterface
    private interface EndOfRow {
        void reached() throws IOException;
    }

    /// Reads tables row by row, and counts.
    private static final class Rows {
        private static final int ROWS_PER_NOTICE = 1_000;
        private final LongConsumer progress;
        private long count;

        Rows(LongConsumer progress) {
            this.progress = progress;
        }

        void read(
                Session session,
                Catalogue.Table table,
                Line line,
                @Nullable Months months,
                EndOfRow end)
                throws SQLException, IOException {
            var forms =
                    table.columns().stream()
                            .map(Catalogue.Column::form)
                            .toArray(Catalogue.Form[]::new);
            var time = table.columns().stream().map(Catalogue.Column::name).toList();
            var timestamp = time.indexOf("timestamp") + 1;
            try (var statement = session.connection().prepareStatement(table.select())) {
                statement.setFetchSize(ROWS_PER_FETCH);
                try (var result = statement.executeQuery()) {
                    while (result.next()) {
                        row(result, forms, line, table.name());
                        if (months != null) {
                            months.add(result.getLong(timestamp));
                        }
                        end.reached();
                        if (++count % ROWS_PER_NOTICE == 0) {
                            progress.accept(count);
                        }
                    }
                }
            }
        }

        private static void row(ResultSet result, Catalogue.Form[] forms, Line line, String table)
                throws SQLException {
            for (int i = 1; i <= forms.length; i++) {
                switch (forms[i - 1].kind) {
                    case TEXT -> line.text(result.getString(i));
                    case INTEGER -> {
                        var value = result.getLong(i);
                        if (result.wasNull()) {
                            line.nothing();
                        } else {
                            line.integer(value);
                        }
                    }
                    case REAL -> {
                        var value = result.getDouble(i);
                        if (result.wasNull()) {
                            line.nothing();
                        } else {
                            line.real(value);
                        }
                    }
                    case JSON -> {
                        try {
                            line.json(result.getString(i));
                        } catch (MalformedJson e) {
                            throw new SQLException(table + " holds what is no JSON", e);
                        }
                    }
                    case BYTES -> line.bytes(result.getBytes(i));
                }
            }
        }
    }

    /// In which months snapshots lie; nearly always the same as of the one before.
    private static final class Months {
        private final TreeSet<YearMonth> found = new TreeSet<>();
        private long first = 1;
        private long last;

        @Nullable Months of(Catalogue.Table table) {
            return table.name().equals(SNAPSHOTS) ? this : null;
        }

        void add(long micros) {
            if (micros < first || micros > last) {
                var month = YearMonth.from(Micros.toInstant(micros).atOffset(ZoneOffset.UTC));
                found.add(month);
                first = start(month);
                last = start(month.plusMonths(1)) - 1;
            }
        }

        private static long start(YearMonth month) {
            return Micros.of(month.atDay(1).atStartOfDay().toInstant(ZoneOffset.UTC));
        }

        List<YearMonth> all() {
            return List.copyOf(found);
        }
    }

    /// Carries trouble with the file through the work on the database, where it is nobody's.
    private static final class NotWritten extends StorageException {
        private static final long serialVersionUID = 1L;

        private final IOException trouble;

        NotWritten(IOException trouble) {
            super(Cause.UNAVAILABLE, "write the backup", trouble);
            this.trouble = trouble;
        }

        IOException trouble() {
            return trouble;
        }
    }
}
