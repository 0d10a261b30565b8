package org.tethral.dispatch;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.tethral.command.CommandStatus;
import org.tethral.command.Dispatch;
import org.tethral.command.Stage;
import org.tethral.device.Protocol;

/// Counts what becomes of commands, by the protocol that carried them.
public final class Tally {

    /// Of a protocol, since the start of the process.
    ///
    /// @param retries sends after the first of a dispatch
    /// @param answerQuantiles how long devices took to answer of late: 0.5, 0.95 and 0.99
    public record Counts(
            long sent,
            long retries,
            long answered,
            long errors,
            Map<Double, Duration> answerQuantiles) {}

    private static final double[] QUANTILES = {0.5, 0.95, 0.99};

    private record Meters(Counter sent, Counter retries, Counter errors, Timer answers) {}

    private final MeterRegistry registry;
    private volatile IntSupplier inFlight = () -> 0;
    private final Map<Protocol, Meters> meters = new EnumMap<>(Protocol.class);
    private final Map<CommandStatus, Counter> ends = new EnumMap<>(CommandStatus.class);

    public Tally(MeterRegistry registry) {
        this.registry = registry;
        for (var protocol : Protocol.values()) {
            meters.put(protocol, meters(protocol.word()));
        }
        for (var status : CommandStatus.values()) {
            if (status.isFinal()) {
                ends.put(
                        status,
                        Counter.builder("tethral.commands.ended")
                                .tag("status", status.word())
                                .description("Dispatches that have come to this end")
                                .register(registry));
            }
        }
    }

    private Meters meters(String protocol) {
        return new Meters(
                counter("tethral.commands.sent", protocol),
                counter("tethral.commands.retries", protocol),
                counter("tethral.commands.errors", protocol),
                Timer.builder("tethral.commands.answer")
                        .tag("protocol", protocol)
                        .description("From the claim of a command to the device's answer")
                        .publishPercentiles(QUANTILES)
                        .register(registry));
    }

    private Counter counter(String name, String protocol) {
        return Counter.builder(name).tag("protocol", protocol).register(registry);
    }

    void inFlight(IntSupplier count) {
        inFlight = count;
        Gauge.builder("tethral.commands.in.flight", count::getAsInt)
                .description("Commands that are with a device, and not answered")
                .register(registry);
    }

    void sent(Protocol by, int attempt) {
        var one = of(by);
        one.sent().increment();
        if (attempt > 1) {
            one.retries().increment();
        }
    }

    /// @param by how it was sent last; null: not by this node
    void ended(Dispatch dispatch, @Nullable Protocol by) {
        var counter = ends.get(dispatch.stage().status());
        if (counter != null) {
            counter.increment();
        }
        if (by != null
                && dispatch.stage() instanceof Stage.Acknowledged(_, var sentAt, var reply)) {
            var one = of(by);
            var took = Duration.between(sentAt, reply.at());
            one.answers().record(took.isNegative() ? Duration.ZERO : took);
            if (!reply.success()) {
                one.errors().increment();
            }
        }
    }

    private Meters of(Protocol protocol) {
        var one = meters.get(protocol);
        if (one == null) {
            throw new IllegalStateException("no meters for " + protocol);
        }
        return one;
    }

    public Counts counts(Protocol protocol) {
        var one = of(protocol);
        var quantiles = new LinkedHashMap<Double, Duration>();
        for (var value : one.answers().takeSnapshot().percentileValues()) {
            quantiles.put(value.percentile(), Duration.ofNanos((long) value.value()));
        }
        return new Counts(
                (long) one.sent().count(),
                (long) one.retries().count(),
                one.answers().count(),
                (long) one.errors().count(),
                quantiles);
    }

    /// Commands that are with a device, and not answered.
    public int inFlight() {
        return inFlight.getAsInt();
    }

    public long ended(CommandStatus status) {
        var counter = ends.get(status);
        return counter == null ? 0 : (long) counter.count();
    }
}
