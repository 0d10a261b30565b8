package org.tethral.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AllowanceTest {

    private static final long HOUR = TimeUnit.HOURS.toNanos(1);

    @Test
    void letsABurstThroughAtOnceAndThenOneAfterTheOther() {
        for (var begin :
                new long[] {0, -HOUR, Long.MAX_VALUE - HOUR / 2}) { // nanoTime may overflow
            var allowance = new Allowance(begin);
            for (int i = 0; i < Allowance.COMMITS_AT_ONCE_MAX; i++) {
                assertThat(allowance.waitNanos(begin)).isZero();
            }
            var perCommit = TimeUnit.SECONDS.toNanos(1) / Allowance.COMMITS_PER_SECOND_MAX;
            assertThat(allowance.waitNanos(begin)).isEqualTo(perCommit);
            assertThat(allowance.waitNanos(begin + perCommit)).isEqualTo(perCommit);
            assertThat(allowance.waitNanos(begin + 10 * perCommit)).isZero();
        }
    }

    @Test
    void savesUpNoMoreThanOneBurst() {
        var allowance = new Allowance(0);
        var waits = 0;
        for (int i = 0; i < 2 * Allowance.COMMITS_AT_ONCE_MAX; i++) {
            waits += allowance.waitNanos(HOUR) > 0 ? 1 : 0;
        }
        assertThat(waits).isEqualTo(Allowance.COMMITS_AT_ONCE_MAX);
    }

    @Test
    void holdsTheRateHoweverLongItIsAsked() {
        var allowance = new Allowance(0);
        var now = 0L;
        for (int i = 0; i < 10_000; i++) {
            now += allowance.waitNanos(now);
        }
        assertThat(TimeUnit.NANOSECONDS.toMillis(now))
                .isEqualTo(
                        (10_000L - Allowance.COMMITS_AT_ONCE_MAX)
                                * 1_000
                                / Allowance.COMMITS_PER_SECOND_MAX);
    }
}
