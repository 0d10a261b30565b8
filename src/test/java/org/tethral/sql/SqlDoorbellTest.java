package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tethral.command.Doorbell;

class SqlDoorbellTest {

    private static TestDatabase test;

    @BeforeAll
    static void open() {
        test = TestDatabase.postgresql();
        test.database();
    }

    @AfterAll
    static void close() {
        test.close();
    }

    /// Its own, and what it heard.
    private record Bell(Doorbell doorbell, BlockingQueue<String> heard) implements AutoCloseable {

        static Bell of(String node) {
            var heard = new LinkedBlockingQueue<String>();
            var bell = new Bell(SqlDoorbell.of(test.database(), test.url(), node), heard);
            bell.doorbell.answer(heard::add);
            return bell;
        }

        /// Rings until it is heard: a bell that listens for the first time, or again, may miss one.
        void awaitHearing(Bell ringer, String node) throws InterruptedException {
            var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            String last;
            String answer;
            var rings = 0;
            do {
                assertThat(System.nanoTime()).as("heard").isLessThan(deadline);
                last = "are you there? " + rings++;
                ringer.doorbell.ring(node, last);
                answer = heard.poll(100, TimeUnit.MILLISECONDS);
            } while (answer == null);
            // once it listens, it hears all that was rung since, in order
            while (!last.equals(answer)) {
                answer = heard.poll(20, TimeUnit.SECONDS);
                assertThat(answer).as("heard after it listened").isNotNull();
            }
        }

        @Override
        public void close() {
            doorbell.close();
        }
    }

    @Test
    void ringsTheNodeThatIsMeantAndNoOther() throws Exception {
        try (var a = Bell.of("a");
                var b = Bell.of("b")) {
            a.awaitHearing(b, "a");
            b.awaitHearing(a, "b");
            a.doorbell().ring("b", "issued 1");
            a.doorbell().ring("b", "issued 2");
            assertThat(b.heard().poll(5, TimeUnit.SECONDS)).isEqualTo("issued 1");
            assertThat(b.heard().poll(5, TimeUnit.SECONDS)).isEqualTo("issued 2");
            assertThat(a.heard()).isEmpty();
        }
    }

    @Test
    void keepsNamesApartThatLookAlikeOrAreLong() throws Exception {
        var names = new String[] {"Node.1", "node-1", "é'\"; --", "n".repeat(200)};
        for (var name : names) {
            assertThat(SqlDoorbell.channel(name).getBytes(StandardCharsets.UTF_8))
                    .hasSizeLessThanOrEqualTo(63);
            try (var own = Bell.of(name);
                    var other = Bell.of(names[0].equals(name) ? names[1] : names[0])) {
                own.awaitHearing(other, name);
                assertThat(other.heard()).isEmpty();
            }
        }
    }

    @Test
    void hearsAgainWhenItsConnectionWasCut() throws Exception {
        try (var a = Bell.of("cut-a");
                var b = Bell.of("cut-b")) {
            b.awaitHearing(a, "cut-b");
            assertThat(cut("cut_b")).isOne();
            b.awaitHearing(a, "cut-b");
        }
    }

    /// How many connections of the database's were ended that listen there.
    private static long cut(String slug) throws SQLException {
        try (var connection = test.connect();
                var statement =
                        connection.prepareStatement(
                                """
                                SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                                WHERE datname = current_database() AND query LIKE 'LISTEN %' || ?
                                """)) {
            statement.setString(1, slug);
            try (var rows = statement.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }

    @Test
    void goesOnWhenAnAnswerFails() throws Exception {
        var heard = new LinkedBlockingQueue<String>();
        try (var failing = SqlDoorbell.of(test.database(), test.url(), "failing");
                var ringer = Bell.of("ringer")) {
            failing.answer(message -> {
                heard.add(message);
                throw new IllegalStateException("on command");
            });
            for (int i = 0; i < 2; i++) {
                do {
                    ringer.doorbell().ring("failing", "once more");
                } while (heard.poll(100, TimeUnit.MILLISECONDS) == null);
            }
        }
    }

    @Test
    void endsAtOnce() {
        var bell = Bell.of("ends");
        var begin = System.nanoTime();
        bell.close();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(3));
    }

    @Test
    void ringsNobodyWhereThereIsNobody() {
        try (var file = TestDatabase.sqlite()) {
            assertThat(SqlDoorbell.of(file.database(), file.url(), "alone"))
                    .isSameAs(Doorbell.NONE);
        }
    }
}
