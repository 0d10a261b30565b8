package org.tethral.coap;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Supplier;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;

/// What the edge shows at `/metrics`.
final class Meters {

    private final MeterRegistry registry;
    private final Counter requests;
    private final Counter notifications;
    private final Counter dropped;

    Meters(MeterRegistry registry) {
        this.registry = registry;
        requests =
                Counter.builder("tethral.coap.requests")
                        .description("Requests, repetitions not counted")
                        .register(registry);
        notifications =
                Counter.builder("tethral.coap.notifications")
                        .description("Notifications to observers")
                        .register(registry);
        dropped =
                Counter.builder("tethral.coap.dropped")
                        .description("Datagrams that found no room")
                        .register(registry);
    }

    void observations(Supplier<Number> count) {
        Gauge.builder("tethral.coap.observations", count)
                .description("Resources that devices observe")
                .register(registry);
    }

    void request() {
        requests.increment();
    }

    void notification() {
        notifications.increment();
    }

    void dropped() {
        dropped.increment();
    }

    void refused(ResponseCode code) {
        registry.counter("tethral.coap.refused", "code", code.text).increment();
    }
}
