package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tethral.account.Actor;
import org.tethral.archive.BackupFile;
import org.tethral.archive.Manifest;
import org.tethral.archive.Tally;
import org.tethral.archive.UnusableBackup;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.DeviceId;
import org.tethral.device.MessageId;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.Document;
import org.tethral.kernel.StorageException;
import org.tethral.kernel.Value;
import org.tethral.state.StateName;

/// A backup of each engine, restored into each.
@EachEngine
class BackupContractTest {

    private static final Instant NOW = TestDatabase.NOW;
    private static final InstantSource CLOCK = InstantSource.fixed(NOW);

    private final TestDatabase source;
    @TempDir private Path directory;
    private int files;

    BackupContractTest(TestDatabase source) {
        this.source = source;
        if (new Fleet(source.database()).count("devices") == 0) {
            FilledTables.fill(source.database());
            source.database().write("add what is odd", session -> addOddities(session));
        }
    }

    private static int addOddities(Session session) throws java.sql.SQLException {
        var odd = "tab\t line\n \r back\\slash \\N \\. \"quoted\" é ☂ \uD83D\uDE00 \u0001";
        session.sql("UPDATE devices SET name = ?, metadata = ? WHERE device_id = 'a'")
                .set(odd)
                .set(
                        Document.of("z", Value.of(21.50))
                                .with("a", Value.of(1E3))
                                .with("minus", Value.of(-0.0))
                                .with("long", Value.of(Long.MAX_VALUE))
                                .with("large", Value.of(1.5E300))
                                .with("small", Value.of(Double.MIN_VALUE))
                                .with(
                                        odd,
                                        new Value.Array(List.of(Value.of(odd), Value.Null.NULL))))
                .update();
        for (var at :
                List.of(
                        "1969-12-31T23:59:59.999999Z",
                        "0001-01-01T00:00:00Z",
                        "2254-01-01T00:00:00.000001Z")) {
            session.sql(
                            """
                            INSERT INTO state_changes (id, device_id, from_state, to_state, timestamp, actor)
                            VALUES (?, 'nobody', 'unknown', 'on', ?, 'system:test')
                            """)
                    .set(java.util.UUID.randomUUID())
                    .set(Instant.parse(at))
                    .update();
        }
        session.sql(
                        """
                        INSERT INTO mqtt_retained (node, topic, payload, qos, published_at)
                        VALUES ('n', 'a/b', ?, 1, ?)
                        """)
                .set(new byte[] {0, -1, 10, 92})
                .set(NOW)
                .update();
        return session.sql(
                        """
                        INSERT INTO reading_rollups
                            (device_id, metric, bucket, bucket_start, count, min, max, sum, first, last, first_at, last_at)
                        VALUES ('nobody', 'm', '1m', ?, 1, ?, ?, ?, ?, ?, ?, ?)
                        """)
                .set(NOW)
                .set(0.1)
                .set(1E300)
                .set(-0.0)
                .set(1.0 / 3)
                .set(Double.MIN_VALUE)
                .set(NOW)
                .set(NOW)
                .update();
    }

    private Path newFile() {
        return directory.resolve("backup-" + files++);
    }

    private Path backup(Database database) throws IOException {
        var file = newFile();
        Backup.write(database, file, NOW, _ -> {});
        return file;
    }

    private static void restore(Path file, TestDatabase into, boolean replace) {
        Restore.run(into.url(), file, replace, CLOCK, _ -> {});
    }

    private static Manifest manifest(Path file) throws IOException {
        try (var backup = BackupFile.open(file)) {
            return backup.manifest();
        }
    }

    private static Map<String, Tally.Total> totals(Path file) throws IOException {
        var totals = new TreeMap<String, Tally.Total>();
        for (var table : manifest(file).tables()) {
            totals.put(table.layout().table(), table.total());
        }
        return totals;
    }

    private static void verify(Database database) {
        assertThat(Verify.of(database))
                .allSatisfy(finding -> assertThat(finding.broken()).as("%s", finding).isZero());
    }

    @Test
    void isTheSameOnEitherEngine() throws IOException {
        var file = backup(source.database());
        assertThat(totals(file)).hasSizeGreaterThan(25);
        assertThat(totals(file).values())
                .filteredOn(total -> total.rows() > 0)
                .hasSizeGreaterThan(12);
        for (var target : TestDatabases.engines()) {
            try (target) {
                restore(file, target, false);

                assertThat(totals(backup(target.database())))
                        .as("%s", target)
                        .isEqualTo(totals(file));
                verify(target.database());
            }
        }
    }

    @Test
    void hasAllThatWasAcknowledgedBeforeItBeganWhileReportsGoOn() throws IOException {
        try (var origin = another(source);
                var target = otherEngine()) {
            var file = newFile();
            Set<String> before;
            try (var load = new Load(origin.database(), "first-")) {
                load.await(2_000);
                before = Set.copyOf(load.acknowledged);
                try (var reading = Database.openToRead(origin.url())) {
                    Backup.write(reading, file, NOW, _ -> {});
                }
                load.await(load.acknowledged.size() + 500); // it did not stop
            }
            assertThat(manifest(file).numbers().unkept()).isNotEmpty();

            restore(file, target, false);

            assertThat(messages(target.database())).containsAll(before);
            verify(target.database());
            var again = totals(backup(target.database()));
            assertThat(again.keySet()).isEqualTo(totals(file).keySet());
            totals(file)
                    .forEach((table, total) -> {
                        if (!table.equals("reading_rollups")) { // which are mended
                            assertThat(again).as(table).containsEntry(table, total);
                        }
                    });
            goesOn(target.database(), manifest(file).numbers());
        }
    }

    /// No number is given out a second time.
    private static void goesOn(Database database, Manifest.Numbers numbers) {
        var lastEvent = new SqlEventLog(database).extent().highest();
        try (var load = new Load(database, "second-")) {
            load.await(200);
        }
        verify(database);
        assertThat(lowest(database, "sequence", "device_state_snapshots"))
                .isGreaterThan(numbers.lastSnapshot());
        assertThat(lowest(database, "sequence", "events")).isGreaterThan(lastEvent);
    }

    private static long lowest(Database database, String column, String table) {
        return database.read(
                "find the first new one",
                session ->
                        session.sql(
                                        "SELECT min(%s) FROM %s WHERE device_id LIKE 'second-%%'"
                                                .formatted(column, table))
                                .number());
    }

    private static TestDatabase another(TestDatabase of) {
        return of.toString().equals("SQLite") ? TestDatabase.sqlite() : TestDatabase.postgresql();
    }

    private TestDatabase otherEngine() {
        return source.toString().equals("SQLite")
                ? TestDatabase.postgresql()
                : TestDatabase.sqlite();
    }

    private static Set<String> messages(Database database) {
        return Set.copyOf(
                database.read(
                        "list messages",
                        session ->
                                session.sql(
                                                "SELECT message_id AS m FROM device_state_snapshots WHERE message_id IS NOT NULL")
                                        .list(row -> row.text("m"))));
    }

    @Test
    void isRefusedByADatabaseThatHoldsAnythingUnlessTold() throws IOException {
        var file = backup(source.database());
        try (var target = another(source)) {
            new Fleet(target.database()).add("mine");
            target.database().close();

            assertThatThrownBy(() -> restore(file, target, false))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("rows in device")
                    .hasMessageContaining("--replace");
            assertThat(new Fleet(target.reopened()).count("devices")).isEqualTo(1);
            target.database().close();

            restore(file, target, true);
            assertThat(totals(backup(target.reopened()))).isEqualTo(totals(file));
        }
    }

    @Test
    void leavesTheDatabaseAsItWasWhenItIsDamaged() throws IOException {
        var file = backup(source.database());
        var size = Files.size(file);
        var cut = Files.copy(file, newFile());
        try (var bytes = new RandomAccessFile(cut.toFile(), "rw")) {
            bytes.setLength(size - 10_000);
        }
        var flipped = Files.copy(file, newFile());
        try (var bytes = new RandomAccessFile(flipped.toFile(), "rw")) {
            // in several places: one alone may be a time in a header, which says nothing
            for (int i = 1; i < 10; i++) {
                bytes.seek(size * i / 10);
                var one = bytes.read();
                bytes.seek(size * i / 10);
                bytes.write(one ^ 0x10);
            }
        }
        try (var target = another(source)) {
            new Fleet(target.database()).add("mine");
            target.database().close();
            for (var damaged : List.of(cut, flipped, directory.resolve("none"))) {
                assertThatThrownBy(() -> restore(damaged, target, true))
                        .isInstanceOf(UnusableBackup.class);
            }
            assertThat(new Fleet(target.reopened()).count("devices")).isEqualTo(1);
        }
        assertThatThrownBy(
                        () -> {
                            try (var damaged = BackupFile.open(flipped)) {
                                damaged.check(_ -> {});
                            }
                        })
                .isInstanceOf(UnusableBackup.class);
        try (var sound = BackupFile.open(file)) {
            sound.check(_ -> {});
        }
    }

    @Test
    void neverTouchesAFileThatIsThere() throws IOException {
        var file = Files.writeString(newFile(), "the last one");
        assertThatThrownBy(() -> Backup.write(source.database(), file, NOW, _ -> {}))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(file).hasContent("the last one");
        try (var all = Files.list(directory)) {
            assertThat(all).noneMatch(one -> one.toString().endsWith(".part"));
        }
    }

    /// Devices that report, each report with an id, and now and then change their state.
    private static final class Load implements AutoCloseable {
        final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        private final Ingest ingest;
        private final Thread thread;

        Load(Database database, String prefix) {
            var devices = new Fleet(database).addAll(prefix, 20);
            ingest =
                    new Ingest(
                            SqlJournal.lanes(database),
                            lane ->
                                    SqlJournal.open(
                                            database,
                                            "load",
                                            lane,
                                            new SplittableRandom(prefix.hashCode() + lane)),
                            CLOCK,
                            new SimpleMeterRegistry());
            ingest.start();
            thread =
                    Thread.ofVirtual()
                            .start(() -> {
                                for (int i = 0; !Thread.currentThread().isInterrupted(); i++) {
                                    report(devices.get(i % devices.size()), i);
                                }
                            });
        }

        private void report(DeviceId id, int i) {
            var device = ConnectingDevice.named(id);
            var at = NOW.plusMillis(i);
            var name = new MessageId(id + "/" + i);
            var report =
                    new Inbound.Report(
                            device,
                            at,
                            List.of(
                                    new Inbound.Measurement(
                                            at, name, Document.of("t", Value.of(i)))));
            while (!ingest.offer(
                    report,
                    50,
                    answer -> {
                        if (answer instanceof Answer.Stored) {
                            acknowledged.add(name.value());
                        }
                    })) {
                Thread.onSpinWait();
            }
            if (i % 50 == 0) {
                ingest.submit(
                        new Inbound.StateReport(
                                device,
                                at,
                                new StateName("s" + i),
                                null,
                                Actor.device(id.value())));
            }
            if (i % 16 == 0) {
                pause();
            }
        }

        private static void pause() {
            try {
                TimeUnit.MILLISECONDS.sleep(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        void await(int reports) {
            var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (acknowledged.size() < reports) {
                assertThat(System.nanoTime())
                        .as("%s acknowledged", acknowledged.size())
                        .isLessThan(end);
                pause();
            }
        }

        @Override
        public void close() {
            thread.interrupt();
            ingest.close();
        }
    }
}
