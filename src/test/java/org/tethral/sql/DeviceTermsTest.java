package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/// A fleet is described in one long session on PostgreSQL, which plans a trigger once: when there
/// were no devices.
class DeviceTermsTest {

    private static final int DEVICES = 500;

    @Test
    void readsTheWordsOfNoOtherDeviceWhenOneChanges() throws SQLException {
        try (var test = TestDatabase.postgresql()) {
            test.database();
            try (var connection = test.connect()) {
                for (int i = 0; i < DEVICES; i++) {
                    execute(
                            connection,
                            "INSERT INTO devices (id, device_id, name, capabilities, created_at, updated_at)"
                                    + " VALUES (gen_random_uuid(), 'd-"
                                    + i
                                    + "', 'before', '[\"flow\"]', now(), now())");
                    execute(
                            connection,
                            "UPDATE devices SET name = 'after' WHERE device_id = 'd-" + i + "'");
                }
                assertThat(readByScans(connection)).isLessThan(DEVICES);
            }
        }
    }

    private static long readByScans(Connection connection) throws SQLException {
        execute(connection, "SELECT pg_stat_force_next_flush()");
        try (var statement = connection.createStatement();
                var row =
                        statement.executeQuery(
                                "SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'device_terms'")) {
            assertThat(row.next()).isTrue();
            return row.getLong(1);
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
