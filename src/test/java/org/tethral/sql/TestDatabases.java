package org.tethral.sql;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The engines that tests run on. One PostgreSQL server serves all test classes of a JVM, each with
/// its own database.
public final class TestDatabases {

    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static @Nullable EmbeddedPostgres server;

    private TestDatabases() {}

    /// SQLite, PostgreSQL, and CockroachDB where `TETHRAL_TEST_COCKROACH_URL` names one.
    public static List<TestDatabase> engines() {
        var engines = new ArrayList<>(List.of(TestDatabase.sqlite(), TestDatabase.postgresql()));
        var cockroach = System.getenv("TETHRAL_TEST_COCKROACH_URL");
        if (cockroach != null && DatabaseUrl.parse(cockroach) instanceof DatabaseUrl.Postgres url) {
            engines.add(TestDatabase.cockroach(url));
        }
        return engines;
    }

    static DatabaseUrl.Postgres newPostgres() {
        var url = url("test_" + NUMBER.incrementAndGet());
        execute(url("postgres"), "CREATE DATABASE " + url.name());
        return url;
    }

    static void dropPostgres(DatabaseUrl url) {
        if (url instanceof DatabaseUrl.Postgres postgres) {
            execute(url("postgres"), "DROP DATABASE " + postgres.name() + " WITH (FORCE)");
        }
    }

    static void execute(DatabaseUrl.Postgres url, String sql) {
        var properties = new Properties();
        if (url.user() != null) {
            properties.setProperty("user", url.user());
        }
        if (url.password() != null) {
            properties.setProperty("password", url.password().reveal());
        }
        url.parameters().forEach(properties::setProperty);
        try (var connection = DriverManager.getConnection(url.jdbc(), properties);
                var statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    private static DatabaseUrl.Postgres url(String database) {
        return new DatabaseUrl.Postgres(
                "127.0.0.1:" + server().getPort(), database, "postgres", null, Map.of());
    }

    /// Stopped by its own shutdown hook.
    private static synchronized EmbeddedPostgres server() {
        if (server == null) {
            try {
                server = EmbeddedPostgres.builder().start();
            } catch (IOException e) {
                throw new UncheckedIOException("start PostgreSQL for the tests", e);
            }
        }
        return server;
    }
}
