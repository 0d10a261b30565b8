package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tethral.device.ConnectingDevice;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.kernel.Value;

/// What CockroachDB and networks do to commits, done to a real PostgreSQL on command.
class PostgresFaultsTest {

    private static final Instant NOW = Instant.parse("2026-07-14T12:00:00Z");

    private enum Fault {
        /// SQLSTATE 40001: CockroachDB had to choose another transaction.
        SERIALIZATION,
        /// Committed, and the connection is gone before the answer.
        ANSWER_LOST,
        /// Gone, and nothing is committed.
        CUT
    }

    private final TestDatabase test = TestDatabase.postgresql();
    private final AtomicInteger faults = new AtomicInteger();
    private @Nullable Fault fault;
    private PostgresDatabase faulty;
    private Ingest ingest;
    private ConnectingDevice device;

    PostgresFaultsTest() {
        this.faulty = wrap((PostgresDatabase) test.database());
        this.device = new Fleet(test.database()).add("d");
        this.ingest =
                new Ingest(
                        1,
                        lane -> SqlJournal.open(faulty, "faulty", lane, new SplittableRandom(7)),
                        InstantSource.fixed(NOW),
                        new SimpleMeterRegistry());
    }

    @BeforeEach
    void start() {
        ingest.start();
    }

    @AfterEach
    void close() {
        ingest.close();
        test.close();
    }

    @Test
    void repeatsACommitThatLostAgainstAnother() {
        reportsThrough(Fault.SERIALIZATION);
    }

    @Test
    void doesNotDoubleACommitWhoseAnswerWasLost() {
        reportsThrough(Fault.ANSWER_LOST);
    }

    @Test
    void repeatsACommitWhoseConnectionWasCut() {
        reportsThrough(Fault.CUT);
    }

    private void reportsThrough(Fault what) {
        fault = what;
        var answers = new ArrayList<CompletableFuture<Answer>>();
        for (int i = 0; i < 60; i++) {
            if (i % 20 == 10) {
                faults.set(2);
            }
            answers.add(ingest.submit(report(i)));
            if (i % 20 == 19) {
                answers.forEach(answer -> answer.orTimeout(20, TimeUnit.SECONDS).join());
            }
        }
        assertThat(answers).allMatch(answer -> answer.join() instanceof Answer.Stored);
        assertThat(faults.get()).isNotPositive();
        var stored =
                new SqlHistoryStore(test.database(), _ -> {})
                        .newest(device.id(), Page.Request.first(100))
                        .items();
        assertThat(stored).hasSize(60);
        var state = new SqlStateStore(test.database()).find(device.id()).orElseThrow();
        assertThat(state.reportedVersion()).isEqualTo(60);
        assertThat(state.reported()).isEqualTo(Document.of("n", Value.of(59)));
        assertThat(ingest.health().ok()).isTrue();
    }

    private Inbound report(int n) {
        return new Inbound.Report(
                device,
                NOW,
                List.of(new Inbound.Measurement(NOW, null, Document.of("n", Value.of(n)))));
    }

    private PostgresDatabase wrap(PostgresDatabase database) {
        var behind = database.source();
        var source =
                (DataSource)
                        Proxy.newProxyInstance(
                                DataSource.class.getClassLoader(),
                                new Class<?>[] {DataSource.class},
                                (_, method, arguments) ->
                                        invoke(behind, method, arguments) instanceof Connection c
                                                ? faulty(c)
                                                : null);
        return new PostgresDatabase(source, () -> {}, Dialect.POSTGRESQL, "faulty");
    }

    private Connection faulty(Connection connection) {
        return (Connection)
                Proxy.newProxyInstance(
                        Connection.class.getClassLoader(),
                        new Class<?>[] {Connection.class},
                        (_, method, arguments) -> {
                            if (method.getName().equals("commit") && faults.getAndDecrement() > 0) {
                                fail(connection);
                            }
                            return invoke(connection, method, arguments);
                        });
    }

    private void fail(Connection connection) throws SQLException {
        switch (fault) {
            case SERIALIZATION -> {
                connection.rollback();
                throw new SQLException("restart transaction", "40001");
            }
            case ANSWER_LOST -> {
                connection.commit();
                throw new SQLException("an I/O error occurred", "08006");
            }
            case CUT -> {
                connection.rollback();
                throw new SQLException("an I/O error occurred", "08006");
            }
            case null -> throw new IllegalStateException("no fault chosen");
        }
    }

    private static @Nullable Object invoke(
            Object behind, Method method, @Nullable Object[] arguments) throws Throwable {
        try {
            return method.invoke(behind, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
