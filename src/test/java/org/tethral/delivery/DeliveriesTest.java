package org.tethral.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import org.tethral.event.Event;
import org.tethral.event.Priority;
import org.tethral.kernel.Page;
import org.tethral.sql.Events;
import org.tethral.sql.TestDatabase;

/// Deliveries from a real log in a real database to receivers in this process.
@ParameterizedClass(name = "{0}")
@MethodSource("org.tethral.sql.TestDatabases#engines")
class DeliveriesTest {

    private static final Subscription.Terms TERMS = Subscription.Terms.standard(1);
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final TestSinks sinks = new TestSinks();
    private final TestDatabase test;
    private Node node;

    DeliveriesTest(TestDatabase test) {
        this.test = test;
        this.node = new Node(test.database(), sinks, "one");
    }

    @AfterEach
    void close() {
        node.close();
        node.subscriptions
                .list(new SubscriptionStore.Filter(null, null, null), Page.Request.first(1_000))
                .items()
                .forEach(one -> node.subscriptions.remove(one.subscription().name()));
    }

    @Test
    void deliversWhatIsWantedOnceAndInOrderAndCountsIt() {
        var interest =
                new Interest(
                        List.of("test.*"),
                        List.of(),
                        null,
                        null,
                        Priority.NORMAL,
                        DataFilter.parse("n starts 'yes'"));
        node.subscribe("wanted", interest, TERMS);
        var yes = events("yes", 20, 3);
        var no = events("no", 20, 3);
        for (int i = 0; i < 20; i++) {
            node.append(yes.get(i), no.get(i));
        }
        var receiver = sinks.receiver("wanted");
        eventually(() -> receiver.taken.size() == 20);
        assertThat(inOrder(receiver.taken)).isTrue();
        assertThat(new HashSet<>(receiver.ids())).isEqualTo(ids(yes));
        eventually(() -> node.standing("wanted").counts().delivered() == 20);
        eventually(() -> node.standing("wanted").cursor() == node.log.extent().settled());
        assertThat(rows("wanted", null)).isEmpty();
    }

    @Test
    void keepsARowOfEachDeliveryWhereThatIsAsked() {
        node.subscribe(
                "tracked",
                Interest.ALL,
                new Subscription.Terms(1, 2, 3, Duration.ofSeconds(1), true));
        node.append(events("tracked", 5, 2));
        eventually(() -> rows("tracked", Delivery.Status.DELIVERED).size() == 5);
        assertThat(rows("tracked", null))
                .allSatisfy(row -> {
                    assertThat(row.attempts()).isEqualTo(1);
                    assertThat(row.deliveredAt()).isNotNull();
                });
    }

    @Test
    void triesAgainWhatFailsInOrderAndRemembersEachThatTookMoreThanOneAttempt() throws Exception {
        Map<String, Integer> tries = new ConcurrentHashMap<>();
        sinks.receiver("flaky").manner =
                events ->
                        tries.merge(events.getFirst().event().id(), 1, Integer::sum) < 4
                                ? new Sink.Outcome.Failed("not yet", null)
                                : Sink.Outcome.DELIVERED;
        node.subscribe("flaky", Interest.ALL, TERMS);
        var events = events("flaky", 12, 2);
        node.append(events);
        try (var _ = node.hurrying()) {
            eventually(() -> sinks.receiver("flaky").taken.size() == 12);
        }
        assertThat(inOrder(sinks.receiver("flaky").taken)).isTrue();
        eventually(() -> rows("flaky", Delivery.Status.DELIVERED).size() == 12);
        assertThat(rows("flaky", null)).allSatisfy(row -> assertThat(row.attempts()).isEqualTo(4));
        eventually(() -> node.standing("flaky").counts().failed() == 36);
        eventually(() -> node.standing("flaky").failingSince() == null);
    }

    @Test
    void givesUpWhatFailsTooOftenKeepsItAsADeadLetterAndSendsItAgainWhenAsked() throws Exception {
        var poison = "poison-3";
        sinks.receiver("poisoned").manner =
                events -> {
                    if (events.getFirst().event().id().equals(poison)) {
                        throw new IllegalStateException("cannot read this");
                    }
                    return Sink.Outcome.DELIVERED;
                };
        node.subscribe(
                "poisoned",
                Interest.ALL,
                new Subscription.Terms(1, 4, 3, Duration.ofSeconds(5), false));
        node.append(events("poison", 6, 1));
        try (var _ = node.hurrying()) {
            eventually(() -> rows("poisoned", Delivery.Status.DEAD).size() == 1);
        }
        eventually(() -> sinks.receiver("poisoned").taken.size() == 5);
        var dead = rows("poisoned", Delivery.Status.DEAD).getFirst();
        assertThat(dead.eventId()).isEqualTo(poison);
        assertThat(dead.attempts()).isEqualTo(3);
        assertThat(dead.lastError()).isEqualTo("cannot read this");
        eventually(() -> node.standing("poisoned").counts().dead() == 1);

        sinks.receiver("poisoned").manner = _ -> Sink.Outcome.DELIVERED;
        assertThat(node.store.redrive(new SubscriptionId("poisoned"), List.of())).isEqualTo(1);
        node.deliveries.changed();
        eventually(() -> sinks.receiver("poisoned").ids().contains(poison));
        eventually(() -> rows("poisoned", Delivery.Status.DELIVERED).size() == 1);
        assertThat(sinks.receiver("poisoned").taken).hasSize(6);
    }

    @Test
    void countsADeadLetterAtOnceWhereTheReceiverWillNeverTakeIt() {
        sinks.receiver("picky").manner = _ -> new Sink.Outcome.Refused("too long");
        node.subscribe("picky", Interest.ALL, TERMS);
        node.append(events("picky", 3, 1));
        eventually(() -> rows("picky", Delivery.Status.DEAD).size() == 3);
        assertThat(sinks.receiver("picky").attempts).hasValue(3);
    }

    @Test
    void dropsAndCountsWhatIsExpired() {
        var old = Instant.now().minusSeconds(100);
        node.subscribe("fresh", Interest.ALL, TERMS);
        var ttl = Duration.ofSeconds(50);
        node.append(
                Events.of(id("old"), "d", Priority.HIGH, ttl, old),
                Events.of(id("new"), "d", Priority.HIGH, Duration.ofHours(2), old));
        eventually(() -> sinks.receiver("fresh").taken.size() == 1);
        eventually(() -> node.standing("fresh").counts().expired() == 1);
        eventually(() -> rows("fresh", Delivery.Status.EXPIRED).size() == 1);
        assertThat(sinks.receiver("fresh").ids().getFirst()).startsWith("new");
    }

    @Test
    void takesTheMostUrgentFirstWhenItIsBehind() {
        var open = new CountDownLatch(1);
        sinks.receiver("behind").manner =
                _ -> {
                    open.await();
                    return Sink.Outcome.DELIVERED;
                };
        node.subscribe(
                "behind",
                Interest.ALL,
                new Subscription.Terms(1, 1, 3, Duration.ofSeconds(30), false));
        node.append(Events.of(id("first"), "first", Instant.now()));
        eventually(() -> sinks.receiver("behind").attempts.get() == 1);
        var low = new ArrayList<Event>();
        for (int i = 0; i < 50; i++) {
            low.add(Events.of(id("low"), "d" + i, Priority.LOW, null, Instant.now()));
        }
        low.add(Events.of(id("fire"), "alarm", Priority.CRITICAL, null, Instant.now()));
        node.append(low);
        eventually(() -> node.feed.after(node.log.extent().settled()).isEmpty());
        sleepAMoment();
        open.countDown();
        eventually(() -> sinks.receiver("behind").taken.size() == 52);
        assertThat(sinks.receiver("behind").ids().get(1)).startsWith("fire");
    }

    @Test
    void doesNotWaitForADeadOneASlowOneOneThatHangsAndOneThatThrows() {
        sinks.receiver("dead").manner = _ -> new Sink.Outcome.Failed("connection refused", null);
        sinks.receiver("slow").manner =
                _ -> {
                    Thread.sleep(200);
                    return Sink.Outcome.DELIVERED;
                };
        sinks.receiver("hanging").manner =
                _ -> {
                    while (true) {
                        try {
                            Thread.sleep(100_000);
                        } catch (InterruptedException e) {
                            // lies: it does not stop
                        }
                    }
                };
        sinks.receiver("throwing").manner =
                _ -> {
                    throw new StackOverflowError("deep");
                };
        var quick = new Subscription.Terms(1, 2, 5, Duration.ofSeconds(1), false);
        for (var name : List.of("dead", "slow", "hanging", "throwing", "healthy")) {
            node.subscribe(name, Interest.ALL, quick);
        }
        eventually(() -> node.standing("healthy").worker() != null);
        node.append(events("many", 500, 50));
        eventually(() -> sinks.receiver("healthy").taken.size() == 500);
        // which takes ten of them a second
        assertThat(sinks.receiver("slow").taken).hasSizeLessThan(100);
        eventually(() -> "connection refused".equals(node.standing("dead").lastError()));
        eventually(() -> "no answer within 1.0 s".equals(node.standing("hanging").lastError()));
        eventually(() -> "deep".equals(node.standing("throwing").lastError()));
        // one that takes nothing is tried less and less often
        assertThat(sinks.receiver("dead").attempts.get()).isLessThan(20);
        assertThat(node.standing("dead").failingSince()).isNotNull();
    }

    @Test
    void goesOnAfterARestartWhereItHasEnded() {
        sinks.receiver("restarted").manner =
                events ->
                        events.getFirst().event().id().startsWith("stuck")
                                ? new Sink.Outcome.Failed("no", null)
                                : Sink.Outcome.DELIVERED;
        node.subscribe("restarted", Interest.ALL, TERMS);
        node.append(Events.of(id("stuck"), "stuck", Instant.now()));
        node.append(events("before", 30, 5));
        var receiver = sinks.receiver("restarted");
        eventually(() -> receiver.taken.size() == 30);
        node.close();
        Events.append(test.database(), events("meanwhile", 30, 5));
        node = new Node(test.database(), sinks, "one");
        eventually(() -> receiver.taken.size() == 60);
        receiver.manner = _ -> Sink.Outcome.DELIVERED;
        node.advance(Duration.ofMinutes(1));
        eventually(() -> receiver.taken.size() == 61);
        assertThat(new HashSet<>(receiver.ids())).hasSize(61);
        eventually(() -> rows("restarted", Delivery.Status.DELIVERED).size() == 1);
    }

    @Test
    void keepsWhatHappensWhileItIsPaused() {
        var subscription = node.subscribe("paused", Interest.ALL, TERMS);
        node.append(events("awake", 3, 1));
        eventually(() -> sinks.receiver("paused").taken.size() == 3);
        eventually(() -> node.standing("paused").counts().delivered() == 3);
        var paused = stored(node.subscriptions.change(subscription.activated(false)));
        node.deliveries.changed();
        eventually(() -> claimsNothingOf("paused"));
        node.append(events("asleep", 4, 1));
        sleepAMoment();
        assertThat(sinks.receiver("paused").taken).hasSize(3);
        stored(node.subscriptions.change(paused.activated(true)));
        node.deliveries.changed();
        eventually(() -> sinks.receiver("paused").taken.size() == 7);
    }

    @Test
    void replaysFromASequenceAndFromATimeToOldAndNewSubscriptions() {
        var start = node.log.extent().settled();
        var later = Instant.now().plus(Duration.ofDays(400 + NUMBER.incrementAndGet()));
        var events = new ArrayList<Event>();
        for (int i = 0; i < 10; i++) {
            events.add(Events.of(id("history"), "h", later.plusSeconds(i)));
        }
        node.append(events);
        node.subscribe("fresh-start", Interest.ALL, TERMS, start);
        eventually(() -> sinks.receiver("fresh-start").taken.size() == 10);
        eventually(() -> node.standing("fresh-start").counts().delivered() == 10);

        var fifth = node.log.find(events.get(4).id()).orElseThrow().sequence();
        node.subscriptions.replay(new SubscriptionId("fresh-start"), fifth);
        node.deliveries.changed();
        eventually(() -> sinks.receiver("fresh-start").taken.size() == 15);
        assertThat(sinks.receiver("fresh-start").ids().subList(10, 15))
                .isEqualTo(events.subList(5, 10).stream().map(Event::id).toList());
        assertThat(node.log.before(later.minusSeconds(1))).isEqualTo(start);
        assertThat(node.log.before(later.plusSeconds(60))).isEqualTo(node.log.extent().settled());
    }

    @Test
    void hasAnotherNodeTakeOverWithinSecondsAndSkipsNothing() {
        if (test.toString().equals("SQLite")) {
            return; // one process
        }
        var receiver = sinks.receiver("moving");
        node.subscribe("moving", Interest.ALL, TERMS);
        eventually(() -> "one".equals(node.standing("moving").worker()));
        var two = new Node(test.database(), sinks, "two");
        try {
            node.append(events("one", 50, 5));
            eventually(() -> receiver.taken.size() == 50);
            eventually(() -> node.standing("moving").counts().delivered() == 50);
            assertThat(node.standing("moving").worker()).isEqualTo("one");
            // dead to the others: it does not renew its leases, nor release them
            node.deliveries.abandon();
            var begin = System.nanoTime();
            two.append(events("two", 50, 5));
            eventually(() -> receiver.taken.size() >= 100);
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .isLessThan(Deliveries.LEASE.plusSeconds(4));
            assertThat(node.standing("moving").worker()).isEqualTo("two");
            assertThat(new HashSet<>(receiver.ids())).hasSize(100);
            assertThat(receiver.taken).hasSize(100);
        } finally {
            two.close();
        }
    }

    // ---

    private boolean claimsNothingOf(String name) {
        return node.deliveries.working().stream().noneMatch(one -> one.value().equals(name));
    }

    private static Subscription stored(SubscriptionStore.Outcome outcome) {
        assertThat(outcome).isInstanceOf(SubscriptionStore.Outcome.Stored.class);
        return ((SubscriptionStore.Outcome.Stored) outcome).standing().subscription();
    }

    private List<Delivery> rows(
            String name,
            org.tethral.delivery.Delivery.@org.jspecify.annotations.Nullable Status status) {
        return node.store.list(new SubscriptionId(name), status, Page.Request.first(1_000)).items();
    }

    /// Spread over that many devices.
    private static List<Event> events(String prefix, int count, int devices) {
        return IntStream.range(0, count)
                .mapToObj(i ->
                        Events.of(
                                prefix.equals("poison") ? "poison-" + i : id(prefix),
                                "d" + i % devices,
                                Instant.now()))
                .toList();
    }

    private static String id(String prefix) {
        return prefix + "-" + NUMBER.incrementAndGet();
    }

    private static Set<String> ids(List<Event> events) {
        return events.stream().map(Event::id).collect(Collectors.toSet());
    }

    private static boolean inOrder(List<Event.Logged> taken) {
        Map<String, Long> last = new ConcurrentHashMap<>();
        synchronized (taken) {
            return taken.stream()
                    .allMatch(logged -> {
                        var before = last.put(logged.event().source(), logged.sequence());
                        return before == null || before < logged.sequence();
                    });
        }
    }

    private static void sleepAMoment() {
        try {
            Thread.sleep(10);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
