package org.tethral.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.event.Event;
import org.tethral.sql.Events;
import org.tethral.sql.TestDatabase;

/// Fifty subscriptions, of which five have receivers that are dead, each in its own way: the others
/// lose nothing and are not slower for it.
class CrowdTest {

    private static final int HEALTHY = 45;
    private static final int DEVICES = 100;
    private static final int COMMIT = 500;
    private static final int LATENCIES_KEPT_MAX = 20_000;
    private static final int LOOKS_AT_THE_HEAP = 20;

    /// By then caches are full and windows stand open.
    private static final double WARMED_UP_AFTER = 0.3;

    private static final long HEAP_GROWTH_MAX = 32L << 20;

    /// In the long form, so that it can be tried with fewer first.
    private static final int MANY = Integer.getInteger("crowd.events", 1_000_000);

    private static final Subscription.Terms TERMS =
            new Subscription.Terms(100, 4, 16, Duration.ofSeconds(2), false);

    private final TestSinks sinks = new TestSinks();
    private long warmHeap;
    private long mostHeap;

    /// Counts what one receiver was given, without keeping it.
    private static final class Counted implements TestSinks.Manner {
        private final BitSet seen;
        private final int[] lastOfDevice = new int[DEVICES];
        private final long[] latencies;
        private int count;
        private int repeated;
        private int disordered;

        Counted(int events) {
            seen = new BitSet(events);
            latencies = new long[Math.min(events, LATENCIES_KEPT_MAX)];
            Arrays.fill(lastOfDevice, -1);
        }

        @Override
        public synchronized Sink.Outcome take(List<Event.Logged> events) {
            var now = System.nanoTime();
            for (var logged : events) {
                var parts = logged.event().id().split("-", 3);
                var number = Integer.parseInt(parts[1]);
                latencies[count % latencies.length] = now - Long.parseLong(parts[2]);
                count++;
                repeated += seen.get(number) ? 1 : 0;
                seen.set(number);
                disordered += lastOfDevice[number % DEVICES] >= number ? 1 : 0;
                lastOfDevice[number % DEVICES] = number;
            }
            return Sink.Outcome.DELIVERED;
        }

        synchronized int count() {
            return seen.cardinality();
        }
    }

    @Test
    void aDeadFewDoNotSlowTheManyDown() throws Exception {
        prove(TestDatabase.sqlite(), 20_000);
    }

    @Tag("soak")
    @ParameterizedTest
    @ValueSource(strings = {"SQLite", "PostgreSQL"})
    void losesNoneOfAMillionEvents(String engine) throws Exception {
        prove(engine.equals("SQLite") ? TestDatabase.sqlite() : TestDatabase.postgresql(), MANY);
    }

    private void prove(TestDatabase test, int events) throws Exception {
        try (test;
                var node = new Node(test.database(), sinks, "one")) {
            for (int i = 0; i < HEALTHY; i++) {
                sinks.receiver("healthy-" + i).keeps = false;
                node.subscribe("healthy-" + i, Interest.ALL, TERMS);
            }
            run(node, "warm", 2_000, 500);
            var before = run(node, "before", 4_000, 50);
            addDead(node);
            var beside = run(node, "beside", 4_000, 50);
            System.out.printf(
                    "latency alone: p50 %.1f ms, p95 %.1f ms; beside the dead: p50 %.1f ms, p95 %.1f ms%n",
                    before.millis(50), before.millis(95), beside.millis(50), beside.millis(95));
            // a few milliseconds are the machine's
            assertThat(beside.millis(50)).isLessThan(2 * before.millis(50) + 5);
            assertThat(beside.millis(95)).isLessThan(2 * before.millis(95) + 20);

            var begin = System.nanoTime();
            run(node, "crowd", events, COMMIT);
            var seconds = (System.nanoTime() - begin) / 1e9;
            var grown = mostHeap - warmHeap;
            System.out.printf(
                    "%s: %d events to %d receivers in %.1f s (%.0f deliveries/s), heap %d MB, later at most %+d MB%n",
                    test.database().describe(),
                    events,
                    HEALTHY,
                    seconds,
                    (double) events * HEALTHY / seconds,
                    warmHeap >> 20,
                    grown >> 20);
            assertThat(grown).as("bytes of heap more").isLessThan(HEAP_GROWTH_MAX);
            assertThat(node.standing("dead-0").failingSince()).isNotNull();
            assertThat(node.standing("dead-0").counts().delivered()).isZero();
        }
    }

    private void addDead(Node node) {
        List<TestSinks.Manner> manners =
                List.of(
                        _ -> new Sink.Outcome.Failed("connection refused", null),
                        _ -> {
                            throw new IllegalStateException("broken");
                        },
                        _ -> {
                            TimeUnit.HOURS.sleep(1);
                            return Sink.Outcome.DELIVERED;
                        },
                        _ -> {
                            TimeUnit.SECONDS.sleep(1);
                            return new Sink.Outcome.Failed("status 500", null);
                        },
                        _ -> new Sink.Outcome.Failed("status 503", Duration.ofSeconds(30)));
        for (int i = 0; i < manners.size(); i++) {
            sinks.receiver("dead-" + i).manner = manners.get(i);
            node.subscribe("dead-" + i, Interest.ALL, TERMS);
        }
    }

    private static final class Latencies {
        private final long[] sortedNanos;

        Latencies(long[] sortedNanos) {
            this.sortedNanos = sortedNanos;
        }

        double millis(int percent) {
            return sortedNanos[(int) ((sortedNanos.length - 1L) * percent / 100)] / 1e6;
        }
    }

    /// So many events in one commit after the other, and until all receivers have them all.
    private Latencies run(Node node, String name, int events, int atOnce) throws Exception {
        var receivers = new ArrayList<Counted>();
        for (int i = 0; i < HEALTHY; i++) {
            var counted = new Counted(events);
            receivers.add(counted);
            sinks.receiver("healthy-" + i).manner = counted;
        }
        for (int first = 0; first < events; first += atOnce) {
            var batch = new ArrayList<Event>();
            for (int n = first; n < Math.min(events, first + atOnce); n++) {
                batch.add(
                        Events.of(
                                name + "-" + n + "-" + System.nanoTime(),
                                "d" + n % DEVICES,
                                Instant.now()));
            }
            node.append(batch);
            if (atOnce < COMMIT) {
                TimeUnit.MILLISECONDS.sleep(50);
            } else if (first % (events / LOOKS_AT_THE_HEAP) == 0) {
                look(first < WARMED_UP_AFTER * events);
            }
        }
        var end = System.nanoTime() + Duration.ofMinutes(30).toNanos();
        for (var receiver : receivers) {
            while (receiver.count() < events) {
                assertThat(System.nanoTime()).as("all in time").isLessThan(end);
                TimeUnit.MILLISECONDS.sleep(10);
            }
            assertThat(receiver.repeated).as("given twice").isZero();
            assertThat(receiver.disordered).as("out of order").isZero();
        }
        var all = receivers.stream().flatMapToLong(one -> Arrays.stream(one.latencies)).sorted();
        return new Latencies(all.toArray());
    }

    private void look(boolean warmingUp) throws InterruptedException {
        var used = usedHeap();
        if (warmingUp) {
            warmHeap = Math.max(warmHeap, used);
        } else {
            mostHeap = Math.max(mostHeap, used);
        }
    }

    private static long usedHeap() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            System.gc();
            TimeUnit.MILLISECONDS.sleep(50);
        }
        var runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
