package org.tethral.delivery;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.tethral.event.Event;
import org.tethral.event.LogFeed;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Vault;
import org.tethral.sql.Database;
import org.tethral.sql.Events;
import org.tethral.sql.SqlDeliveryStore;
import org.tethral.sql.SqlEventLog;
import org.tethral.sql.SqlSubscriptionStore;

/// The deliveries of one node, without the rest of the platform. Its clock is ahead of the real one
/// by what a test says.
final class Node implements AutoCloseable {

    final Database database;
    final SqlEventLog log;
    final LogFeed feed;
    final SubscriptionStore subscriptions;
    final DeliveryStore store;
    final Deliveries deliveries;
    private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);

    Node(Database database, TestSinks sinks, String name) {
        InstantSource clock = () -> Instant.now().plus(ahead.get());
        this.database = database;
        this.log = new SqlEventLog(database);
        this.feed = new LogFeed(log);
        this.subscriptions = new SqlSubscriptionStore(database);
        this.store = new SqlDeliveryStore(database);
        var kinds =
                new SinkKinds(
                        List.of(sinks),
                        new SinkKind.Surroundings(clock, new Random(1), true),
                        new Vault(new byte[Vault.KEY_BYTES], new Random(3)));
        this.deliveries = new Deliveries(log, feed, store, kinds, name, clock, new Random(2));
        feed.start();
        deliveries.start();
    }

    /// As if so much time had gone by.
    void advance(Duration time) {
        ahead.updateAndGet(before -> before.plus(time));
        deliveries.wake();
    }

    /// Lets its time go by a hundred times as fast, until closed.
    AutoCloseable hurrying() {
        var thread =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                while (true) {
                                    Thread.sleep(10);
                                    advance(Duration.ofSeconds(1));
                                }
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        });
        return thread::interrupt;
    }

    Subscription subscribe(String name, Interest interest, Subscription.Terms terms) {
        return subscribe(name, interest, terms, log.extent().settled());
    }

    Subscription subscribe(String name, Interest interest, Subscription.Terms terms, long after) {
        var subscription =
                new Subscription(
                        UUID.randomUUID(),
                        new SubscriptionId(name),
                        "api_key:test",
                        interest,
                        TestSinks.settings(name),
                        terms,
                        true,
                        1,
                        Micros.truncated(Instant.now()));
        subscriptions.add(subscription, after);
        deliveries.changed();
        return subscription;
    }

    void append(Event... events) {
        append(List.of(events));
    }

    void append(List<Event> events) {
        Events.append(database, events);
        feed.heard(log.extent().highest());
    }

    Standing standing(String name) {
        return subscriptions.find(new SubscriptionId(name)).orElseThrow();
    }

    @Override
    public void close() {
        deliveries.close();
        feed.close();
    }
}
