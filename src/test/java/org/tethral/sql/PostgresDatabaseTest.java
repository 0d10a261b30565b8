package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tethral.sql.TestDatabase.NOW;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceStore;
import org.tethral.kernel.Document;
import org.tethral.kernel.StorageException;

class PostgresDatabaseTest {

    private static final TestDatabase TEST = TestDatabase.postgresql();

    private static PostgresDatabase database() {
        return (PostgresDatabase) TEST.database();
    }

    @AfterAll
    static void removeDatabase() {
        TEST.close();
    }

    @Test
    void doesAgainWhatTheDatabaseCouldNotSerializeAndDoesItOnce() {
        for (var state : List.of("40001", "40P01")) {
            var failures = new AtomicInteger(3);
            var flaky = flaky("commit", state, failures);
            var id = new DeviceId("serialized-" + state);
            assertThat(
                            new SqlDeviceStore(flaky)
                                    .add(Devices.plain(id.value()), null, Devices.ACTOR))
                    .isInstanceOf(DeviceStore.Addition.Added.class);
            assertThat(failures).hasValue(0);
            assertThat(count("SELECT count(*) FROM devices WHERE device_id = '" + id + "'"))
                    .isOne();
            assertThat(count("SELECT count(*) FROM events WHERE device_id = '" + id + "'")).isOne();
        }
    }

    @Test
    void doesAgainWhatFailedInTheMiddle() {
        var failures = new AtomicInteger(7);
        var flaky = flaky("prepareStatement", "40001", failures);
        new SqlDeviceStore(flaky).add(Devices.plain("half-way"), null, Devices.ACTOR);
        assertThat(failures).hasValue(0);
        assertThat(count("SELECT count(*) FROM devices WHERE device_id = 'half-way'")).isOne();
    }

    @Test
    void givesUpOnWhatAlwaysLoses() {
        var flaky = flaky("commit", "40001", new AtomicInteger(Integer.MAX_VALUE));
        assertThatThrownBy(() ->
                        new SqlDeviceStore(flaky).add(Devices.plain("loser"), null, Devices.ACTOR))
                .isInstanceOfSatisfying(
                        StorageException.class,
                        e -> assertThat(e.kind()).isEqualTo(StorageException.Cause.CONFLICT))
                .hasMessageStartingWith("add device loser: ");
        assertThat(count("SELECT count(*) FROM devices WHERE device_id = 'loser'")).isZero();
    }

    @Test
    void doesNotDoAgainWhatMayHaveBeenCommitted() {
        var failures = new AtomicInteger(2);
        var flaky = flaky("commit", "08006", failures);
        assertThatThrownBy(() ->
                        new SqlDeviceStore(flaky).add(Devices.plain("cut"), null, Devices.ACTOR))
                .isInstanceOfSatisfying(
                        StorageException.class,
                        e -> assertThat(e.kind()).isEqualTo(StorageException.Cause.UNAVAILABLE));
        assertThat(failures).hasValue(1);
    }

    /// The database, whose connections fail at that method as often as `failures` says.
    private static PostgresDatabase flaky(String method, String state, AtomicInteger failures) {
        var source =
                (DataSource)
                        proxy(
                                DataSource.class,
                                database().source(),
                                (name, result) ->
                                        result instanceof Connection connection
                                                ? proxy(
                                                        Connection.class,
                                                        connection,
                                                        (called, inner) -> {
                                                            if (called.equals(method)
                                                                    && failures.getAndUpdate(n ->
                                                                            Math.max(0, n - 1))
                                                                            > 0) {
                                                                throw new SQLException(
                                                                        "injected at " + name,
                                                                        state);
                                                            }
                                                            return inner;
                                                        })
                                                : result);
        return new PostgresDatabase(source, () -> {}, Dialect.POSTGRESQL, "flaky");
    }

    private interface Hook {
        Object called(String method, Object result) throws SQLException;
    }

    private static Object proxy(Class<?> type, Object target, Hook hook) {
        return Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (_, method, arguments) -> {
                    if (method.getName().equals("commit")) {
                        hook.called("commit", target); // fails before it is committed
                    }
                    try {
                        var result = method.invoke(target, arguments);
                        return method.getName().equals("commit")
                                ? result
                                : hook.called(method.getName(), result);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void tellsFromTheSqlStateWhatItMeans() {
        var meanings =
                Map.of(
                        "40001", StorageException.Cause.CONFLICT,
                        "40P01", StorageException.Cause.CONFLICT,
                        "22021", StorageException.Cause.REFUSED,
                        "23514", StorageException.Cause.REFUSED,
                        "54000", StorageException.Cause.REFUSED,
                        "08006", StorageException.Cause.UNAVAILABLE,
                        "53100", StorageException.Cause.UNAVAILABLE,
                        "57P01", StorageException.Cause.UNAVAILABLE,
                        "25006", StorageException.Cause.UNAVAILABLE,
                        "42P01", StorageException.Cause.UNAVAILABLE);
        meanings.forEach((state, kind) ->
                assertThat(SqlErrors.kind(new SQLException("x", state))).as(state).isEqualTo(kind));
        assertThat(SqlErrors.kind(new SQLException("no state")))
                .isEqualTo(StorageException.Cause.UNAVAILABLE);
    }

    @Test
    void saysThatTheDatabaseIsDown() throws IOException {
        int port;
        try (var socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        var url = DatabaseUrl.parse("postgresql://tess:hunter2@127.0.0.1:" + port + "/fleet");
        assertThatThrownBy(() -> Database.open(url, InstantSource.fixed(NOW)))
                .isInstanceOf(StorageException.class)
                .hasMessageStartingWith(
                        "connect to postgresql://tess@127.0.0.1:" + port + "/fleet: ")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void hasNothingToReadWhereThereAreNoTables() {
        try (var empty = TestDatabase.postgresql()) {
            assertThatThrownBy(() -> Database.openToRead(empty.url()))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("has no tables of this program");
        }
    }

    @Test
    void keepsValuesOutOfItsErrors() {
        assertThatThrownBy(() ->
                        database()
                                .write(
                                        "write",
                                        session ->
                                                session.sql(
                                                                """
                                                                INSERT INTO api_keys (id, name, key_hash, role, created_at)
                                                                VALUES (gen_random_uuid(), 'hunter2', 'h', 'king', now())
                                                                """)
                                                        .update()))
                .isInstanceOf(StorageException.class)
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void keepsNoPreparedStatementsOnTheServerBehindAPooler() {
        if (!(TEST.url() instanceof DatabaseUrl.Postgres url)) {
            throw new AssertionError(TEST.url());
        }
        var pooled =
                new DatabaseUrl.Postgres(
                        url.hosts(), url.name(), url.user(), null, Map.of("pgbouncer", "true"));
        try (var database = Database.openToRead(pooled)) {
            var prepared =
                    database.read(
                            "look",
                            session -> {
                                for (int i = 0; i < 20; i++) {
                                    session.sql("SELECT ? + 1 AS x").set(i).number();
                                }
                                return session.sql("SELECT count(*) FROM pg_prepared_statements")
                                        .number();
                            });
            assertThat((long) prepared).isZero();
        }
    }

    @Test
    void makesThePartitionsOfTheMonthsAround() {
        assertThat(partitions())
                .contains(
                        "device_state_snapshots_2026_05",
                        "device_state_snapshots_2026_07",
                        "device_state_snapshots_2027_07",
                        "device_state_snapshots_default")
                .doesNotContain("device_state_snapshots_2026_04", "device_state_snapshots_2027_08");
    }

    @Test
    void movesRowsOutOfTheDefaultPartitionIntoTheirNewMonth() {
        var late = Instant.parse("2028-03-31T23:59:59.999999Z");
        var later = Instant.parse("2028-04-01T00:00:00Z");
        database().write("fill", session -> snapshot(session, late) + snapshot(session, later));
        assertThat(partitionOf(late)).isEqualTo("device_state_snapshots_default");
        Partitions.make(database(), late);
        assertThat(partitionOf(late)).isEqualTo("device_state_snapshots_2028_03");
        assertThat(partitionOf(later)).isEqualTo("device_state_snapshots_2028_04");
        assertThat(count("SELECT count(*) FROM device_state_snapshots_default")).isZero();
        var before = partitions();
        Partitions.make(database(), late.plus(Duration.ofHours(1)).minus(Duration.ofDays(1)));
        assertThat(partitions()).isEqualTo(before);
    }

    @Test
    void looksIntoOnePartitionForOneMonth() {
        var plan =
                database()
                        .read(
                                "explain",
                                session ->
                                        String.join(
                                                "\n",
                                                session.sql(
                                                                """
                                                                EXPLAIN SELECT * FROM device_state_snapshots
                                                                WHERE device_id = 'x' AND timestamp >= '2026-07-02Z'
                                                                  AND timestamp < '2026-07-03Z'
                                                                ORDER BY timestamp, sequence
                                                                """)
                                                        .list(row -> row.text("QUERY PLAN"))));
        assertThat(plan)
                .contains("device_state_snapshots_2026_07_pkey")
                .doesNotContain("2026_08", "default", "Sort");
    }

    private static int snapshot(Session session, Instant at) throws SQLException {
        return session.sql(
                        "INSERT INTO device_state_snapshots (device_id, timestamp, sequence, state_data) VALUES ('d', ?, 1, ?)")
                .set(at)
                .set(Document.EMPTY)
                .update();
    }

    private static String partitionOf(Instant at) {
        return database()
                .read(
                        "look",
                        session ->
                                session.sql(
                                                "SELECT tableoid::regclass::text AS name FROM device_state_snapshots WHERE timestamp = ?")
                                        .set(at)
                                        .find(row -> row.text("name"))
                                        .orElse(""));
    }

    private static List<String> partitions() {
        return database()
                .read(
                        "list",
                        session ->
                                session.sql(
                                                """
                                                SELECT inhrelid::regclass::text AS name FROM pg_inherits
                                                WHERE inhparent = 'device_state_snapshots'::regclass ORDER BY 1
                                                """)
                                        .list(row -> row.text("name")));
    }

    private static long count(String statement) {
        return database().read("count", session -> session.sql(statement).number());
    }
}
