package org.tethral.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchmarkTest {

    @TempDir Path directory;

    private List<Figure> run(Options.Part... parts) throws InterruptedException {
        var chosen = EnumSet.noneOf(Options.Part.class);
        chosen.addAll(List.of(parts));
        return Benchmark.run(
                new Options(chosen, 0.001, "sqlite", directory, 1),
                Steps.SILENT,
                InstantSource.system());
    }

    @Test
    void measuresEveryPublishedFigureAndLeavesNothingBehind() throws Exception {
        var figures = run(Options.Part.values());

        assertThat(figures).allSatisfy(figure -> assertThat(figure.measured()).isFinite());
        assertThat(figures.stream().map(Figure::name))
                .anyMatch(name -> name.startsWith("store alone, 4,000 reports a commit"))
                .anyMatch(name -> name.startsWith("MQTT QoS 1 reports acknowledged"))
                .contains("… of the store's ceiling")
                .contains("acknowledgement at 1,000/s, p99")
                .contains("HTTP reports, keep-alive, 64 connections")
                .contains("start to ready, empty database")
                .anyMatch(name -> name.startsWith("memory, idle"))
                .anyMatch(name -> name.matches("memory, each of .* connected idle MQTT devices"))
                .anyMatch(name -> name.matches("command round trip over WebSocket, .*, p50"))
                .anyMatch(name -> name.matches("1,000 commands/s to .* over MQTT, p99"))
                .contains("latest state, p95", "newest 100 snapshots, p95")
                .contains("30 days of one metric to 1,000 points, p95")
                .anyMatch(
                        name -> name.matches("ingest with .* snapshots, of that on an empty store"))
                .anyMatch(name -> name.matches("ingest with .* devices, of that with 100"))
                .contains("fleet statistics, not cached, p95", "active alerts, not cached, p95")
                .contains("what all secondary indexes cost ingest")
                .contains("event to webhook receiver, p50", "event to stream, p50");
        assertThat(filesLeft()).isEmpty();
    }

    private List<Path> filesLeft() throws IOException {
        try (var files = Files.list(directory)) {
            return files.toList();
        }
    }

    @Test
    void aFigureIsReachedOnTheRightSideOfItsBound() {
        var rate = Figure.atLeast("rate", 40_000, Figure.Unit.PER_SECOND, 40_000, "");
        assertThat(rate.reached()).isTrue();
        assertThat(Figure.atLeast("rate", 39_999, Figure.Unit.PER_SECOND, 40_000, "").reached())
                .isFalse();
        assertThat(Figure.atMost("p99", 25.01, Figure.Unit.MILLISECONDS, 25, "").reached())
                .isFalse();
        assertThat(Figure.shown("p99", 25.01, Figure.Unit.MILLISECONDS, "").reached()).isTrue();
        assertThat(rate.measuredText() + " " + rate.boundText()).isEqualTo("40,000/s ≥ 40,000/s");
    }
}
