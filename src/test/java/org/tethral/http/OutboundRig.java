package org.tethral.http;

import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;
import org.tethral.delivery.Deliveries;
import org.tethral.delivery.DeliveryStore;
import org.tethral.delivery.SinkKind;
import org.tethral.delivery.SinkKinds;
import org.tethral.delivery.SubscriptionStore;
import org.tethral.event.EventLog;
import org.tethral.event.LogFeed;
import org.tethral.ingest.Fact;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.Vault;
import org.tethral.sql.Database;
import org.tethral.sql.SqlDeliveryStore;
import org.tethral.sql.SqlEventLog;
import org.tethral.sql.SqlSubscriptionStore;

/// How events get out, running, as the program wires it.
final class OutboundRig implements AutoCloseable {

    final HttpEdge.Outbound outbound;
    private final Deliveries deliveries;

    OutboundRig(
            Database database,
            Ingest ingest,
            boolean privateTargets,
            InstantSource clock,
            RandomGenerator random) {
        var log = new SqlEventLog(database);
        var feed = new LogFeed(log);
        var store = new SqlDeliveryStore(database);
        var kinds = kinds(privateTargets, clock, random);
        deliveries = new Deliveries(log, feed, store, kinds, "test", clock, random);
        outbound =
                new HttpEdge.Outbound(
                        feed,
                        new SqlSubscriptionStore(database),
                        store,
                        kinds,
                        deliveries::changed);
        feed.start();
        deliveries.start();
        ingest.listen(facts -> {
            for (var fact : facts) {
                if (fact instanceof Fact.Happened(_, var logged)) {
                    feed.heard(logged.sequence());
                }
            }
        });
    }

    /// For servers of which nothing gets out.
    static HttpEdge.Outbound none(InstantSource clock, RandomGenerator random) {
        return new HttpEdge.Outbound(
                new LogFeed(ChannelServer.missing(EventLog.class)),
                ChannelServer.missing(SubscriptionStore.class),
                ChannelServer.missing(DeliveryStore.class),
                kinds(false, clock, random),
                () -> {});
    }

    private static SinkKinds kinds(
            boolean privateTargets, InstantSource clock, RandomGenerator random) {
        return new SinkKinds(
                List.of(),
                new SinkKind.Surroundings(clock, random, privateTargets),
                new Vault(new byte[Vault.KEY_BYTES], random));
    }

    @Override
    public void close() {
        deliveries.close();
        outbound.feed().close();
    }
}
