package org.tethral.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class MicrosTest {

    @Test
    void keepsMicrosecondsBeforeAndAfter1970() {
        var seed = new Random().nextLong();
        var random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            var time =
                    Instant.ofEpochSecond(
                            random.nextLong(-62_135_596_800L, 7_258_118_400L),
                            random.nextInt(1_000_000) * 1_000L);
            assertThat(Micros.toInstant(Micros.of(time))).as("seed %d", seed).isEqualTo(time);
        }
    }

    @Test
    void dropsWhatAStoreCannotKeep() {
        assertThat(Micros.truncated(Instant.parse("2026-01-01T00:00:00.123456789Z")))
                .isEqualTo(Instant.parse("2026-01-01T00:00:00.123456Z"));
    }
}
