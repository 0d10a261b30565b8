package org.tethral.benchmark;

import java.util.Locale;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// Something measured.
///
/// @param bound what it is to reach: at least, or at most; null: it is shown for comparison
/// @param beside the yardstick and what else explains it, in words; may be empty
public record Figure(
        String name, double measured, Unit unit, @Nullable Bound bound, String beside) {

    public enum Unit {
        PER_SECOND,
        MILLISECONDS,
        SECONDS,
        MEGABYTES,
        KILOBYTES,
        MICROSECONDS,
        PERCENT;

        String text(double value) {
            return switch (this) {
                case PER_SECOND -> format("%,.0f/s", value);
                case MILLISECONDS -> format("%.2f ms", value);
                case SECONDS -> format("%.2f s", value);
                case MEGABYTES -> format("%.0f MB", value);
                case KILOBYTES -> format("%.1f KB", value);
                case MICROSECONDS -> format("%.1f µs", value);
                case PERCENT -> format("%.0f %%", value);
            };
        }

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        private static String format(String pattern, double value) {
            return String.format(Locale.ROOT, pattern, value);
        }
    }

    public sealed interface Bound {
        double value();

        record AtLeast(double value) implements Bound {}

        record AtMost(double value) implements Bound {}
    }

    static Figure shown(String name, double measured, Unit unit, String beside) {
        return new Figure(name, measured, unit, null, beside);
    }

    static Figure atLeast(String name, double measured, Unit unit, double least, String beside) {
        return new Figure(name, measured, unit, new Bound.AtLeast(least), beside);
    }

    static Figure atMost(String name, double measured, Unit unit, double most, String beside) {
        return new Figure(name, measured, unit, new Bound.AtMost(most), beside);
    }

    /// How long reads over HTTP took, by their 95th percentile.
    ///
    /// @param micros how long each took
    static Figure reads(String name, Histogram micros, double mostMillis, String beside) {
        return atMost(
                name + ", p95",
                micros.getValueAtPercentile(95) / 1e3,
                Unit.MILLISECONDS,
                mostMillis,
                String.format(
                        Locale.ROOT,
                        "over HTTP, p50 %.2f ms, p99 %.2f ms; %s",
                        micros.getValueAtPercentile(50) / 1e3,
                        micros.getValueAtPercentile(99) / 1e3,
                        beside));
    }

    public boolean reached() {
        return switch (bound) {
            case null -> true;
            case Bound.AtLeast(var least) -> measured >= least;
            case Bound.AtMost(var most) -> measured <= most;
        };
    }

    public String measuredText() {
        return unit.text(measured);
    }

    /// Empty where it has no bound.
    public String boundText() {
        return switch (bound) {
            case null -> "";
            case Bound.AtLeast(var least) -> "≥ " + unit.text(least);
            case Bound.AtMost(var most) -> "≤ " + unit.text(most);
        };
    }
}
