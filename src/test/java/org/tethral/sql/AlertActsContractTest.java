package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.tethral.account.Actor;
import org.tethral.account.CommunityId;
import org.tethral.alert.Alert;
import org.tethral.alert.AlertRule;
import org.tethral.alert.AlertStore;
import org.tethral.alert.Severity;
import org.tethral.alert.Watch;
import org.tethral.alert.WatchStore;
import org.tethral.device.DeviceId;
import org.tethral.device.ProfileId;
import org.tethral.ingest.Inbound;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.kernel.Value;

/// What people do with alerts and rules, and many at once.
@EachEngine
class AlertActsContractTest extends AlertingRig {

    AlertActsContractTest(TestDatabase test) {
        super(test);
    }

    @Test
    void saysWhoAcknowledgedAndResolvedAndStaysQuietUntilItHasCleared() {
        var device = fleet.add(name + "-by-hand");
        rule(of(device), above(90, 90), 0);
        report(device, START, 91);
        eventually(() -> isOpen(device));
        var id = alertsOf(device).getFirst().id();
        var first = new Alert.Acknowledgement(START, OPERATOR, "on my way");
        assertThat(alerts.acknowledge(id, first).orElseThrow().acknowledged()).isEqualTo(first);
        var second = new Alert.Acknowledgement(START, Actor.apiKey("other"), null);
        assertThat(alerts.acknowledge(id, second).orElseThrow().acknowledged()).isEqualTo(first);
        var resolution = new Alert.Resolution(START, OPERATOR, "sensor is broken");
        assertThat(alerts.resolve(id, resolution).orElseThrow().resolved()).isEqualTo(resolution);
        report(device, START.plusSeconds(1), 95);
        settle();
        assertThat(isOpen(device)).isFalse();
        report(device, START.plusSeconds(2), 20);
        report(device, START.plusSeconds(3), 95);
        eventually(() -> isOpen(device));
        assertThat(eventsOf(device))
                .containsExactly(
                        "alert.triggered",
                        "alert.acknowledged",
                        "alert.resolved",
                        "alert.triggered");
        assertThat(alerts.resolve(UUID.randomUUID(), resolution)).isEmpty();
    }

    @Test
    void endsTheAlertsOfARuleThatIsChangedDisabledOrRemoved() {
        var device = fleet.add(name + "-rule");
        var rule = rule(of(device), above(90, 90), 0);
        report(device, START, 91);
        eventually(() -> isOpen(device));
        var changed =
                new AlertRule(
                        rule.id(),
                        "calmer",
                        rule.scope(),
                        above(95, 95),
                        Duration.ZERO,
                        Severity.INFO,
                        true,
                        1,
                        START);
        assertThat(alerts.change(changed, OPERATOR, START))
                .isInstanceOf(AlertStore.Outcome.Stored.class);
        assertThat(alerts.change(changed, OPERATOR, START))
                .isEqualTo(new AlertStore.Outcome.VersionIsNow(2));
        assertThat(alertsOf(device).getFirst().resolved().why()).isEqualTo("rule_changed");
        settle();
        assertThat(isOpen(device)).isFalse();
        report(device, START.plusSeconds(1), 96);
        eventually(() -> isOpen(device));
        assertThat(alerts.remove(rule.id(), OPERATOR, START)).isTrue();
        assertThat(alertsOf(device).getFirst().resolved().why()).isEqualTo("rule_removed");
        assertThat(alerts.remove(rule.id(), OPERATOR, START)).isFalse();
    }

    @Test
    void keepsOneOpenAlertHoweverManyWriteAtOnce() throws Exception {
        var device = fleet.add(name + "-one");
        stopAlerting();
        var rule = rule(of(device), above(90, 90), 0);
        var member = new AlertRule.Member(device.id(), CommunityId.DEFAULT, null);
        var raised = new Watch(new Watch.Phase.Raised(START, 91.0), START);
        var threads = new ArrayList<Thread>();
        var kept = new java.util.concurrent.atomic.AtomicInteger();
        for (int i = 0; i < 8; i++) {
            var store = new SqlWatchStore(database, new SplittableRandom(i));
            threads.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                var turn =
                                        new WatchStore.Turn(
                                                rule, member, 0, Watch.NEW, raised, START);
                                if (store.keep(List.of(turn)).isEmpty()) {
                                    kept.incrementAndGet();
                                }
                            }));
        }
        for (var thread : threads) {
            thread.join();
        }
        assertThat(kept).hasValue(1);
        assertThat(alertsOf(device)).hasSize(1);
        assertThat(eventsOf(device)).containsExactly("alert.triggered");
    }

    @Test
    void watchesAThousandDevicesOfAProfile() {
        var profile = Devices.profile(name);
        new SqlProfileStore(database).add(profile);
        var devices =
                IntStream.range(0, 1_000).mapToObj(i -> fleet.add(name + "-fleet-" + i)).toList();
        database.write(
                "give them a profile",
                session ->
                        session.sql("UPDATE devices SET profile_id = ? WHERE device_id LIKE ?")
                                .set(profile.id().value())
                                .set(name + "-fleet-%")
                                .update());
        rule(new AlertRule.Scope.OfProfile(new ProfileId(profile.id().value())), above(90, 90), 0);
        var begin = System.nanoTime();
        var answers =
                devices.stream()
                        .map(device ->
                                ingest.submit(
                                        new Inbound.Report(
                                                device,
                                                START,
                                                List.of(
                                                        new Inbound.Measurement(
                                                                START,
                                                                null,
                                                                Document.of("t", Value.of(91)))))))
                        .toList();
        answers.forEach(java.util.concurrent.CompletableFuture::join);
        var ingested = System.nanoTime();
        eventually(() -> open().size() >= 1_000);
        System.out.printf(
                "%s: 1,000 reports in %d ms, their alerts %d ms later%n",
                database.dialect(),
                (ingested - begin) / 1_000_000,
                (System.nanoTime() - ingested) / 1_000_000);
        assertThat(
                        open().stream()
                                .map(Alert::device)
                                .map(DeviceId::value)
                                .filter(id -> id.startsWith(name + "-fleet-"))
                                .distinct())
                .hasSize(1_000);
    }

    private List<Alert> open() {
        return alerts.list(
                        new AlertStore.Filter(
                                true, null, Severity.CRITICAL, null, null, null, null, null),
                        Page.Request.first(1_000))
                .items();
    }
}
