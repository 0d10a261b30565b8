package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.tethral.account.CommunityId;
import org.tethral.alert.AlertRule;
import org.tethral.alert.Preview;
import org.tethral.alert.Severity;
import org.tethral.state.Interval;

/// What a rule would have told is what it does tell.
@EachEngine
class AlertPreviewContractTest extends AlertingRig {

    private static final Interval HOUR = new Interval(START, START.plusSeconds(3_600));

    private final Preview preview;

    AlertPreviewContractTest(TestDatabase test) {
        super(test);
        this.preview =
                new Preview(
                        new SqlDeviceStore(database),
                        new SqlHistoryStore(database, _ -> {}),
                        new SqlStateStore(database));
    }

    private record Span(Instant from, Instant to) {}

    @Test
    void tellsOfThePastWhatTheRuleTellsWhenItIsThere() {
        var device = fleet.add(name + "-same");
        var rule = rule(of(device), above(90, 80), 0);
        var random = new SplittableRandom(11);
        for (int second = 0; second < 40; second++) {
            time.set(START.plusSeconds(second));
            report(device, time.get(), 70 + random.nextInt(31));
            if (second % 20 == 19) {
                settle(); // so that it is found at about its time
            }
        }
        settle();
        var told =
                alertsOf(device).reversed().stream()
                        .map(one -> one.value() + " " + (one.resolved() == null))
                        .toList();
        var result = preview.of(rule, HOUR);
        assertThat(result.complete()).isTrue();
        assertThat(result.devices()).isEqualTo(1);
        assertThat(result.episodes())
                .hasSizeGreaterThan(2)
                .extracting(one -> one.value() + " " + (one.resolvedAt() == null))
                .isEqualTo(told);
    }

    @Test
    void countsNothingThatCameLate() {
        var device = fleet.add(name + "-late");
        report(device, START.plusSeconds(10), 20);
        report(device, START.plusSeconds(5), 95);
        stopAlerting();
        var result = preview.of(rule(of(device), above(90, 90), 0), HOUR);
        assertThat(result.complete()).isTrue();
        assertThat(result.episodes()).isEmpty();
    }

    @Test
    void looksAtTheDevicesOfACommunityAndKeepsNothing() {
        var hot = fleet.add(name + "-hot");
        report(hot, START.plusSeconds(1), 95);
        report(hot, START.plusSeconds(61), 20);
        var rule =
                new AlertRule(
                        UUID.randomUUID(),
                        "never kept",
                        new AlertRule.Scope.OfCommunity(CommunityId.DEFAULT),
                        above(90, 90),
                        Duration.ZERO,
                        Severity.INFO,
                        true,
                        1,
                        START);
        var result = preview.of(rule, HOUR);
        assertThat(result.episodes())
                .filteredOn(one -> one.device().equals(hot.id()))
                .extracting(one -> new Span(one.triggeredAt(), one.resolvedAt()))
                .isEqualTo(List.of(new Span(START.plusSeconds(1), START.plusSeconds(61))));
        assertThat(alertsOf(hot)).isEmpty();
        assertThat(alerts.rule(rule.id())).isEmpty();
    }
}
