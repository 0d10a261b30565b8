package org.tethral.alert;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.tethral.device.DeviceId;
import org.tethral.state.StateName;

/// What is odd, at its edges.
class AnomalyLimitsTest {

    private static final Instant NOW = Instant.parse("2026-07-14T12:00:00Z");
    private static final DeviceId PUMP = new DeviceId("pump");
    private static final AnomalyLimits LIMITS = AnomalyLimits.USUAL;

    /// An ordinary device, with what is not.
    private static Suspect suspect(
            String state, Duration inIt, boolean online, Duration quiet, long changes) {
        return suspect(state, inIt, online, true, quiet, Duration.ofSeconds(30), changes);
    }

    private static Suspect suspect(
            String state,
            Duration inIt,
            boolean online,
            boolean reported,
            Duration quiet,
            Duration heartbeat,
            long changes) {
        return new Suspect(
                PUMP,
                null,
                new StateName(state),
                NOW.minus(inIt),
                online,
                reported,
                NOW.minus(quiet),
                heartbeat,
                changes);
    }

    @Test
    void tenChangesAreTooMany() {
        assertThat(LIMITS.judge(suspect("idle", Duration.ZERO, true, Duration.ZERO, 9), NOW))
                .isEmpty();
        assertThat(LIMITS.judge(suspect("idle", Duration.ZERO, true, Duration.ZERO, 10), NOW))
                .containsExactly(new Anomaly.Flapping(PUMP, null, 10, Duration.ofMinutes(10)));
    }

    @Test
    void aStateThatShouldBeOverIsStuckAfterAWhile() {
        var limit = LIMITS.stuckAfter();
        assertThat(LIMITS.judge(suspect("updating", limit.minusNanos(1_000), true, limit, 0), NOW))
                .isEmpty();
        assertThat(LIMITS.judge(suspect("updating", limit, true, limit, 0), NOW))
                .containsExactly(
                        new Anomaly.Stuck(PUMP, null, new StateName("updating"), NOW.minus(limit)));
        assertThat(LIMITS.judge(suspect("idle", Duration.ofDays(9), true, limit, 0), NOW))
                .isEmpty();
    }

    @Test
    void whoIsOnlineAndSaysNothingIsSilent() {
        var limit = LIMITS.silentAfter();
        var day = Duration.ofDays(1);
        assertThat(LIMITS.judge(suspect("idle", day, true, limit.minusNanos(1_000), 0), NOW))
                .isEmpty();
        assertThat(LIMITS.judge(suspect("idle", day, true, limit, 0), NOW))
                .containsExactly(new Anomaly.Silent(PUMP, null, NOW.minus(limit)));
        assertThat(LIMITS.judge(suspect("idle", day, false, limit, 0), NOW)).isEmpty();
        // a display that never reports
        assertThat(
                        LIMITS.judge(
                                suspect("idle", day, true, false, limit, Duration.ofSeconds(30), 0),
                                NOW))
                .isEmpty();
    }

    @Test
    void whoSpeaksSeldomIsSilentLater() {
        var heartbeat = Duration.ofHours(1);
        var quiet = heartbeat.multipliedBy(LIMITS.silentHeartbeats());
        var day = Duration.ofDays(1);
        assertThat(
                        LIMITS.judge(
                                suspect(
                                        "idle",
                                        day,
                                        true,
                                        true,
                                        quiet.minusNanos(1_000),
                                        heartbeat,
                                        0),
                                NOW))
                .isEmpty();
        assertThat(LIMITS.judge(suspect("idle", day, true, true, quiet, heartbeat, 0), NOW))
                .hasSize(1);
    }

    @Test
    void oneDeviceMayBeOddInSeveralWays() {
        var day = Duration.ofDays(1);
        assertThat(LIMITS.judge(suspect("booting", day, true, day, 99), NOW))
                .extracting(Anomaly::word)
                .containsExactly("flapping", "stuck", "silent");
    }
}
