package org.tethral.websocket;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Supplier;

/// What the edge shows at `/metrics`.
final class Meters {

    private final Counter messages;
    private final Counter sent;
    private final Counter unusable;
    private final Counter rejected;
    private final Counter timeouts;

    Meters(MeterRegistry registry, Supplier<Number> connections) {
        Gauge.builder("tethral.websocket.connections", connections)
                .description("Devices that are connected by WebSocket")
                .register(registry);
        messages = Counter.builder("tethral.websocket.messages").register(registry);
        sent = Counter.builder("tethral.websocket.sent").register(registry);
        unusable =
                Counter.builder("tethral.websocket.unusable")
                        .description("Messages that were answered with an error")
                        .register(registry);
        rejected =
                Counter.builder("tethral.websocket.rejected")
                        .description("Handshakes that were refused")
                        .register(registry);
        timeouts = Counter.builder("tethral.websocket.timeouts").register(registry);
    }

    void message() {
        messages.increment();
    }

    void sent() {
        sent.increment();
    }

    void unusable() {
        unusable.increment();
    }

    void rejected() {
        rejected.increment();
    }

    void timeout() {
        timeouts.increment();
    }
}
