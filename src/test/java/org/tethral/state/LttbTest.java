package org.tethral.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LttbTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void keepsAllWhereThereAreNoMoreThanAskedFor() {
        var readings = readings(0, 1, 2, 3);
        assertThat(Lttb.sample(readings, 4)).isEqualTo(readings);
        assertThat(Lttb.sample(List.of(), 3)).isEmpty();
        assertThatThrownBy(() -> Lttb.sample(readings, 2))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /// By hand: shares {1,2} and {3,4} between first and last. Of {1,2} against (0,0) and the
    /// average (3.5, 0.5) the reading (2, 5) makes the larger triangle; of {3,4} against (2,5) and
    /// the last (5,0) it is (3,0), not (4,1).
    @Test
    void choosesTheLargestTriangles() {
        assertThat(Lttb.sample(readings(0, 1, 5, 0, 1, 0), 4))
                .isEqualTo(List.of(at(0, 0), at(2, 5), at(3, 0), at(5, 0)));
    }

    @Test
    void keepsASinglePeakAmongThousands() {
        var values = new double[10_000];
        values[7_321] = 100;
        assertThat(Lttb.sample(readings(values), 50)).extracting(Reading::value).contains(100.0);
    }

    @Test
    void givesAsManyAsAskedForInOrderWithBothEnds() {
        var seed = System.nanoTime();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        for (int run = 0; run < 500; run++) {
            var values =
                    IntStream.range(0, 4 + random.nextInt(2_000))
                            .mapToDouble(_ -> random.nextGaussian())
                            .toArray();
            var readings = readings(values);
            var points = 3 + random.nextInt(values.length - 3);
            var sample = Lttb.sample(readings, points);
            assertThat(sample)
                    .hasSize(points)
                    .startsWith(readings.getFirst())
                    .endsWith(readings.getLast());
            assertThat(sample).isSubsetOf(readings);
            assertThat(sample).extracting(Reading::at).isSorted();
        }
    }

    private static List<Reading> readings(double... values) {
        var readings = new ArrayList<Reading>();
        for (int i = 0; i < values.length; i++) {
            readings.add(at(i, values[i]));
        }
        return readings;
    }

    private static Reading at(int second, double value) {
        return new Reading(START.plusSeconds(second), value);
    }
}
