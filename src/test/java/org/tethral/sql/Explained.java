package org.tethral.sql;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/// A database to read, which asks the engine how it goes about each question before it puts it:
/// with the statement and the values that the store really uses.
final class Explained implements AutoCloseable {

    /// @param steps as the engine words them, a line each
    record Plan(String statement, String steps) {}

    private final Database database;
    private final Dialect dialect;
    private final List<Plan> plans = new ArrayList<>();

    Explained(TestDatabase test) {
        this.dialect = test.database().dialect();
        this.database =
                switch (test.url()) {
                    case DatabaseUrl.Sqlite file -> SqliteDatabase.openToRead(file, this::watched);
                    case DatabaseUrl.Postgres server ->
                            new PostgresDatabase(
                                    watched(source(server)), () -> {}, dialect, "explained");
                };
    }

    private static DataSource source(DatabaseUrl.Postgres url) {
        var source = new PGSimpleDataSource();
        source.setUrl(url.jdbc());
        source.setUser(url.user());
        source.setPassword(url.password() == null ? "" : url.password().reveal());
        return source;
    }

    Database database() {
        return database;
    }

    /// Of all questions that the action put.
    List<Plan> of(Runnable action) {
        plans.clear();
        action.run();
        return List.copyOf(plans);
    }

    private DataSource watched(DataSource source) {
        return proxy(
                DataSource.class,
                (method, arguments) -> {
                    var result = method.invoke(source, arguments);
                    return result instanceof Connection connection ? watched(connection) : result;
                });
    }

    private Connection watched(Connection connection) {
        return proxy(
                Connection.class,
                (method, arguments) -> {
                    var result = method.invoke(connection, arguments);
                    return method.getName().equals("prepareStatement") && arguments != null
                            ? watched(connection, (String) arguments[0], (PreparedStatement) result)
                            : result;
                });
    }

    @FunctionalInterface
    private interface Setting {
        void on(PreparedStatement statement) throws ReflectiveOperationException;
    }

    private PreparedStatement watched(
            Connection connection, String text, PreparedStatement statement) {
        var settings = new TreeMap<Integer, Setting>();
        return proxy(
                PreparedStatement.class,
                (method, arguments) -> {
                    if (method.getName().equals("executeQuery")) {
                        plans.add(new Plan(text, explain(connection, text, settings)));
                    } else if (method.getName().startsWith("set")
                            && arguments != null
                            && arguments.length > 1
                            && arguments[0] instanceof Integer index) {
                        settings.put(index, other -> method.invoke(other, arguments));
                    }
                    return method.invoke(statement, arguments);
                });
    }

    private String explain(Connection connection, String text, Map<Integer, Setting> settings)
            throws ReflectiveOperationException, SQLException {
        var explain = dialect.choose("EXPLAIN QUERY PLAN ", "EXPLAIN ");
        try (var statement = connection.prepareStatement(explain + text)) {
            for (var setting : settings.values()) {
                setting.on(statement);
            }
            var steps = new StringBuilder();
            try (var result = statement.executeQuery()) {
                while (result.next()) {
                    steps.append(result.getString(dialect.choose("detail", "QUERY PLAN")))
                            .append('\n');
                }
            }
            return steps.toString();
        }
    }

    @FunctionalInterface
    private interface Call {
        @Nullable Object run(Method method, Object @Nullable [] arguments)
                throws ReflectiveOperationException, SQLException;
    }

    private static <T> T proxy(Class<T> type, Call call) {
        return type.cast(
                Proxy.newProxyInstance(
                        Explained.class.getClassLoader(),
                        new Class<?>[] {type},
                        (_, method, arguments) -> {
                            try {
                                return call.run(method, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        }));
    }

    @Override
    public void close() {
        database.close();
    }
}
