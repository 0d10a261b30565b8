package org.tethral.alert;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.device.DeviceId;

/// Held against a model that looks at the whole list of readings each time.
class WatchPropertyTest {

    private static final Instant START = Instant.parse("2026-07-14T12:00:00Z");
    private static final DeviceId DEVICE = new DeviceId("pump");

    private record Reading(int second, double value) {}

    private static AlertRule rule(int lasting) {
        return new AlertRule(
                new UUID(0, 1),
                "hot",
                new AlertRule.Scope.OfDevice(DEVICE),
                new Condition.Metric("t", Operator.ABOVE, 90, 80),
                Duration.ofSeconds(lasting),
                Severity.WARNING,
                true,
                1,
                START);
    }

    private static Observation observation(Reading reading, long sequence) {
        return new Observation.Report(
                DEVICE,
                START.plusSeconds(reading.second()),
                sequence,
                Map.of("t", reading.value()));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void isRaisedWhenTheModelSaysSo(long seed) {
        System.out.println("seed " + seed);
        var random = new SplittableRandom(seed);
        for (int run = 0; run < 500; run++) {
            var lasting = random.nextInt(0, 8);
            var rule = rule(lasting);
            var watch = Watch.NEW;
            var came = new ArrayList<Reading>();
            var second = 0;
            for (int i = 0; i < 40; i++) {
                second += random.nextInt(0, 4);
                // a fifth of them late
                var at = random.nextInt(5) == 0 ? second - random.nextInt(0, 10) : second;
                var reading = new Reading(at, 70 + random.nextInt(0, 31));
                came.add(reading);
                watch = watch.after(rule, observation(reading, i), START.plusSeconds(second));
                assertThat(watch.isRaised())
                        .as("seed %d, for %d s, %s", seed, lasting, came)
                        .isEqualTo(raised(inTime(came), lasting));
            }
        }
    }

    private static List<Reading> inTime(List<Reading> came) {
        var kept = new ArrayList<Reading>();
        for (var reading : came) {
            if (kept.stream().allMatch(before -> before.second() <= reading.second())) {
                kept.add(reading);
            }
        }
        return kept;
    }

    /// There is a stretch above 90 that is long enough, and nothing at 80 or below since its end.
    private static boolean raised(List<Reading> readings, int lasting) {
        for (int from = 0; from < readings.size(); from++) {
            for (int to = from; to < readings.size(); to++) {
                var stretch = readings.subList(from, to + 1);
                var after = readings.subList(to + 1, readings.size());
                if (stretch.stream().allMatch(reading -> reading.value() > 90)
                        && readings.get(to).second() - readings.get(from).second() >= lasting
                        && after.stream().noneMatch(reading -> reading.value() <= 80)) {
                    return true;
                }
            }
        }
        return false;
    }

    @Test
    void countsWhatIsSentOfThePastByItsOwnTimesAndNotByATimer() {
        var rule = rule(60);
        var now = START.plusSeconds(3_600);
        var first = Watch.NEW.after(rule, observation(new Reading(0, 95), 1), now);
        assertThat(first.elapsed(now.plusSeconds(59)).isRaised()).isFalse();
        assertThat(first.elapsed(now.plusSeconds(60)).isRaised()).isTrue();
        var second = first.after(rule, observation(new Reading(59, 95), 2), now);
        assertThat(second.isRaised()).isFalse();
        assertThat(second.after(rule, observation(new Reading(60, 95), 3), now).isRaised())
                .isTrue();
    }

    @Test
    void staysDismissedUntilTheConditionHasCleared() {
        var rule = rule(0);
        var watch = Watch.NEW.after(rule, observation(new Reading(0, 95), 1), START);
        var dismissed = watch.dismissed();
        assertThat(dismissed.after(rule, observation(new Reading(1, 95), 2), START).isRaised())
                .isFalse();
        var between = dismissed.after(rule, observation(new Reading(1, 85), 2), START);
        assertThat(between.after(rule, observation(new Reading(2, 95), 3), START).isRaised())
                .isFalse();
        var cleared = dismissed.after(rule, observation(new Reading(1, 80), 2), START);
        assertThat(cleared.after(rule, observation(new Reading(2, 95), 3), START).isRaised())
                .isTrue();
    }
}
