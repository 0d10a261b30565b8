package org.tethral.console;

import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.tethral.sql.TestDatabase;

/// The same on PostgreSQL: the pages' own tests are on SQLite.
abstract class PostgresConsoleRig extends ConsoleRig {

    private final TestDatabase database = TestDatabase.postgresql();

    @Override
    final Map<String, String> settings() {
        return Map.of("database", database.commandLine());
    }

    @Override
    @AfterAll
    void stop() {
        super.stop();
        database.close();
    }
}
