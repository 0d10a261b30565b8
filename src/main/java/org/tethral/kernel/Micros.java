package org.tethral.kernel;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// Time as every store keeps it: microseconds since 1970-01-01T00:00:00Z.
public final class Micros {

    private Micros() {}

    public static long of(Instant time) {
        return Math.addExact(
                Math.multiplyExact(time.getEpochSecond(), 1_000_000L), time.getNano() / 1_000);
    }

    public static Instant toInstant(long micros) {
        return Instant.ofEpochSecond(
                Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000L);
    }

    /// The same time without what a store would lose.
    public static Instant truncated(Instant time) {
        return time.truncatedTo(ChronoUnit.MICROS);
    }
}
