package org.tethral.ingest;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// What a lane shows at `/metrics`. Counted per batch, not per message.
final class LaneMeters {

    private final Counter messages;
    private final Counter refused;
    private final Counter turnedAway;
    private final Counter foreignAnswers;
    private final DistributionSummary batchSize;
    private final Timer latency;
    private final InstantSource clock;
    private volatile Instant committedAt = Instant.EPOCH;

    LaneMeters(MeterRegistry registry, int lane, Supplier<Number> waiting, InstantSource clock) {
        this.clock = clock;
        var name = Integer.toString(lane);
        Gauge.builder("tethral.ingest.committed", () -> committedAt.getEpochSecond())
                .tag("lane", name)
                .description("When the last commit was answered; 0 before")
                .register(registry);
        Gauge.builder("tethral.ingest.queue", waiting)
                .tag("lane", name)
                .description("Messages that wait for their commit")
                .register(registry);
        messages = Counter.builder("tethral.ingest.messages").tag("lane", name).register(registry);
        refused = Counter.builder("tethral.ingest.refused").tag("lane", name).register(registry);
        turnedAway =
                Counter.builder("tethral.ingest.turned.away").tag("lane", name).register(registry);
        foreignAnswers =
                Counter.builder("tethral.commands.foreign.answers")
                        .tag("lane", name)
                        .description("Answers to commands that were not sent to the device")
                        .register(registry);
        batchSize =
                DistributionSummary.builder("tethral.ingest.batch")
                        .tag("lane", name)
                        .register(registry);
        latency =
                Timer.builder("tethral.ingest.latency")
                        .tag("lane", name)
                        .description(
                                "From the queue to the answer, of the oldest message of each commit")
                        .publishPercentiles(0.5, 0.99)
                        .register(registry);
    }

    void answered(int count, long oldestNanos) {
        committedAt = clock.instant();
        messages.increment(count);
        batchSize.record(count);
        latency.record(oldestNanos, TimeUnit.NANOSECONDS);
    }

    /// Of late, in milliseconds, by quantile.
    Map<Double, Double> latencyMillis() {
        var quantiles = new TreeMap<Double, Double>();
        for (var one : latency.takeSnapshot().percentileValues()) {
            quantiles.put(one.percentile(), one.value(TimeUnit.MILLISECONDS));
        }
        return quantiles;
    }

    void refused() {
        refused.increment();
    }

    void foreignAnswer() {
        foreignAnswers.increment();
    }

    void turnedAway() {
        turnedAway.increment();
    }
}
