package org.tethral.lorawan;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// One way to a network server, and how it fares. Safe for any number of threads.
public final class Integration {

    /// What became of what it brought.
    public enum Count {
        /// Messages that came.
        RECEIVED,
        /// Durable, or of no use to us.
        STORED,
        /// Of devices that nobody registered: in the inbox.
        KEPT,
        /// The device is disabled or of another community, or the database will never take it.
        REFUSED,
        /// Messages that cannot be read.
        MALFORMED,
        /// Codecs that failed; the payload is stored all the same.
        CODEC_FAILED,
        /// Downlinks that the network took.
        DOWNLINKS,
        /// Downlinks that it did not take.
        DOWNLINKS_REFUSED;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// @param problem why it does not work at present; null: all is well, or it is a door that
    ///   others come to
    public record View(
            String name,
            @Nullable String problem,
            @Nullable Instant lastEventAt,
            @Nullable String lastError,
            @Nullable Instant lastErrorAt,
            Map<Count, Long> counts) {}

    private record Failure(String what, Instant at) {}

    private final String name;
    private final Map<Count, LongAdder> counts = new EnumMap<>(Count.class);
    private volatile @Nullable Instant lastEventAt;
    private volatile @Nullable Failure lastError;
    private volatile @Nullable String problem;

    public Integration(String name, MeterRegistry meters) {
        this.name = name;
        for (var count : Count.values()) {
            var adder = new LongAdder();
            counts.put(count, adder);
            FunctionCounter.builder("tethral.lorawan.messages", adder, LongAdder::doubleValue)
                    .description("messages from and to network servers, by what became of them")
                    .tag("integration", name)
                    .tag("outcome", count.word())
                    .register(meters);
        }
    }

    void count(Count count) {
        var adder = counts.get(count);
        if (adder != null) {
            adder.increment();
        }
    }

    void received(Instant now) {
        lastEventAt = now;
        count(Count.RECEIVED);
    }

    /// @param what for people; no payload, no secret
    void failed(Count count, String what, Instant now) {
        count(count);
        lastError = new Failure(what, now);
    }

    /// Null: it works.
    void problem(@Nullable String now) {
        problem = now;
    }

    public View view() {
        var error = lastError;
        var all = new EnumMap<Count, Long>(Count.class);
        counts.forEach((count, adder) -> all.put(count, adder.sum()));
        return new View(
                name,
                problem,
                lastEventAt,
                error == null ? null : error.what(),
                error == null ? null : error.at(),
                all);
    }
}
