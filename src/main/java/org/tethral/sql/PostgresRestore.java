package org.tethral.sql;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.tethral.archive.BackupFile;
import org.tethral.archive.Cells;
import org.tethral.archive.Manifest;
import org.tethral.kernel.Micros;
import org.tethral.kernel.StorageException;

/// Fills the tables by COPY, all in one transaction: others see the old rows until it ends.
final class PostgresRestore implements Restore.Loader {

    /// Older months go where devices with wrong clocks are.
    private static final int MONTHS_MAX = 240;

    /// Longer than a running node takes to say again that it lives.
    private static final Duration SIGN_OF_LIFE_WAIT = Duration.ofSeconds(5);

    private final Session session;
    private final Manifest manifest;
    private final Instant now;
    private List<Catalogue.Table> tables = List.of();

    private PostgresRestore(Session session, Manifest manifest, Instant now) {
        this.session = session;
        this.manifest = manifest;
        this.now = now;
    }

    static void run(
            DatabaseUrl.Postgres url,
            BackupFile file,
            boolean replace,
            InstantSource clock,
            LongConsumer progress) {
        Database.open(url, clock).close(); // with all its tables
        try (var connection = PostgresDatabase.connectForLong(url)) {
            var session = Session.plain(connection, Dialect.POSTGRESQL);
            refuseServed(session, url.describe());
            connection.setAutoCommit(false);
            try {
                Backup.withoutTimeout(session);
                var table = replace ? "" : Restore.occupied(session);
                if (!table.isEmpty()) {
                    throw Restore.notEmpty(url.describe(), table);
                }
                var loader = new PostgresRestore(session, file.manifest(), clock.instant());
                new Restore(file, session, loader, progress).fill();
                connection.commit();
            } finally {
                rollback(connection);
            }
            analyze(session);
            connection.commit();
        } catch (SQLException e) {
            throw SqlErrors.of("fill " + url.describe(), e);
        }
    }

    /// The first queries shall not be planned for empty tables.
    private static void analyze(Session session) throws SQLException {
        for (var table : Catalogue.tables(session)) {
            session.sql("ANALYZE " + Catalogue.quoted(table.name())).update();
        }
    }

    private static void rollback(Connection connection) throws SQLException {
        if (!connection.isClosed()) {
            connection.rollback();
        }
    }

    /// A server that runs would write into what is filled here, and remember what was there before.
    private static void refuseServed(Session session, String described) throws SQLException {
        var before = beats(session);
        if (before.isEmpty()) {
            return;
        }
        try {
            TimeUnit.NANOSECONDS.sleep(SIGN_OF_LIFE_WAIT.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        var after = beats(session);
        after.forEach((node, beats) -> {
            if (!beats.equals(before.get(node))) {
                throw new StorageException(
                        StorageException.Cause.UNAVAILABLE,
                        described + " is in use by the server '" + node + "': stop it first");
            }
        });
    }

    private static Map<String, Long> beats(Session session) throws SQLException {
        var beats = new HashMap<String, Long>();
        session.sql("SELECT node, beats FROM nodes")
                .each(row -> beats.put(row.text("node"), row.number("beats")));
        return beats;
    }

    @Override
    public void begin(List<Catalogue.Table> all) throws SQLException {
        tables = all;
        var names =
                String.join(
                        ", ",
                        tables.stream().map(table -> Catalogue.quoted(table.name())).toList());
        session.sql("TRUNCATE " + names + ", ingest_progress").update();
        triggers("DISABLE");
        var partitioned =
                session.sql(
                                """
                                SELECT count(*) FROM pg_class
                                WHERE oid = 'device_state_snapshots'::regclass AND relkind = 'p'
                                """)
                        .number();
        if (partitioned > 0) {
            var latest =
                    YearMonth.from(now.atOffset(ZoneOffset.UTC))
                            .plusMonths(Partitions.MONTHS_AFTER);
            var months =
                    manifest.months().stream().filter(month -> !month.isAfter(latest)).toList();
            for (var month :
                    months.subList(Math.max(0, months.size() - MONTHS_MAX), months.size())) {
                Partitions.make(session, month);
            }
        }
    }

    private void triggers(String act) throws SQLException {
        for (var table : tables) {
            var any =
                    session.sql(
                                    """
                                    SELECT count(*) FROM pg_trigger
                                    WHERE tgrelid = CAST(? AS regclass) AND NOT tgisinternal
                                    """)
                            .set(Catalogue.quoted(table.name()))
                            .number();
            if (any > 0) {
                session.sql(
                                "ALTER TABLE %s %s TRIGGER USER"
                                        .formatted(Catalogue.quoted(table.name()), act))
                        .update();
            }
        }
    }

    @Override
    public Restore.Rows load(Catalogue.Table table) throws SQLException {
        var copy =
                session.connection()
                        .unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyIn(
                                "COPY %s (%s) FROM STDIN"
                                        .formatted(Catalogue.quoted(table.name()), table.names()));
        return new Copied(
                copy,
                table.columns().stream()
                        .map(Catalogue.Column::form)
                        .toArray(Catalogue.Form[]::new));
    }

    /// Text format: columns parted by tabs, rows by ends of lines, a backslash before what would
    /// part.
    private static final class Copied implements Restore.Rows {
        private static final int CHARACTERS_AT_ONCE = 1 << 16;
        private final CopyIn copy;
        private final Catalogue.Form[] forms;
        private final StringBuilder text = new StringBuilder(2 * CHARACTERS_AT_ONCE);

        Copied(CopyIn copy, Catalogue.Form[] forms) {
            this.copy = copy;
            this.forms = forms;
        }

        @Override
        public void add(Cells cells) throws SQLException {
            for (int i = 0; i < forms.length; i++) {
                if (i > 0) {
                    text.append('\t');
                }
                if (cells.isNull(i)) {
                    text.append("\\N");
                    continue;
                }
                switch (forms[i]) {
                    case TEXT, ID -> escaped(cells.text(i));
                    case NUMBER -> text.append(cells.integer(i));
                    case TRUTH -> text.append(cells.integer(i) == 0 ? 'f' : 't');
                    case TIME -> time(cells.integer(i));
                    case REAL -> text.append(cells.real(i));
                    case DOCUMENT, DOCUMENT_BINARY -> escaped(cells.json(i));
                    case BYTES ->
                            text.append("\\\\x").append(HexFormat.of().formatHex(cells.bytes(i)));
                }
            }
            text.append('\n');
            if (text.length() >= CHARACTERS_AT_ONCE) {
                flush();
            }
        }

        private void escaped(String value) {
            for (int i = 0; i < value.length(); i++) {
                var c = value.charAt(i);
                switch (c) {
                    case '\\' -> text.append("\\\\");
                    case '\t' -> text.append("\\t");
                    case '\n' -> text.append("\\n");
                    case '\r' -> text.append("\\r");
                    default -> text.append(c);
                }
            }
        }

        /// PostgreSQL has no year 0: the year before 1 is 1 BC.
        private void time(long micros) {
            var at = LocalDateTime.ofInstant(Micros.toInstant(micros), ZoneOffset.UTC);
            var year = at.getYear() > 0 ? at.getYear() : 1 - at.getYear();
            pad(year, 4);
            pad(text.append('-'), at.getMonthValue());
            pad(text.append('-'), at.getDayOfMonth());
            pad(text.append(' '), at.getHour());
            pad(text.append(':'), at.getMinute());
            pad(text.append(':'), at.getSecond());
            text.append('.');
            pad(at.getNano() / 1_000, 6);
            text.append(at.getYear() > 0 ? "+00" : "+00 BC");
        }

        private static void pad(StringBuilder text, int number) {
            text.append(number < 10 ? "0" : "").append(number);
        }

        private void pad(int number, int width) {
            var digits = Integer.toString(number);
            text.repeat('0', Math.max(0, width - digits.length())).append(digits);
        }

        private void flush() throws SQLException {
            var bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            copy.writeToCopy(bytes, 0, bytes.length);
            text.setLength(0);
        }

        @Override
        public void end() throws SQLException {
            flush();
            copy.endCopy();
        }

        @Override
        public void close() throws SQLException {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    @Override
    public void end(Manifest.Numbers numbers) throws SQLException {
        triggers("ENABLE");
        session.sql(
                        """
                        SELECT setval('event_sequence', greatest(?, (SELECT last_value FROM event_sequence))),
                               setval('snapshot_sequence', greatest(?, (SELECT last_value FROM snapshot_sequence)))
                        """)
                .set(Math.max(1, numbers.lastEvent()))
                .set(Math.max(1, numbers.lastSnapshot()))
                .each(_ -> {});
        identities();
    }

    /// Numbers that the database gives to rows by itself.
    private void identities() throws SQLException {
        record Identity(String table, String column) {}
        var identities =
                session.sql(
                                """
                                SELECT t.relname AS table_name, a.attname AS name
                                FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid
                                WHERE a.attidentity <> '' AND t.relnamespace = current_schema()::regnamespace
                                """)
                        .list(row -> new Identity(row.text("table_name"), row.text("name")));
        for (var one : identities) {
            session.sql(
                            "SELECT setval(pg_get_serial_sequence(?, ?), (SELECT coalesce(max(%s), 0) + 1 FROM %s), FALSE)"
                                    .formatted(
                                            Catalogue.quoted(one.column()),
                                            Catalogue.quoted(one.table())))
                    .set(Catalogue.quoted(one.table()))
                    .set(one.column())
                    .each(_ -> {});
        }
    }
}
