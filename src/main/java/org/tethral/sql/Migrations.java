package org.tethral.sql;

import java.sql.SQLException;
import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;
import org.tethral.kernel.StorageException;

/// Brings a schema to the version of this program, by Flyway; leaves Flyway alone where there is
/// nothing to do, as its search for scripts takes longer than all the rest of a start.
final class Migrations {

    /// The newest script of each engine; a test compares it with the files.
    private static final int NEWEST_ON_SQLITE = 28;

    private static final int NEWEST_ON_POSTGRESQL = 28;

    private Migrations() {}

    static int newest(Dialect dialect) {
        return switch (dialect) {
            case SQLITE -> NEWEST_ON_SQLITE;
            case POSTGRESQL, COCKROACHDB -> NEWEST_ON_POSTGRESQL;
        };
    }

    static String[] locations(Dialect dialect) {
        return switch (dialect) {
            case SQLITE -> new String[] {"classpath:db/sqlite"};
            case POSTGRESQL ->
                    new String[] {"classpath:db/postgresql", "classpath:db/postgresql-partitioned"};
            case COCKROACHDB ->
                    new String[] {"classpath:db/postgresql", "classpath:db/cockroachdb"};
        };
    }

    /// @param alone nobody else gets this session's connection between two transactions: then
    ///   indexes are built without keeping writers waiting
    static void run(DataSource source, Dialect dialect, boolean alone, String described) {
        var version = version(source, dialect, described);
        refuseNewer(version, dialect, described);
        if (version == newest(dialect)) {
            return;
        }
        try {
            forgetBrokenOff(source, dialect);
            var configuration = Flyway.configure();
            // a transaction held open as lock would keep CONCURRENTLY waiting for ever
            configuration
                    .getConfigurationExtension(PostgreSQLConfigurationExtension.class)
                    .setTransactionalLock(!alone);
            configuration
                    .dataSource(source)
                    .locations(locations(dialect))
                    .placeholders(
                            Map.of(
                                    "bytewise",
                                    dialect == Dialect.POSTGRESQL ? "COLLATE \"C\"" : "",
                                    "concurrently",
                                    alone ? "CONCURRENTLY" : ""))
                    .loggers("slf4j")
                    .failOnMissingLocations(true)
                    .cleanDisabled(true)
                    .load()
                    .migrate();
        } catch (SQLException e) {
            throw SqlErrors.of("bring the schema of " + described + " up to date", e);
        } catch (FlywayException e) {
            var reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new StorageException(
                    StorageException.Cause.UNAVAILABLE,
                    "bring the schema of " + described + " up to date: " + reason);
        }
    }

    /// A script that runs outside of a transaction may break off half-way: it is written so that it
    /// can begin again.
    private static void forgetBrokenOff(DataSource source, Dialect dialect) throws SQLException {
        if (dialect == Dialect.SQLITE) {
            return; // all run in transactions
        }
        try (var connection = source.getConnection()) {
            var session = Session.plain(connection, dialect);
            if (session.sql("SELECT count(to_regclass('flyway_schema_history')::text)").number()
                    > 0) {
                session.sql("DELETE FROM flyway_schema_history WHERE NOT success").update();
            }
        }
    }

    /// For whoever may change nothing.
    static void expectNewest(DataSource source, Dialect dialect, String described) {
        var version = version(source, dialect, described);
        refuseNewer(version, dialect, described);
        if (version < newest(dialect)) {
            throw new StorageException(
                    StorageException.Cause.UNAVAILABLE,
                    version == 0
                            ? described
                                    + " has no tables of this program: start it once with 'serve' or 'schema'"
                            : described
                                    + " has schema version "
                                    + version
                                    + ", this program expects "
                                    + newest(dialect)
                                    + ": bring it up to date with 'schema'");
        }
    }

    private static void refuseNewer(int version, Dialect dialect, String described) {
        if (version > newest(dialect)) {
            throw new StorageException(
                    StorageException.Cause.UNAVAILABLE,
                    described
                            + " has schema version "
                            + version
                            + ", which is newer than this program's ("
                            + newest(dialect)
                            + "): start a newer version of the program");
        }
    }

    /// 0: none; a script that failed half-way counts as not run.
    private static int version(DataSource source, Dialect dialect, String described) {
        try (var connection = source.getConnection()) {
            var session = Session.plain(connection, dialect);
            var table =
                    session.sql(
                                    dialect.choose(
                                            "SELECT count(*) FROM sqlite_schema WHERE name = 'flyway_schema_history'",
                                            "SELECT count(to_regclass('flyway_schema_history')::text)"))
                            .number();
            if (table == 0) {
                return 0;
            }
            return version(session);
        } catch (SQLException e) {
            throw SqlErrors.of("read the schema version of " + described, e);
        }
    }

    /// Of the newest script that ran.
    static int version(Session session) throws SQLException {
        return (int)
                session.sql(
                                """
                                SELECT max(CAST(version AS INTEGER)) FROM flyway_schema_history
                                WHERE version IS NOT NULL AND success = %s
                                """
                                        .formatted(session.dialect().choose("1", "TRUE")))
                        .number();
    }
}
