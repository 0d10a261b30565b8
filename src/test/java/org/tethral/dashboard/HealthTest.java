package org.tethral.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HealthTest {

    private static final Duration OFFLINE_AFTER = Duration.ofSeconds(90);
    private static final int CASES = 20_000;

    private static Vitals vitals(
            boolean online,
            long silence,
            double errors,
            int turns,
            @Nullable Double battery,
            @Nullable Double signal) {
        return new Vitals(
                online, Duration.ofSeconds(silence), OFFLINE_AFTER, errors, turns, battery, signal);
    }

    @Test
    void isAsTheDocumentSays() {
        assertThat(Health.of(vitals(true, 5, 0, 0, null, null))).isEqualTo(100);
        assertThat(Health.of(vitals(true, 5, 0, 6, 40.0, -70.0))).isEqualTo(100);
        assertThat(Health.of(vitals(true, 5, 0, 0, 22.5, null))).isEqualTo(88);
        assertThat(Health.of(vitals(true, 5, 1, 30, 5.0, -110.0))).isZero();
        assertThat(Health.of(vitals(false, 90, 0, 0, null, null))).isEqualTo(60);
        assertThat(Health.of(vitals(false, 90 + 12 * 3_600, 0, 0, null, null))).isEqualTo(30);
        assertThat(Health.of(vitals(false, 90 + 24 * 3_600, 0, 0, 100.0, -50.0))).isZero();
        assertThat(Health.of(new Vitals(false, null, OFFLINE_AFTER, 1, 99, 0.0, -200.0)))
                .isEqualTo(Health.UNJUDGED);
    }

    private static Vitals any(RandomGenerator random) {
        return vitals(
                random.nextBoolean(),
                random.nextLong(0, 200_000),
                random.nextDouble(-0.5, 1.5),
                random.nextInt(60),
                random.nextInt(3) == 0 ? null : random.nextDouble(-50, 150),
                random.nextInt(3) == 0 ? null : random.nextDouble(-200, 50));
    }

    @Test
    void isBetweenNothingAndAHundredWhateverIsReported() {
        var seed = new Random().nextLong();
        var random = new SplittableRandom(seed);
        for (int i = 0; i < CASES; i++) {
            var vitals = any(random);
            assertThat(Health.of(vitals)).as("seed %d: %s", seed, vitals).isBetween(0, 100);
        }
        for (var odd :
                new double[] {
                    Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1e290
                }) {
            assertThat(Health.of(vitals(true, -5, 0, 0, odd, odd))).isBetween(0, 100);
        }
    }

    @Test
    void neverGetsBetterByWhatIsWorse() {
        var seed = new Random().nextLong();
        var random = new SplittableRandom(seed);
        for (int i = 0; i < CASES; i++) {
            var one = any(random);
            var worse = worse(one, random);
            assertThat(Health.of(worse))
                    .as("seed %d: %s, worse: %s", seed, one, worse)
                    .isLessThanOrEqualTo(Health.of(one));
        }
    }

    private static Vitals worse(Vitals one, RandomGenerator random) {
        var much = random.nextDouble();
        return switch (random.nextInt(6)) {
            case 0 ->
                    with(
                            one,
                            false,
                            one.silence(),
                            one.errorShare(),
                            one.turns(),
                            one.battery(),
                            one.signal());
            case 1 ->
                    with(
                            one,
                            one.online(),
                            plus(one, (long) (much * 90_000)),
                            one.errorShare(),
                            one.turns(),
                            one.battery(),
                            one.signal());
            case 2 ->
                    with(
                            one,
                            one.online(),
                            one.silence(),
                            one.errorShare() + much,
                            one.turns(),
                            one.battery(),
                            one.signal());
            case 3 ->
                    with(
                            one,
                            one.online(),
                            one.silence(),
                            one.errorShare(),
                            one.turns() + (int) (much * 40),
                            one.battery(),
                            one.signal());
            case 4 ->
                    with(
                            one,
                            one.online(),
                            one.silence(),
                            one.errorShare(),
                            one.turns(),
                            less(one.battery(), much * 50),
                            one.signal());
            default ->
                    with(
                            one,
                            one.online(),
                            one.silence(),
                            one.errorShare(),
                            one.turns(),
                            one.battery(),
                            less(one.signal(), much * 50));
        };
    }

    private static @Nullable Duration plus(Vitals one, long seconds) {
        var silence = one.silence();
        return silence == null ? null : silence.plusSeconds(seconds);
    }

    private static @Nullable Double less(@Nullable Double value, double much) {
        return value == null ? null : (Double) (value - much);
    }

    private static Vitals with(
            Vitals one,
            boolean online,
            @Nullable Duration silence,
            double errors,
            int turns,
            @Nullable Double battery,
            @Nullable Double signal) {
        return new Vitals(online, silence, one.offlineAfter(), errors, turns, battery, signal);
    }
}
