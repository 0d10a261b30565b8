package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tethral.kernel.StorageException;

class SqliteDatabaseTest {

    @TempDir Path directory;

    private Path file() {
        return directory.resolve("tethral.db");
    }

    private static Database open(Path file) {
        return Database.open(new DatabaseUrl.Sqlite(file), InstantSource.fixed(TestDatabase.NOW));
    }

    @Test
    void makesTheDirectoryOfItsFile() {
        var deep = directory.resolve("a/b/tethral.db");
        open(deep).close();
        assertThat(deep).isRegularFile();
    }

    @Test
    void saysWhereItCannotWrite() throws IOException {
        Files.writeString(directory.resolve("taken"), "a file, not a directory");
        assertRefused(directory.resolve("taken/tethral.db"), "cannot make the directory of ");
        Files.createDirectory(directory.resolve("other.db.lock"));
        assertRefused(directory.resolve("other.db"), "cannot write to " + directory.toRealPath());
        assertRefused(directory, "is a directory, not a file");
    }

    @Test
    void refusesAFileThatIsNoDatabase() throws IOException {
        Files.writeString(file(), "name,value\n".repeat(1_000));
        assertRefused(file(), "file is not a database");
    }

    @Test
    void refusesTheDatabaseOfAnotherProgram() throws SQLException {
        try (var other = shell()) {
            execute(other, "CREATE TABLE recipes (id INTEGER)");
        }
        assertRefused(file(), "up to date: Found non-empty schema(s)");
    }

    @Test
    void hasNothingToReadWhereThereIsNoFile() {
        assertThatThrownBy(() -> Database.openToRead(new DatabaseUrl.Sqlite(file())))
                .isInstanceOf(StorageException.class)
                .hasMessage("there is no file " + file());
        assertThat(file()).doesNotExist();
    }

    @Test
    void refusesASecondServerButNotAShell() throws SQLException {
        try (var _ = open(file())) {
            assertRefused(file(), "is in use by another Tethral");
            try (var shell = shell();
                    var result =
                            shell.createStatement()
                                    .executeQuery("SELECT count(*) FROM communities")) {
                assertThat(result.next()).isTrue();
                assertThat(result.getInt(1)).isOne();
            }
            assertRefused(file(), "is in use by another Tethral");
        }
        open(file()).close();
    }

    @Test
    void refusesASecondProcess() throws Exception {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        try (var _ = open(file())) {
            var process =
                    new ProcessBuilder(
                                    java,
                                    "--enable-native-access=ALL-UNNAMED",
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    OpenElsewhere.class.getName(),
                                    file().toString())
                            .redirectErrorStream(true)
                            .start();
            var output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(output).contains("is in use by another Tethral");
        }
    }

    /// Another process that opens the file which its argument names.
    static final class OpenElsewhere {
        private OpenElsewhere() {}

        public static void main(String[] arguments) {
            try (var database = open(Path.of(arguments[0]))) {
                System.out.println("opened " + database.describe());
            } catch (StorageException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    @Test
    void keepsACommitThroughACrash() throws SQLException {
        try (var database = open(file());
                var shell = shell();
                var result = shell.createStatement().executeQuery("PRAGMA journal_mode")) {
            assertThat(result.getString(1)).isEqualTo("wal");
            var synchronous =
                    database.write("ask", session -> session.sql("PRAGMA synchronous").number());
            assertThat(synchronous).isEqualTo(2);
            var foreignKeys =
                    database.write("ask", session -> session.sql("PRAGMA foreign_keys").number());
            assertThat(foreignKeys).isOne();
        }
    }

    @Test
    void doesAgainWhatLostAgainstAShellThatWrote() throws SQLException {
        try (var database = open(file());
                var shell = shell()) {
            var runs = new AtomicInteger();
            database.write(
                    "write",
                    session -> {
                        session.sql("SELECT count(*) FROM communities").number();
                        if (runs.incrementAndGet() == 1) {
                            execute(
                                    shell,
                                    "UPDATE communities SET metadata = '{\"by\":\"shell\"}'");
                        }
                        return session.sql("UPDATE communities SET name = 'renamed'").update();
                    });
            assertThat(runs).hasValue(2);
            try (var result =
                    shell.createStatement()
                            .executeQuery("SELECT name, metadata FROM communities")) {
                assertThat(result.getString(1)).isEqualTo("renamed");
                assertThat(result.getString(2)).contains("shell");
            }
        }
    }

    @Test
    void writesOnAfterAConnectionThatFailed() {
        try (var database = open(file())) {
            assertThatThrownBy(() ->
                            database.write(
                                    "fail",
                                    session -> {
                                        session.connection().close();
                                        return session.sql("SELECT 1").number();
                                    }))
                    .isInstanceOf(StorageException.class);
            assertThat(
                            (int)
                                    database.write(
                                            "write",
                                            session ->
                                                    session.sql("UPDATE communities SET name = 'x'")
                                                            .update()))
                    .isOne();
        }
    }

    @Test
    void readsWhileSomebodyWrites() throws InterruptedException {
        try (var database = open(file())) {
            var writing = new CountDownLatch(1);
            var read = new CountDownLatch(1);
            var writer =
                    Thread.ofVirtual()
                            .start(() ->
                                    database.write(
                                            "write slowly",
                                            session -> {
                                                session.sql("UPDATE communities SET name = 'new'")
                                                        .update();
                                                writing.countDown();
                                                await(read);
                                                return 0;
                                            }));
            await(writing);
            assertThat(name(database)).isEqualTo("default");
            read.countDown();
            writer.join();
            assertThat(name(database)).isEqualTo("new");
        }
    }

    private static String name(Database database) {
        return database.read(
                "read",
                session ->
                        session.sql("SELECT name FROM communities")
                                .find(row -> row.text("name"))
                                .orElse(""));
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void letsNobodyPushInBeforeAWriterThatWaits() throws InterruptedException {
        try (var database = open(file())) {
            for (int round = 0; round < 50; round++) {
                var order = new ArrayList<String>();
                var waiting =
                        Thread.ofPlatform()
                                .unstarted(() -> database.write("wait", _ -> order.add("waited")));
                database.write(
                        "hold",
                        _ -> {
                            waiting.start();
                            while (waiting.getState() != Thread.State.WAITING) {
                                Thread.onSpinWait();
                            }
                            return 0;
                        });
                database.write("push in", _ -> order.add("pushed in"));
                waiting.join();
                assertThat(order).containsExactly("waited", "pushed in");
            }
        }
    }

    @Test
    void leavesRoomForOtherVirtualThreadsWhileItAnswersSlowly() throws InterruptedException {
        try (var database = open(file())) {
            var slow = new ArrayList<Thread>();
            for (int i = 0; i < SqliteReaders.READERS_MAX; i++) {
                slow.add(Thread.ofVirtual().start(() -> countSlowly(database)));
            }
            for (int i = 0; i < 20; i++) {
                Thread.ofVirtual().start(() -> {}).join();
            }
            assertThat(slow)
                    .as("slow queries that are over")
                    .filteredOn(thread -> !thread.isAlive())
                    .isEmpty();
            for (var thread : slow) {
                thread.join();
            }
        }
    }

    private static void countSlowly(Database database) {
        database.read(
                "count slowly",
                session ->
                        session.sql(
                                        """
                                        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500000)
                                        SELECT count(*) FROM n
                                        """)
                                .number());
    }

    @Test
    void goesOnNumberingEventsWhereItStopped() {
        long before;
        try (var database = open(file())) {
            Devices.add(database, "one");
            before =
                    database.read(
                            "read",
                            session -> session.sql("SELECT max(sequence) FROM events").number());
        }
        try (var database = open(file())) {
            var next = database.write("number", session -> database.reserveEvents(session, 2));
            assertThat(next).containsExactly(before + 1, before + 2);
        }
    }

    @Test
    void leavesNothingOpenBehind() throws IOException {
        open(file()).close();
        try (var files = Files.list(directory)) {
            assertThat(files.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("tethral.db", "tethral.db.lock");
        }
    }

    private Connection shell() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + file());
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void assertRefused(Path file, String reason) {
        assertThatThrownBy(() -> open(file).close())
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(reason)
                .satisfies(e -> assertThat(String.valueOf(e.getMessage()).lines()).hasSize(1));
    }

    @Test
    void saysWhichScriptIsTheNewest() throws Exception {
        for (var dialect : Dialect.values()) {
            var newest = 0;
            for (var location : List.of(Migrations.locations(dialect))) {
                var folder =
                        getClass()
                                .getClassLoader()
                                .getResource(location.substring("classpath:".length()));
                try (var scripts =
                        Files.list(Path.of(java.util.Objects.requireNonNull(folder).toURI()))) {
                    for (var script : scripts.toList()) {
                        var name = script.getFileName().toString();
                        newest =
                                Math.max(
                                        newest,
                                        Integer.parseInt(name.substring(1, name.indexOf("__"))));
                    }
                }
            }
            assertThat(Migrations.newest(dialect)).as("%s", dialect).isEqualTo(newest);
        }
    }
}
