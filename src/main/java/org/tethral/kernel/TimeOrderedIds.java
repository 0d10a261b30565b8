package org.tethral.kernel;

import java.time.Instant;
import java.util.UUID;
import java.util.random.RandomGenerator;

/// UUIDs of version 7 (RFC 9562): milliseconds first, then chance, so that new rows lie together in
/// an index. Each is above the one before, also within a millisecond (section 6.2, method 2) and
/// when the clock goes back. Not thread-safe.
public final class TimeOrderedIds {

    private static final long VERSION = 0x7000;
    private static final long VARIANT = 0x8000_0000_0000_0000L;
    private static final long CHANCE = 0x3fff_ffff_ffff_ffffL;

    private final RandomGenerator random;
    private long most;
    private long chance;

    public TimeOrderedIds(RandomGenerator random) {
        this.random = random;
    }

    public UUID next(Instant at) {
        var next = at.toEpochMilli() << 16 | VERSION;
        if (next > most) {
            most = next;
            chance = random.nextLong() & CHANCE >>> 1;
        } else {
            chance += 1 + random.nextInt(Integer.MAX_VALUE);
            if (chance > CHANCE) {
                most++; // into the bits below the version
                chance &= CHANCE;
            }
        }
        return new UUID(most, chance | VARIANT);
    }
}
