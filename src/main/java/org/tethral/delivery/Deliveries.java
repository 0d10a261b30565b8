package org.tethral.delivery;

import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.event.EventLog;
import org.tethral.event.LogFeed;
import org.tethral.event.Lookout;
import org.tethral.kernel.StorageException;

/// Hands events over to subscribers: one worker for each active subscription that this node holds.
/// A node that dies loses its leases, and others take over within seconds.
public final class Deliveries implements AutoCloseable {

    static final Duration CLAIM_EVERY = Duration.ofSeconds(1);

    /// A node that could not renew its leases for so long starts nothing more; the leases last a
    /// little longer.
    static final Duration LEASES_TRUSTED_FOR = Duration.ofSeconds(4);

    /// How long the store lets a lease last.
    public static final Duration LEASE = Duration.ofSeconds(5);

    private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(8);
    private static final Logger LOG = LoggerFactory.getLogger(Deliveries.class);

    private final DeliveryStore store;
    private final String node;
    private final Map<SubscriptionId, Worker> workers = new ConcurrentHashMap<>();
    private final Keeper keeper;
    private final Worker.Shared shared;
    private final Lookout lookout = new Lookout("deliveries", CLAIM_EVERY, this::claim, _ -> {});
    private volatile long renewedNanos = System.nanoTime();

    /// @param node the name of this process among those that share the database
    public Deliveries(
            EventLog log,
            LogFeed feed,
            DeliveryStore store,
            SinkKinds kinds,
            String node,
            InstantSource clock,
            RandomGenerator random) {
        this.store = store;
        this.node = node;
        this.keeper = new Keeper(store);
        this.shared =
                new Worker.Shared(
                        log,
                        feed,
                        store,
                        keeper,
                        kinds,
                        clock,
                        random,
                        this::mayCountOnLeases,
                        lookout::ring);
    }

    public void start() {
        keeper.start();
        lookout.start();
    }

    /// Somebody changed a subscription: looks at once.
    public void changed() {
        lookout.ring();
    }

    private boolean mayCountOnLeases() {
        return System.nanoTime() - renewedNanos < LEASES_TRUSTED_FOR.toNanos();
    }

    private boolean claim() {
        var begin = System.nanoTime();
        workers.values().removeIf(Worker::ended);
        var fences = fences();
        var claimed = new HashMap<SubscriptionId, DeliveryStore.Held>();
        for (var held : store.claim(node, fences)) {
            claimed.put(held.subscription(), held);
        }
        renewedNanos = begin;
        for (var worker : workers.values()) {
            if (!worker.held().equals(claimed.get(worker.held().subscription()))) {
                worker.stop();
            }
        }
        for (var held : claimed.values()) {
            if (!workers.containsKey(held.subscription())) {
                var worker = new Worker(held, shared);
                workers.put(held.subscription(), worker);
                worker.start();
            }
        }
        return false;
    }

    private Map<SubscriptionId, Long> fences() {
        var fences = new HashMap<SubscriptionId, Long>();
        workers.forEach((name, worker) -> fences.put(name, worker.held().fence()));
        return fences;
    }

    /// How many subscriptions this node delivers.
    public int active() {
        return workers.size();
    }

    /// What became of events here since the start, as far as it is written down.
    public Counts counts() {
        return keeper.counts();
    }

    /// What this node works on.
    Set<SubscriptionId> working() {
        return Set.copyOf(workers.keySet());
    }

    /// Has every worker look at the clock, for whoever set it.
    void wake() {
        workers.values().forEach(Worker::wake);
    }

    /// Ends as a process does that is killed: leases are neither renewed nor given back.
    void abandon() {
        lookout.end();
        workers.values().forEach(Worker::stop);
    }

    /// Waits a few seconds for what is under way, writes down how far all have come, and lets other
    /// nodes take over at once.
    @Override
    public void close() {
        lookout.close();
        try {
            workers.values().forEach(Worker::stop);
            var end = System.nanoTime() + CLOSE_WAIT_MAX.toNanos();
            for (var worker : workers.values()) {
                worker.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
            }
            keeper.close();
            store.release(node, fences());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (StorageException e) {
            LOG.atDebug().addKeyValue("reason", e.getMessage()).log("leases end by themselves");
        }
    }
}
