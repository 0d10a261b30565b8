package org.tethral.alert;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.tethral.device.DeviceId;
import org.tethral.state.StateName;

/// What a rule would have told of observations of the past.
class PreviewTest {

    private static final Instant START = Instant.parse("2026-07-14T12:00:00Z");
    private static final DeviceId PUMP = new DeviceId("pump");

    private static AlertRule rule(Condition condition, int seconds) {
        return new AlertRule(
                new UUID(0, 1),
                "rule",
                new AlertRule.Scope.OfDevice(PUMP),
                condition,
                Duration.ofSeconds(seconds),
                Severity.WARNING,
                true,
                1,
                START);
    }

    private static Instant at(int second) {
        return START.plusSeconds(second);
    }

    /// Pairs of a second and a value, in the order in which they came.
    private static List<Observation> reports(int... pairs) {
        return IntStream.range(0, pairs.length / 2)
                .<Observation>mapToObj(i ->
                        new Observation.Report(
                                PUMP, at(pairs[2 * i]), i, Map.of("t", (double) pairs[2 * i + 1])))
                .toList();
    }

    private static List<Preview.Episode> episodes(
            AlertRule rule, List<Observation> observations, int until) {
        return Preview.episodes(rule, PUMP, observations, at(until));
    }

    @Test
    void endsWhereTheConditionClearsAndIsOpenWhereItDoesNot() {
        var rule = rule(new Condition.Metric("t", Operator.ABOVE, 90, 80), 0);
        var found = episodes(rule, reports(0, 95, 10, 85, 20, 70, 30, 99), 40);
        assertThat(found)
                .containsExactly(
                        new Preview.Episode(PUMP, at(0), at(20), 95.0, "t 95.0 > 90.0"),
                        new Preview.Episode(PUMP, at(30), null, 99.0, "t 99.0 > 90.0"));
    }

    @Test
    void triggersWhenTheTimeHasComeThoughNothingMoreIsHeard() {
        var rule = rule(new Condition.Metric("t", Operator.ABOVE, 90, 90), 60);
        assertThat(episodes(rule, reports(0, 95), 59)).isEmpty();
        assertThat(episodes(rule, reports(0, 95), 60))
                .singleElement()
                .extracting(Preview.Episode::triggeredAt)
                .isEqualTo(at(60));
        assertThat(episodes(rule, reports(0, 95, 100, 20), 200))
                .containsExactly(
                        new Preview.Episode(PUMP, at(60), at(100), 95.0, "t 95.0 > 90.0 for 60 s"));
        assertThat(episodes(rule, reports(0, 95, 30, 20), 200)).isEmpty();
    }

    @Test
    void countsNothingThatCameLate() {
        var rule = rule(new Condition.Metric("t", Operator.ABOVE, 90, 90), 0);
        assertThat(episodes(rule, reports(10, 20, 5, 99, 11, 30), 60)).isEmpty();
    }

    @Test
    void findsSilenceBetweenReports() {
        var rule = rule(new Condition.Silence(), 60);
        assertThat(episodes(rule, reports(0, 1, 59, 1, 118, 1, 200, 1), 210))
                .containsExactly(
                        new Preview.Episode(PUMP, at(178), at(200), null, "no report for 60 s"));
    }

    @Test
    void findsStaysInAState() {
        var rule = rule(new Condition.InState(new StateName("error")), 10);
        List<Observation> moves =
                List.of(
                        new Observation.Moved(PUMP, at(0), new StateName("error")),
                        new Observation.Moved(PUMP, at(9), new StateName("idle")),
                        new Observation.Moved(PUMP, at(20), new StateName("error")));
        assertThat(episodes(rule, moves, 60))
                .containsExactly(
                        new Preview.Episode(PUMP, at(30), null, null, "state is error for 10 s"));
    }
}
