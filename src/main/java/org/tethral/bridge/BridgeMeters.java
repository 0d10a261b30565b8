package org.tethral.bridge;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// What is counted of the bridge.
final class BridgeMeters {

    /// Why a message was not stored.
    enum Reason {
        TOPIC("its topic is none of a device"),
        PAYLOAD("its payload cannot be read"),
        STRANGER("no device is registered under that name"),
        REFUSED("the device is disabled, or the database will never take the message");

        private final String words;

        Reason(String words) {
            this.words = words;
        }

        private String tag() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private record Drop(Reason reason, Instant at) {}

    private final MeterRegistry registry;
    private final Counter received;
    private final AtomicInteger unanswered = new AtomicInteger();
    private final InstantSource clock;
    private volatile @Nullable Instant receivedAt;
    private volatile @Nullable Drop lastDrop;

    BridgeMeters(MeterRegistry registry, InstantSource clock) {
        this.registry = registry;
        this.clock = clock;
        this.received =
                Counter.builder("tethral.bridge.received")
                        .description("messages of the outside broker")
                        .register(registry);
        Gauge.builder("tethral.bridge.unanswered", unanswered, AtomicInteger::get)
                .description("messages of the outside broker that are not committed yet")
                .register(registry);
    }

    void received() {
        receivedAt = clock.instant();
        received.increment();
    }

    void dropped(Reason reason) {
        lastDrop = new Drop(reason, clock.instant());
        drops(reason).increment();
    }

    private Counter drops(Reason reason) {
        return Counter.builder("tethral.bridge.dropped")
                .description("messages of the outside broker that were not stored")
                .tag("reason", reason.tag())
                .register(registry);
    }

    void begun() {
        unanswered.incrementAndGet();
    }

    void answered() {
        unanswered.decrementAndGet();
    }

    /// @param problem why nothing comes at present; null: all is well
    Bridge.View view(@Nullable String problem) {
        var counts = new LinkedHashMap<String, Long>();
        counts.put("received", (long) received.count());
        counts.put("unanswered", unanswered.longValue());
        for (var reason : Reason.values()) {
            var found = registry.find("tethral.bridge.dropped").tag("reason", reason.tag());
            var counter = found.counter();
            counts.put("dropped_" + reason.tag(), counter == null ? 0 : (long) counter.count());
        }
        var drop = lastDrop;
        return new Bridge.View(
                problem,
                receivedAt,
                drop == null ? null : drop.reason().words,
                drop == null ? null : drop.at(),
                counts);
    }
}
