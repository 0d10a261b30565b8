package org.tethral.mqtt;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Ingest;

/// What the edge shows at `/metrics`.
final class MqttMeters {

    /// How clients reach the edge.
    enum Transport {
        TCP,
        TLS,
        WEBSOCKET;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final MeterRegistry registry;
    private final List<LongAdder> received =
            List.of(new LongAdder(), new LongAdder(), new LongAdder());
    private final Map<Transport, AtomicInteger> connections = new EnumMap<>(Transport.class);
    private final Counter sent;
    private final Counter dropped;
    private final Counter untold;
    private final Ingest.Reply unacknowledged = this::count;

    MqttMeters(MeterRegistry registry) {
        this.registry = registry;
        for (int qos = 0; qos < received.size(); qos++) {
            FunctionCounter.builder("tethral.mqtt.received", received.get(qos), LongAdder::sum)
                    .tag("qos", Integer.toString(qos))
                    .description("Messages that clients published")
                    .register(registry);
        }
        for (var transport : Transport.values()) {
            var open = new AtomicInteger();
            connections.put(transport, open);
            Gauge.builder("tethral.mqtt.connections", open, AtomicInteger::get)
                    .tag("transport", transport.word())
                    .description("Clients that are logged in")
                    .register(registry);
        }
        sent =
                Counter.builder("tethral.mqtt.sent")
                        .description("Messages to clients")
                        .register(registry);
        untold =
                Counter.builder("tethral.mqtt.untold")
                        .description("Committed facts that applications were not told in time")
                        .register(registry);
        dropped =
                Counter.builder("tethral.mqtt.dropped")
                        .description("Messages that a client had no room for")
                        .register(registry);
    }

    /// New ones, whose number is shown.
    Lookups lookups(String kind, int runningMax) {
        var lookups = new Lookups(runningMax);
        Gauge.builder("tethral.mqtt.lookups", lookups, Lookups::present)
                .tag("kind", kind)
                .description("Look-ups for clients that run or wait")
                .register(registry);
        return lookups;
    }

    /// Looks at them whenever it is asked.
    ///
    /// @return the same
    Sessions queues(Sessions sessions) {
        Gauge.builder("tethral.mqtt.queued", sessions, all -> all.queueLengths().sum())
                .description("Messages in the queues of sessions, that clients have not confirmed")
                .register(registry);
        Gauge.builder(
                        "tethral.mqtt.queue.longest",
                        sessions,
                        all -> all.queueLengths().max().orElse(0))
                .description("Messages in the longest of these queues")
                .register(registry);
        return sessions;
    }

    void received(int qos) {
        received.get(qos).increment();
    }

    void sent() {
        sent.increment();
    }

    void dropped() {
        dropped.increment();
    }

    void untold(int facts) {
        untold.increment(facts);
    }

    void connected(Transport transport) {
        open(transport).incrementAndGet();
    }

    void disconnected(Transport transport) {
        open(transport).decrementAndGet();
    }

    private AtomicInteger open(Transport transport) {
        return Objects.requireNonNull(connections.get(transport));
    }

    int connections() {
        return connections.values().stream().mapToInt(AtomicInteger::get).sum();
    }

    /// @param what `connect`, `publish`, `subscribe`, `gateway` or `connection`
    void refused(String what, Reason reason) {
        registry.counter("tethral.mqtt.refused", "what", what, "reason", reason.word()).increment();
    }

    /// For messages whose sender gets no answer: what was refused is counted.
    Ingest.Reply unacknowledged() {
        return unacknowledged;
    }

    private void count(Answer answer) {
        var refusal = Acknowledgement.refusal(answer);
        if (refusal != null) {
            refused("publish", refusal.reason());
        }
    }
}
