package org.tethral.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ProgressTest {

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private long now = 77;

    private Progress progress(boolean interactive, long total) {
        var stream = new PrintStream(err, true, StandardCharsets.UTF_8);
        var nowhere = new PrintStream(PrintStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        var terminal =
                new Terminal(
                        nowhere,
                        stream,
                        interactive,
                        Map.of(),
                        () -> {},
                        InstantSource.system(),
                        new SplittableRandom(1));
        return new Progress(terminal, "rows", total, () -> now);
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    private String said() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void showsHowFarItIsWhereAPersonWaitsLongerThanTwoSeconds() {
        try (var progress = progress(true, 4_000)) {
            pass(Duration.ofMillis(1_999));
            progress.reached(500);
            assertThat(said()).isEmpty();

            pass(Duration.ofMillis(1));
            progress.reached(1_000);
            assertThat(said())
                    .isEqualTo("\r[#######                       ] 1,000 rows, 500/s\u001b[K");

            pass(Duration.ofMillis(100));
            progress.reached(2_000);
            assertThat(said()).as("not too often").doesNotContain("2,000");
        }
        assertThat(said()).as("the line is taken away").endsWith("\r\u001b[K");
    }

    @Test
    void showsNoBarWhereNobodyKnowsHowMuchThereIs() {
        try (var progress = progress(true, 0)) {
            pass(Duration.ofSeconds(4));
            progress.reached(1_000);
        }
        assertThat(said()).startsWith("\r1,000 rows, 250/s");
    }

    @Test
    void isSilentWhereNobodyWatchesAndWhereItIsQuick() {
        try (var progress = progress(false, 10)) {
            pass(Duration.ofHours(1));
            progress.reached(5);
        }
        try (var progress = progress(true, 10)) {
            progress.reached(10);
        }
        assertThat(said()).isEmpty();
    }
}
