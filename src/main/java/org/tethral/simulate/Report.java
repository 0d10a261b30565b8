package org.tethral.simulate;

import java.time.Duration;
import java.util.List;

/// What became of a simulation's reports.
///
/// @param acknowledged reports, each counted once
/// @param stateChanges acknowledged beside them
/// @param refused reports and state changes that the server would not take
/// @param resent because the connection broke before the acknowledgement, or the server asked for
///   it
/// @param unacknowledged that still waited when time was up
/// @param reconnects after a connection broke
/// @param elapsed from the first report sent to the last one acknowledged
/// @param perSecond acknowledged in each second, from the first on
/// @param latency from when a report was due (at a rate) or sent (without) to its acknowledgement
/// @param problems the first few, in words
public record Report(
        long acknowledged,
        long stateChanges,
        long refused,
        long resent,
        long unacknowledged,
        long reconnects,
        Duration elapsed,
        List<Long> perSecond,
        Latency latency,
        Commands commands,
        List<String> problems) {

    public Report {
        perSecond = List.copyOf(perSecond);
        problems = List.copyOf(problems);
    }

    public double rate() {
        return elapsed.isZero() ? 0 : acknowledged * 1e9 / elapsed.toNanos();
    }

    /// What the devices made of commands. One that was sent twice counts twice.
    ///
    /// @param received each is answered, or its device vanished over it, or is about to answer
    public record Commands(long received, long done, long failed, long vanished) {}

    public record Latency(Duration p50, Duration p90, Duration p99, Duration p999, Duration max) {}
}
