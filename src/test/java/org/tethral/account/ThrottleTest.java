package org.tethral.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ThrottleTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration PAUSE = Duration.ofSeconds(10);

    private final Throttle throttle = new Throttle(3, PAUSE, 2);

    @Test
    void givesSoManyAtOnceAndThenOnePerPause() {
        for (int i = 0; i < 3; i++) {
            assertThat(throttle.take("a", NOW)).isZero();
        }
        assertThat(throttle.take("a", NOW)).isEqualTo(PAUSE);
        assertThat(throttle.take("a", NOW.plusSeconds(4))).isEqualTo(Duration.ofSeconds(6));
        assertThat(throttle.take("a", NOW.plusSeconds(10))).isZero();
        assertThat(throttle.take("a", NOW.plusSeconds(10))).isEqualTo(PAUSE);
        assertThat(throttle.take("b", NOW.plusSeconds(10))).isZero();
    }

    @Test
    void isFullAgainAfterAWhile() {
        for (int i = 0; i < 3; i++) {
            throttle.take("a", NOW);
        }
        for (int i = 0; i < 3; i++) {
            assertThat(throttle.take("a", NOW.plusSeconds(30))).isZero();
        }
        assertThat(throttle.take("a", NOW.plusSeconds(30))).isPositive();
    }

    @Test
    void takesOneBack() {
        for (int i = 0; i < 3; i++) {
            throttle.take("a", NOW);
        }
        throttle.giveBack("a");
        throttle.giveBack("unknown");
        assertThat(throttle.take("a", NOW)).isZero();
        assertThat(throttle.take("a", NOW)).isPositive();
    }

    @Test
    void remembersOnlySoManyKeys() {
        for (var key : new String[] {"a", "a", "a", "b", "a", "c"}) {
            throttle.take(key, NOW);
        }
        assertThat(throttle.take("a", NOW)).as("asked for after b").isPositive();
        throttle.take("b", NOW);
        throttle.take("c", NOW);
        assertThat(throttle.take("a", NOW)).as("made room").isZero();
    }
}
