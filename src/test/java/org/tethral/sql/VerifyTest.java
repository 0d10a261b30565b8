package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@EachEngine
class VerifyTest {

    private final Database database;

    VerifyTest(TestDatabase test) {
        this.database = test.database();
        if (count("SELECT count(*) FROM devices") == 0) {
            FilledTables.fill(database);
        }
    }

    @Test
    void findsNothingAgainstWhatTheProgramWrote() {
        assertThat(Verify.of(database))
                .allSatisfy(finding -> assertThat(finding.broken()).as("%s", finding).isZero())
                .allSatisfy(
                        finding -> assertThat(finding.checked()).as("%s", finding).isPositive());
    }

    @Test
    void findsADeviceWithoutState() {
        assertBroken(
                "every device has exactly one state",
                "UPDATE device_states SET device_id = 'x' WHERE device_id = 'b'");
    }

    @Test
    void findsPresenceThatContradictsItself() {
        assertBroken(
                "whether a device is online",
                "UPDATE devices SET status = 'online' WHERE device_id = 'a'");
        assertBroken(
                "every device that is online has a time",
                "UPDATE devices SET status = 'online', is_online = %s WHERE device_id = 'a'"
                        .formatted(database.dialect().choose("1", "TRUE")));
    }

    @Test
    void findsHistoriesThatDoNotJoinUp() {
        assertBroken(
                "the state changes",
                "DELETE FROM state_changes WHERE device_id = 'a' AND to_state = 'idle'");
        assertBroken(
                "the state changes",
                "DELETE FROM state_changes WHERE device_id = 'again' AND to_state = 'idle' AND timestamp > "
                        + database.dialect().choose("1784030000000000", "'2026-07-14T13:00:00Z'"));
        assertBroken(
                "the state changes",
                "UPDATE device_states SET current_state = 'error' WHERE device_id = 'b'");
        assertBroken(
                "the moves",
                "UPDATE device_lifecycle_log SET from_lifecycle = 'testing' WHERE to_lifecycle = 'active'");
        assertBroken("the moves", "DELETE FROM device_lifecycle_log WHERE to_lifecycle = 'active'");
        assertBroken("the moves", "UPDATE devices SET lifecycle = 'testing' WHERE device_id = 'a'");
    }

    @Test
    void findsMessagesThatAreLostOrDoubled() {
        var id = "10-3";
        assertBroken(
                "every message id",
                "DELETE FROM device_state_snapshots WHERE device_id = 'a' AND message_id = '"
                        + id
                        + "'");
        assertBroken(
                "every message id",
                """
                INSERT INTO device_state_snapshots (%1$s device_id, timestamp, sequence, state_data, message_id)
                SELECT %1$s device_id, timestamp, sequence + 1000, state_data, message_id FROM device_state_snapshots
                WHERE device_id = 'a' AND message_id = '10-3'
                """
                        .formatted(database.dialect().choose("bucket,", "")));
        assertBroken(
                "no device has more snapshots",
                "UPDATE device_states SET reported_version = 3 WHERE device_id = 'a'");
    }

    @Test
    void findsRollupsThatMissAReadingOrCountOneTwice() {
        for (var bucket : List.of("1m", "1h", "1d")) {
            for (var change : List.of("count = count - 1", "count = count + 1", "max = max + 1")) {
                assertBroken(
                        "roll-ups agree",
                        "UPDATE reading_rollups SET %s WHERE device_id = 'b' AND metric = 't' AND bucket = '%s'"
                                .formatted(change, bucket));
            }
        }
        assertBroken(
                "roll-ups agree",
                "DELETE FROM reading_rollups WHERE device_id = 'b' AND bucket = '1h'");
    }

    @Test
    void findsCommandsThatAreCountedWrongly() {
        assertBroken(
                "every command is counted",
                "UPDATE command_logs SET success_count = success_count - 1, error_count = error_count + 1");
        assertBroken("every command is counted", "DELETE FROM command_dispatches");
        assertBroken("a command says when", "UPDATE command_logs SET completed_at = NULL");
        assertBroken(
                "what was sent to a device was issued",
                """
                INSERT INTO command_dispatches (command_id, device_id, status, attempts, rank, expires_at, ended_at)
                SELECT '01900000-0000-7000-8000-000000000001', 'a', 'expired', 1, 1, expires_at, expires_at
                FROM command_dispatches LIMIT 1
                """);
        assertBroken(
                "the end of a command at a device is told once",
                """
                INSERT INTO events (sequence, event_id, event_type, source, device_id, timestamp, data, metadata, priority)
                SELECT sequence + %s, 'again', event_type, source, device_id, timestamp, data, metadata, priority
                FROM events WHERE event_type = 'command.completed'
                """
                        .formatted(database.dialect().choose("1000000", "-1000000")));
    }

    @Test
    void findsAlertsThatNobodyWouldEnd() {
        assertBroken("every open alert is watched", "DELETE FROM alert_watches");
        assertBroken(
                "every open alert is watched",
                "UPDATE alert_history SET resolved_at = NULL WHERE node_id = 'retires'");
        assertBroken("what a rule raised", "DELETE FROM alert_history");
    }

    @Test
    void findsCountsAndTextsOfTheFleetThatAreWrong() {
        if (database.dialect() != Dialect.COCKROACHDB) {
            assertBroken(
                    "every device can be searched",
                    "DELETE FROM device_texts WHERE device_id = 'a'");
            assertBroken("every device can be searched", "UPDATE device_texts SET text = 'b'");
            var fleet = new SqlFleetStore(database);
            while (fleet.sumUp(100) > 0) {}
            assertBroken(
                    "the counts that dashboards show",
                    "UPDATE fleet_counts SET online = online + 1");
            assertBroken("the counts that dashboards show", "DELETE FROM fleet_counts");
        }
    }

    /// Breaks it in a transaction of the database's own, looks, and takes it back.
    private void assertBroken(String invariant, String change) {
        var copies = backup();
        execute(change);
        try {
            var findings = Verify.of(database);
            assertThat(findings)
                    .filteredOn(finding -> finding.invariant().startsWith(invariant))
                    .singleElement()
                    .satisfies(finding -> {
                        assertThat(finding.broken()).as("%s", finding).isPositive();
                        assertThat(finding.example()).isNotEmpty();
                    });
        } finally {
            restore(copies);
        }
        assertThat(Verify.of(database))
                .allSatisfy(finding -> assertThat(finding.broken()).as("%s", finding).isZero());
    }

    private static final List<String> TABLES =
            List.of(
                    "devices",
                    "device_states",
                    "state_changes",
                    "device_lifecycle_log",
                    "device_state_snapshots",
                    "message_receipts",
                    "reading_rollups",
                    "command_dispatches",
                    "command_logs",
                    "alert_watches",
                    "alert_history",
                    "events",
                    "fleet_counts",
                    "device_texts");

    private List<String> backup() {
        TABLES.forEach(
                table -> execute("CREATE TABLE copy_" + table + " AS SELECT * FROM " + table));
        return TABLES;
    }

    private void restore(List<String> tables) {
        database.write(
                "restore",
                session -> {
                    session.sql(
                                    database.dialect()
                                            .choose(
                                                    "PRAGMA defer_foreign_keys = ON",
                                                    "SET CONSTRAINTS ALL DEFERRED"))
                            .update();
                    for (var table : tables) {
                        // a device must not take its credentials along
                        if (table.equals("devices")) {
                            session.sql(
                                            """
                                            UPDATE devices SET (status, is_online, lifecycle) =
                                                (SELECT c.status, c.is_online, c.lifecycle FROM copy_devices c WHERE c.id = devices.id)
                                            """)
                                    .update();
                        } else if (table.equals("command_logs")) { // what follows is made anew
                            session.sql(
                                            """
                                            UPDATE command_logs SET (success_count, error_count, completed_at) =
                                                (SELECT c.success_count, c.error_count, c.completed_at
                                                 FROM copy_command_logs c WHERE c.command_id = command_logs.command_id)
                                            """)
                                    .update();
                        } else {
                            session.sql("DELETE FROM " + table).update();
                            session.sql("INSERT INTO " + table + " SELECT * FROM copy_" + table)
                                    .update();
                        }
                        session.sql("DROP TABLE copy_" + table).update();
                    }
                    return 0;
                });
    }

    private void execute(@Nullable String statement) {
        database.write("change", session -> session.sql(String.valueOf(statement)).update());
    }

    private long count(String statement) {
        return database.read("count", session -> session.sql(statement).number());
    }
}
