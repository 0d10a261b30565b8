package org.tethral.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.tethral.device.DeviceId;
import org.tethral.kernel.Page;

class SeriesTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final DeviceId DEVICE = new DeviceId("d");

    @Test
    void readsTheReadingsWhileTheyAreFew() {
        var series =
                Series.read(
                        new Metered(Duration.ofSeconds(10), 50_000), DEVICE, "m", days(5), 1_000);
        assertThat(series.fromRollups()).isFalse();
        assertThat(series.points()).hasSize(1_000);
    }

    @Test
    void readsExtremesOfStepsWhenTheReadingsAreTooMany() {
        var history = new Metered(Duration.ofSeconds(10), 259_200);
        var series = Series.read(history, DEVICE, "m", days(30), 1_000);
        assertThat(series.fromRollups()).isTrue();
        assertThat(history.step).isEqualTo(Duration.ofHours(1));
        assertThat(series.points()).hasSize(1_000).extracting(Reading::at).isSorted();
        assertThat(series.points()).extracting(Reading::value).contains(0.0, 259_199.0);
    }

    @Test
    void takesStepsOfWholeMinutesHoursOrDays() {
        assertThat(Series.step(Duration.ofHours(1), 1_000)).isEqualTo(Duration.ofMinutes(1));
        assertThat(Series.step(Duration.ofDays(1), 100)).isEqualTo(Duration.ofMinutes(28));
        assertThat(Series.step(Duration.ofDays(30), 1_000)).isEqualTo(Duration.ofHours(1));
        assertThat(Series.step(Duration.ofDays(3_650), 1_000)).isEqualTo(Duration.ofDays(7));
    }

    @Test
    void isEmptyWhereNothingWasReported() {
        assertThat(
                        Series.read(new Metered(Duration.ofSeconds(1), 0), DEVICE, "m", days(1), 10)
                                .points())
                .isEmpty();
    }

    private static Interval days(int days) {
        return new Interval(START, START.plus(Duration.ofDays(days)));
    }

    /// Readings at equal distances, each its number; refuses to give more than may be read.
    private static final class Metered implements HistoryStore {

        private final Duration every;
        private final int count;
        private Duration step = Duration.ZERO;

        Metered(Duration every, int count) {
            this.every = every;
            this.count = count;
        }

        @Override
        public List<Reading> readings(
                DeviceId device, String metric, Interval interval, int limit) {
            assertThat(count).isLessThanOrEqualTo(limit);
            var readings = new ArrayList<Reading>();
            for (int i = 0; i < count; i++) {
                readings.add(new Reading(START.plus(every.multipliedBy(i)), i));
            }
            return readings;
        }

        @Override
        public List<Aggregate> aggregates(
                DeviceId device, String metric, Interval interval, Duration length) {
            step = length;
            var perStep = (int) length.dividedBy(every);
            var aggregates = new ArrayList<Aggregate>();
            for (int first = 0; first < count; first += perStep) {
                var last = Math.min(count, first + perStep) - 1;
                aggregates.add(
                        new Aggregate(
                                START.plus(every.multipliedBy(first)),
                                last - first + 1,
                                first,
                                last,
                                0,
                                first,
                                last));
            }
            return aggregates;
        }

        @Override
        public Page<Snapshot> newest(DeviceId device, Page.Request page) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Page<Snapshot> range(
                DeviceId device, Interval interval, boolean newestFirst, Page.Request page) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void stream(DeviceId device, Interval interval, Consumer<Snapshot> consumer) {
            throw new UnsupportedOperationException();
        }
    }
}
