package org.tethral.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Properties;
import org.tethral.kernel.StorageException;
import org.tethral.sql.DatabaseUrl;

/// Fresh databases and homes, each gone when the work on it is done.
final class Workbench implements AutoCloseable {

    private final Options options;
    private final Path directory;
    private final Deque<Bench> benches = new ArrayDeque<>();
    private int count;

    /// A home with a database of its own.
    record Bench(Path home, String database, String name) {}

    Workbench(Options options) {
        this.options = options;
        try {
            Files.createDirectories(options.directory());
            this.directory = Files.createTempDirectory(options.directory(), "tethral-benchmark-");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + options.directory(), e);
        }
    }

    Bench fresh() {
        var name = "tethral_benchmark_" + ProcessHandle.current().pid() + "_" + ++count;
        var home = directory.resolve(name);
        try {
            Files.createDirectory(home);
        } catch (IOException e) {
            throw new UncheckedIOException("make " + home, e);
        }
        if (options.onSqlite()) {
            return kept(new Bench(home, "sqlite:" + home.resolve("tethral.db"), name));
        }
        execute("CREATE DATABASE " + name);
        return kept(new Bench(home, url(name), name));
    }

    private Bench kept(Bench bench) {
        benches.push(bench);
        return bench;
    }

    void drop(Bench bench) {
        if (!benches.remove(bench)) {
            return;
        }
        if (!options.onSqlite()) {
            execute("DROP DATABASE IF EXISTS " + bench.name() + " WITH (FORCE)");
        }
        remove(bench.home());
    }

    private DatabaseUrl.Postgres server() {
        if (DatabaseUrl.parse(options.database()) instanceof DatabaseUrl.Postgres server) {
            return server;
        }
        throw new IllegalArgumentException("a benchmark runs on sqlite, or on postgresql://…");
    }

    private String url(String name) {
        var server = server();
        var login =
                server.user() == null
                        ? ""
                        : encoded(server.user())
                                + (server.password() == null
                                        ? ""
                                        : ":" + encoded(server.password().reveal()))
                                + "@";
        var parameters = new StringBuilder();
        server.parameters()
                .forEach((key, value) ->
                        parameters
                                .append(parameters.isEmpty() ? "?" : "&")
                                .append(key)
                                .append("=")
                                .append(encoded(value)));
        return "postgresql://" + login + server.hosts() + "/" + name + parameters;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private void execute(String sql) {
        var server = server();
        try (var connection = connect(server);
                var statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new StorageException(StorageException.Cause.UNAVAILABLE, sql, e);
        }
    }

    private static Connection connect(DatabaseUrl.Postgres server) throws SQLException {
        var properties = new Properties();
        server.parameters().forEach(properties::setProperty);
        if (server.user() != null) {
            properties.setProperty("user", server.user());
        }
        if (server.password() != null) {
            properties.setProperty("password", server.password().reveal());
        }
        return DriverManager.getConnection(
                "jdbc:postgresql://" + server.hosts() + "/" + server.name(), properties);
    }

    /// Past the program, for what it has no other way to do. Of SQLite, while nobody writes.
    static Connection connect(Bench bench) throws SQLException {
        return switch (DatabaseUrl.parse(bench.database())) {
            case DatabaseUrl.Sqlite(var file) -> DriverManager.getConnection("jdbc:sqlite:" + file);
            case DatabaseUrl.Postgres server -> connect(server);
        };
    }

    private static void remove(Path root) {
        try (var files = Files.walk(root)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("remove " + root, e);
        }
    }

    @Override
    public void close() {
        while (!benches.isEmpty()) {
            drop(benches.peek());
        }
        remove(directory);
    }
}
