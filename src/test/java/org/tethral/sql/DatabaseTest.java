package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.tethral.kernel.StorageException;

@EachEngine
class DatabaseTest {

    private final TestDatabase test;

    DatabaseTest(TestDatabase test) {
        this.test = test;
    }

    @Test
    void makesItsTablesAndChangesNothingAtTheNextStart() {
        var before = history(test.database());
        assertThat(before).isNotEmpty();
        assertThat(history(test.reopened())).isEqualTo(before);
    }

    @Test
    void refusesASchemaThatIsNewerThanTheProgram() {
        insertVersion("99");
        try {
            assertThatThrownBy(() -> test.reopened())
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining(
                            "has schema version 99, which is newer than this program's");
        } finally {
            removeVersion("99");
        }
    }

    @Test
    void answersAndTellsWhatItIs() {
        test.database().check();
        assertThat(test.database().describe())
                .contains(test.toString())
                .contains(test.url().describe());
    }

    @Test
    void leavesNothingOfWorkThatFailed() {
        var database = test.database();
        assertThatThrownBy(() ->
                        database.write(
                                "fail",
                                session -> {
                                    addProgress(session, "failing");
                                    throw new IllegalStateException("half-way");
                                }))
                .hasMessage("half-way");
        assertThat(progress(database, "failing")).isZero();
    }

    @Test
    void seesAtOnceWhatWasWritten() {
        var database = test.database();
        database.write("write", session -> addProgress(session, "lane"));
        assertThat(progress(database, "lane")).isOne();
    }

    @Test
    void tellsValuesThatItWillNeverTake() {
        var database = test.database();
        database.write("write", session -> addProgress(session, "twice"));
        assertThatThrownBy(() ->
                        database.write("write again", session -> addProgress(session, "twice")))
                .isInstanceOfSatisfying(
                        StorageException.class,
                        e -> assertThat(e.kind()).isEqualTo(StorageException.Cause.REFUSED))
                .hasMessageStartingWith("write again: ");
    }

    @Test
    void numbersEventsInRisingOrderAcrossRestarts() {
        var first =
                test.database()
                        .write("number", session -> test.database().reserveEvents(session, 3));
        assertThat(first[1]).isGreaterThan(first[0]);
        assertThat(first[2]).isGreaterThan(first[1]);
    }

    @Test
    void readsBesideTheProcessThatWrites() {
        test.database();
        try (var reader = Database.openToRead(test.url())) {
            assertThat(history(reader)).isEqualTo(history(test.database()));
        }
    }

    @Test
    void opensQuicklyWhereNothingIsToDo() {
        test.database();
        var best = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 5 && best >= 1_500; attempt++) {
            var started = System.nanoTime();
            test.reopened();
            best = Math.min(best, (System.nanoTime() - started) / 1_000_000);
        }
        System.out.println(test + " reopened in " + best + " ms");
        assertThat(best).isLessThan(1_500);
        assertThat(InstantSource.system()).isNotNull();
    }

    private static String history(Database database) {
        return database.read(
                "read",
                session ->
                        String.join(
                                ",",
                                session.sql(
                                                "SELECT version, installed_on FROM flyway_schema_history ORDER BY 1")
                                        .list(row ->
                                                row.text("version")
                                                        + "@"
                                                        + row.text("installed_on"))));
    }

    private void insertVersion(String version) {
        test.database()
                .write(
                        "write",
                        session ->
                                session.sql(
                                                """
                                                INSERT INTO flyway_schema_history
                                                    (installed_rank, version, description, type, script, installed_by,
                                                     execution_time, success)
                                                VALUES (99, ?, 'newer', 'SQL', 'V99__newer.sql', 'test', 1, ?)
                                                """)
                                        .set(version)
                                        .set(true)
                                        .update());
    }

    private void removeVersion(String version) {
        // the program refuses to open it now, so this is done as an operator would
        if (test.url() instanceof DatabaseUrl.Postgres postgres) {
            TestDatabases.execute(
                    postgres,
                    "DELETE FROM flyway_schema_history WHERE version = '" + version + "'");
        } else if (test.url() instanceof DatabaseUrl.Sqlite(var file)) {
            try (var connection = java.sql.DriverManager.getConnection("jdbc:sqlite:" + file);
                    var statement = connection.createStatement()) {
                statement.execute(
                        "DELETE FROM flyway_schema_history WHERE version = '" + version + "'");
            } catch (java.sql.SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static int addProgress(Session session, String lane) throws java.sql.SQLException {
        return session.sql("INSERT INTO ingest_progress VALUES (?, 1, 0, ?)")
                .set(lane)
                .set(TestDatabase.NOW)
                .update();
    }

    private static long progress(Database database, String lane) {
        return database.read(
                "count",
                session ->
                        session.sql("SELECT count(*) FROM ingest_progress WHERE writer = ?")
                                .set(lane)
                                .number());
    }
}
