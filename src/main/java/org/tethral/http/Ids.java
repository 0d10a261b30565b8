package org.tethral.http;

import java.util.UUID;
import java.util.random.RandomGenerator;

/// Makes ids.
final class Ids {

    private Ids() {}

    /// Random, of version 4 (RFC 9562).
    static UUID next(RandomGenerator random) {
        return new UUID(
                random.nextLong() & 0xFFFF_FFFF_FFFF_0FFFL | 0x4000L,
                random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL | 0x8000_0000_0000_0000L);
    }
}
