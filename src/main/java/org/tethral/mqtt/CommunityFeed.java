package org.tethral.mqtt;

import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.broker.BrokerMessage;
import org.tethral.broker.MessageProperties;
import org.tethral.broker.TopicName;
import org.tethral.ingest.Fact;
import org.tethral.json.Json;
import org.tethral.payload.CommittedPayload;

/// Tells applications what was committed of their community's devices, on
/// `communities/{community}/devices/{device_id}/…`. Costs nothing while no application subscribed;
/// what it cannot keep up with is dropped and counted, and never holds up a commit.
final class CommunityFeed implements AutoCloseable {

    /// Facts that wait to be told.
    static final int FACTS_WAITING_MAX = 20_000;

    private static final int QOS = 1;
    private static final MessageProperties JSON =
            new MessageProperties(true, "application/json", null, null, List.of());
    private static final Logger LOG = LoggerFactory.getLogger(CommunityFeed.class);

    private final Broker broker;
    private final MqttMeters meters;
    private final InstantSource clock;
    private final AtomicInteger waiting = new AtomicInteger();
    private final BlockingQueue<List<Fact>> queue = new LinkedBlockingQueue<>(FACTS_WAITING_MAX);
    private final Thread thread = Thread.ofVirtual().name("mqtt-communities").unstarted(this::run);

    CommunityFeed(Broker broker, MqttMeters meters, InstantSource clock) {
        this.broker = broker;
        this.meters = meters;
        this.clock = clock;
    }

    void start() {
        thread.start();
    }

    /// On a lane's thread.
    void committed(List<Fact> facts) {
        if (facts.isEmpty() || !broker.tellsApplications()) {
            return;
        }
        if (waiting.get() + facts.size() > FACTS_WAITING_MAX) {
            meters.untold(facts.size());
            return;
        }
        waiting.addAndGet(facts.size());
        queue.add(facts);
    }

    private void run() {
        try {
            while (true) {
                var facts = queue.take();
                for (var fact : facts) {
                    tell(fact);
                }
                waiting.addAndGet(-facts.size());
                if (broker.postings().full()) {
                    var room = new CompletableFuture<Void>();
                    broker.postings().whenRoom(() -> room.complete(null));
                    room.get();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closing
        } catch (java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException("nothing completes it with a failure", e);
        }
    }

    private void tell(Fact fact) {
        try {
            var community = fact.community();
            var payload = community == null ? null : CommittedPayload.of(fact);
            if (payload == null) {
                return;
            }
            var topic =
                    new TopicName(
                            Identity.COMMUNITIES
                                    + "/"
                                    + community
                                    + "/devices/"
                                    + fact.device()
                                    + "/"
                                    + payload.kind());
            if (broker.wanted(topic)) {
                var _ =
                        broker.publish(
                                new BrokerMessage(
                                        topic,
                                        Json.bytes(payload.document()),
                                        QOS,
                                        false,
                                        JSON,
                                        clock.instant(),
                                        null),
                                null,
                                0,
                                meters.unacknowledged());
            }
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("applications could not be told of a fact");
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
