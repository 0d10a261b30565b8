package org.tethral.polling;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.tethral.source.Circuit;
import org.tethral.source.Fetched;

/// What is counted of sources.
final class PollingMeters {

    /// Why a call was not made.
    enum Kept {
        CIRCUIT,
        BUCKET
    }

    private final MeterRegistry registry;
    private final Counter shared;
    private final Counter entries;
    private final Counter missing;
    private final Counter answered;
    private final Counter refused;
    private final Counter tooMany;
    private final Counter failed;

    PollingMeters(MeterRegistry registry) {
        this.registry = registry;
        this.shared = counter("tethral.sources.shared", "answers that served without a call");
        this.entries = counter("tethral.sources.entries", "entries of sources that were stored");
        this.missing =
                counter(
                        "tethral.sources.missing",
                        "entries that a source did not show or that cannot be stored");
        this.answered = calls("entries");
        this.refused = calls("refused");
        this.tooMany = calls("too_many");
        this.failed = calls("failed");
        for (var kept : Kept.values()) {
            keptBack(kept);
        }
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name).description(description).register(registry);
    }

    private Counter calls(String outcome) {
        return Counter.builder("tethral.sources.calls")
                .description("calls to sources, by what they answered")
                .tag("outcome", outcome)
                .register(registry);
    }

    private Counter keptBack(Kept why) {
        return Counter.builder("tethral.sources.kept.back")
                .description("calls to sources that were not made")
                .tag("by", why.name().toLowerCase(Locale.ROOT))
                .register(registry);
    }

    <T> void gauge(String name, T part, ToDoubleFunction<T> value) {
        Gauge.builder("tethral.sources.calls." + name, part, value)
                .description("calls to sources that are " + name)
                .register(registry);
    }

    <T> void circuits(T part, ToDoubleFunction<T> value, Circuit.State state) {
        Gauge.builder("tethral.sources.channels", part, value)
                .description("channels that this node reads, by the state of their circuit")
                .tag("circuit", state.word())
                .register(registry);
    }

    void called(Fetched answer) {
        switch (answer) {
            case Fetched.Entries _ -> answered.increment();
            case Fetched.Refused _ -> refused.increment();
            case Fetched.TooMany _ -> tooMany.increment();
            case Fetched.Failed _ -> failed.increment();
        }
    }

    void shared() {
        shared.increment();
    }

    void keptFrom(Kept why) {
        keptBack(why).increment();
    }

    void stored(int count) {
        entries.increment(count);
    }

    void missing(long count) {
        missing.increment((double) count);
    }
}
