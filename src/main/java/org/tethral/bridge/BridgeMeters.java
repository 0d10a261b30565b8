package org.tethral.bridge;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;

/// What is counted of the bridge.
final class BridgeMeters {

    /// Why a message was not stored.
    enum Reason {
        /// Its topic is none of a device.
        TOPIC,
        /// Its payload cannot be read.
        PAYLOAD,
        /// No device is registered under that name.
        STRANGER,
        /// The device is disabled, or the database will never take the message.
        REFUSED
    }

    private final MeterRegistry registry;
    private final Counter received;
    private final AtomicInteger unanswered = new AtomicInteger();

    BridgeMeters(MeterRegistry registry) {
        this.registry = registry;
        this.received =
                Counter.builder("tethral.bridge.received")
                        .description("messages of the outside broker")
                        .register(registry);
        Gauge.builder("tethral.bridge.unanswered", unanswered, AtomicInteger::get)
                .description("messages of the outside broker that are not committed yet")
                .register(registry);
    }

    void received() {
        received.increment();
    }

    void dropped(Reason reason) {
        Counter.builder("tethral.bridge.dropped")
                .description("messages of the outside broker that were not stored")
                .tag("reason", reason.name().toLowerCase(java.util.Locale.ROOT))
                .register(registry)
                .increment();
    }

    void begun() {
        unanswered.incrementAndGet();
    }

    void answered() {
        unanswered.decrementAndGet();
    }
}
