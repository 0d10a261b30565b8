package org.tethral;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;
import org.tethral.delivery.Deliveries;
import org.tethral.delivery.SinkKind;
import org.tethral.delivery.SinkKinds;
import org.tethral.event.LogFeed;
import org.tethral.http.HttpEdge;
import org.tethral.ingest.Fact;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.Vault;
import org.tethral.sql.Database;
import org.tethral.sql.SqlDeliveryStore;
import org.tethral.sql.SqlEventLog;
import org.tethral.sql.SqlSubscriptionStore;

/// How events get out of the log: to who follows it, and to who has subscribed. Woken by what
/// ingest commits.
final class EventDelivery implements AutoCloseable {

    private final LogFeed feed;
    private final Deliveries deliveries;
    private final HttpEdge.Outbound outbound;

    /// @param wired kinds of receivers that other parts of this process bring
    EventDelivery(
            Config config,
            Database database,
            Ingest ingest,
            List<SinkKind> wired,
            String node,
            Vault vault,
            InstantSource clock,
            RandomGenerator random,
            MeterRegistry meters) {
        var log = new SqlEventLog(database);
        var store = new SqlDeliveryStore(database);
        var kinds =
                new SinkKinds(
                        wired,
                        new SinkKind.Surroundings(clock, random, config.privateTargets()),
                        vault);
        this.feed = new LogFeed(log);
        this.deliveries = new Deliveries(log, feed, store, kinds, node, clock, random);
        this.outbound =
                new HttpEdge.Outbound(
                        feed,
                        new SqlSubscriptionStore(database),
                        store,
                        kinds,
                        deliveries::changed);
        ingest.listen(this::committed);
        measure(meters);
    }

    HttpEdge.Outbound outbound() {
        return outbound;
    }

    void start() {
        feed.start();
        deliveries.start();
    }

    private void committed(List<Fact> facts) {
        var highest = 0L;
        for (var fact : facts) {
            if (fact instanceof Fact.Happened(_, var logged)) {
                highest = Math.max(highest, logged.sequence());
            }
        }
        if (highest > 0) {
            feed.heard(highest);
        }
    }

    private void measure(MeterRegistry meters) {
        Gauge.builder("tethral.subscriptions.active", deliveries, Deliveries::active)
                .description("subscriptions that this node delivers")
                .register(meters);
        FunctionCounter.builder(
                        "tethral.events.delivered", deliveries, one -> one.counts().delivered())
                .description("events that receivers took")
                .register(meters);
        FunctionCounter.builder(
                        "tethral.events.attempts.failed", deliveries, one -> one.counts().failed())
                .description("attempts at delivery that failed")
                .register(meters);
        FunctionCounter.builder("tethral.events.dead", deliveries, one -> one.counts().dead())
                .description("events that were given up")
                .register(meters);
        FunctionCounter.builder("tethral.events.expired", deliveries, one -> one.counts().expired())
                .description("events whose time to live was over")
                .register(meters);
    }

    @Override
    public void close() {
        deliveries.close();
        feed.close();
    }
}
