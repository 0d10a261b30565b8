package org.tethral.dispatch;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.tethral.device.Protocol;

/// What goes in and out by each protocol, out of the meters that the protocols keep, with rates
/// over the last minute.
public final class Traffic implements AutoCloseable {

    static final Duration SAMPLE_EVERY = Duration.ofSeconds(5);
    static final int SAMPLES_MAX = 12;

    /// @param connections open now; null: the protocol has none that stay
    /// @param received messages of devices since the start of the process; `sent` to devices
    /// @param receivedRate a second
    public record Flow(
            @Nullable Long connections,
            long received,
            long sent,
            double receivedRate,
            double sentRate) {}

    private record Names(@Nullable String connections, List<String> in, List<String> out) {}

    private static final Map<Protocol, Names> METERS =
            Map.of(
                    Protocol.MQTT,
                    new Names(
                            "tethral.mqtt.connections",
                            List.of("tethral.mqtt.received"),
                            List.of("tethral.mqtt.sent")),
                    Protocol.WEBSOCKET,
                    new Names(
                            "tethral.websocket.connections",
                            List.of("tethral.websocket.messages"),
                            List.of("tethral.websocket.sent")),
                    Protocol.HTTP,
                    new Names(null, List.of("tethral.http.received"), List.of("tethral.http.sent")),
                    Protocol.COAP,
                    new Names(
                            "tethral.coap.observations",
                            List.of("tethral.coap.requests"),
                            List.of("tethral.coap.notifications")));

    private record Sample(long nanos, Map<Protocol, long[]> counts) {}

    private final MeterRegistry registry;
    private final Deque<Sample> samples = new ArrayDeque<>();
    private final Counter httpReceived;
    private final Counter httpSent;
    private final Thread sampler;

    public Traffic(MeterRegistry registry) {
        this.registry = registry;
        this.httpReceived = Counter.builder("tethral.http.received").register(registry);
        this.httpSent =
                Counter.builder("tethral.http.sent")
                        .description("Commands and desired values told to devices that ask")
                        .register(registry);
        this.sampler = Thread.ofVirtual().name("traffic").unstarted(this::run);
    }

    /// Messages of devices over HTTP.
    public void receivedOverHttp(int messages) {
        httpReceived.increment(messages);
    }

    /// A command, or desired values, in an answer to a device.
    public void sentOverHttp() {
        httpSent.increment();
    }

    public void start() {
        sampler.start();
    }

    private void run() {
        try {
            while (true) {
                keep(sample());
                Thread.sleep(SAMPLE_EVERY);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void keep(Sample sample) {
        samples.addLast(sample);
        if (samples.size() > SAMPLES_MAX) {
            samples.removeFirst();
        }
    }

    private synchronized @Nullable Sample oldest() {
        return samples.peekFirst();
    }

    private Sample sample() {
        var counts = new EnumMap<Protocol, long[]>(Protocol.class);
        METERS.forEach((protocol, names) ->
                counts.put(protocol, new long[] {count(names.in()), count(names.out())}));
        return new Sample(System.nanoTime(), counts);
    }

    private long count(List<String> names) {
        return names.stream()
                .flatMap(name -> registry.find(name).meters().stream())
                .mapToLong(Traffic::count)
                .sum();
    }

    private static long count(Meter meter) {
        return switch (meter) {
            case Counter counter -> (long) counter.count();
            case FunctionCounter counter -> (long) counter.count();
            default -> // a timer counts, too
                    StreamSupport.stream(meter.measure().spliterator(), false)
                            .mapToLong(Traffic::count)
                            .findFirst()
                            .orElse(0);
        };
    }

    private static long count(Measurement measurement) {
        return (long) measurement.getValue();
    }

    /// By the protocols that are counted.
    public Map<Protocol, Flow> flows() {
        var now = sample();
        var before = oldest();
        var flows = new EnumMap<Protocol, Flow>(Protocol.class);
        METERS.forEach((protocol, names) -> {
            var is = now.counts().getOrDefault(protocol, new long[2]);
            var was = before == null ? is : before.counts().getOrDefault(protocol, is);
            var seconds = before == null ? 0 : (now.nanos() - before.nanos()) / 1e9;
            flows.put(
                    protocol,
                    new Flow(
                            connections(names),
                            is[0],
                            is[1],
                            seconds <= 0 ? 0 : (is[0] - was[0]) / seconds,
                            seconds <= 0 ? 0 : (is[1] - was[1]) / seconds));
        });
        return flows;
    }

    private @Nullable Long connections(Names names) {
        if (names.connections() == null) {
            return null;
        }
        return registry.find(names.connections()).gauges().stream()
                .mapToLong((Gauge gauge) -> (long) gauge.value())
                .sum();
    }

    @Override
    public void close() {
        sampler.interrupt();
    }
}
