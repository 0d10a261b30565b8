package org.tethral.simulate;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/// Counts what becomes of a run's messages.
final class Tally {

    private static final int PROBLEMS_KEPT_MAX = 10;
    private static final int PROBLEM_LENGTH_MAX = 300;
    private static final int SECONDS_KEPT_MAX = 24 * 3_600;
    private static final long LATENCY_MAX_MICROS = TimeUnit.HOURS.toMicros(1);

    private final Histogram latencyMicros = new Histogram(LATENCY_MAX_MICROS, 3);
    private final List<Long> perSecond = new ArrayList<>();
    private final Set<String> problems = new LinkedHashSet<>();
    private long firstNanos;
    private long lastNanos;
    private long acknowledged;
    private long stateChanges;
    private long refused;
    private long resent;
    private long reconnects;
    private long commands;
    private long done;
    private long failed;
    private long vanished;

    /// The first report is sent.
    void begin(long now) {
        firstNanos = now;
        lastNanos = now;
    }

    void acknowledged(long sinceNanos, long now) {
        acknowledged++;
        lastNanos = now;
        latencyMicros.recordValue(Math.clamp((now - sinceNanos) / 1_000, 0, LATENCY_MAX_MICROS));
        var second = (int) ((now - firstNanos) / 1_000_000_000);
        while (perSecond.size() <= second && perSecond.size() < SECONDS_KEPT_MAX) {
            perSecond.add(0L);
        }
        if (second < perSecond.size()) {
            perSecond.set(second, perSecond.get(second) + 1);
        }
    }

    long acknowledged() {
        return acknowledged;
    }

    void stateChanged() {
        stateChanges++;
    }

    void refused(String reason) {
        refused++;
        problem(reason);
    }

    void resent() {
        resent++;
    }

    void reconnected() {
        reconnects++;
    }

    void commanded() {
        commands++;
    }

    void answered(boolean success) {
        if (success) {
            done++;
        } else {
            failed++;
        }
    }

    void vanished() {
        vanished++;
    }

    void problem(String text) {
        if (problems.size() < PROBLEMS_KEPT_MAX) {
            problems.add(
                    text.length() <= PROBLEM_LENGTH_MAX
                            ? text
                            : text.substring(0, PROBLEM_LENGTH_MAX) + "…");
        }
    }

    List<String> problems() {
        return List.copyOf(problems);
    }

    Report report(long unacknowledged) {
        return new Report(
                acknowledged,
                stateChanges,
                refused,
                resent,
                unacknowledged,
                reconnects,
                Duration.ofNanos(lastNanos - firstNanos),
                perSecond,
                new Report.Latency(
                        quantile(50), quantile(90), quantile(99), quantile(99.9), quantile(100)),
                new Report.Commands(commands, done, failed, vanished),
                problems());
    }

    private Duration quantile(double percent) {
        return Duration.of(latencyMicros.getValueAtPercentile(percent), ChronoUnit.MICROS);
    }
}
