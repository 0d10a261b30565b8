package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.tethral.account.Actor;
import org.tethral.alert.Alert;
import org.tethral.alert.Condition;
import org.tethral.device.ConnectingDevice;
import org.tethral.ingest.Inbound;
import org.tethral.state.StateName;

/// When alerts are triggered and resolved.
@EachEngine
class AlertingContractTest extends AlertingRig {

    AlertingContractTest(TestDatabase test) {
        super(test);
    }

    @Test
    void triggersOnceAndResolvesWhenTheConditionHasCleared() {
        var device = fleet.add(name + "-a");
        rule(of(device), above(90, 80), 0);
        report(device, START, 91);
        eventually(() -> isOpen(device));
        report(device, START.plusSeconds(1), 99);
        report(device, START.plusSeconds(2), 85); // between
        settle();
        assertThat(alertsOf(device))
                .singleElement()
                .satisfies(alert -> {
                    assertThat(alert.isOpen()).isTrue();
                    assertThat(alert.value()).isEqualTo(91);
                    assertThat(alert.message()).isEqualTo("t 91.0 > 90.0");
                });
        report(device, START.plusSeconds(3), 80);
        eventually(() -> !isOpen(device));
        assertThat(alertsOf(device).getFirst().resolved())
                .isEqualTo(new Alert.Resolution(START, Actor.system("alerts"), "cleared"));
        assertThat(eventsOf(device)).containsExactly("alert.triggered", "alert.resolved");
    }

    @Test
    void ignoresLateDataAlsoAfterARestart() {
        var device = fleet.add(name + "-late");
        var raised = fleet.add(name + "-late-raised");
        rule(of(device), above(90, 90), 0);
        rule(of(raised), above(90, 90), 0);
        report(device, START, 20);
        report(raised, START, 99);
        eventually(() -> isOpen(raised));
        report(device, START.minusSeconds(60), 95);
        report(raised, START.minusSeconds(60), 20);
        settle();
        stopAlerting();
        startAlerting();
        report(device, START.minusSeconds(30), 95);
        report(raised, START.minusSeconds(30), 20);
        settle();
        assertThat(alertsOf(device)).isEmpty();
        assertThat(isOpen(raised)).isTrue();
    }

    @Test
    void keepsItsTimersOverARestart() {
        var device = fleet.add(name + "-timer");
        var cleared = fleet.add(name + "-timer-cleared");
        rule(of(device), above(90, 90), 60);
        rule(of(cleared), above(90, 90), 60);
        report(device, START, 91);
        report(cleared, START, 91);
        settle();
        time.set(START.plusSeconds(30));
        stopAlerting();
        report(cleared, START.plusSeconds(30), 20); // while nobody looks
        time.set(START.plusSeconds(59));
        startAlerting();
        settle();
        assertThat(alertsOf(device)).isEmpty();
        time.set(START.plusSeconds(60));
        eventually(() -> isOpen(device));
        assertThat(alertsOf(device).getFirst().triggeredAt()).isEqualTo(START.plusSeconds(60));
        settle();
        assertThat(alertsOf(cleared)).isEmpty();
    }

    @Test
    void findsWhatBeganAndEndedWhileNobodyLooked() {
        var device = fleet.add(name + "-missed");
        rule(of(device), above(90, 90), 0);
        settle();
        stopAlerting();
        time.set(START.plusSeconds(10));
        report(device, START.plusSeconds(10), 95);
        report(device, START.plusSeconds(11), 20);
        startAlerting();
        eventually(() -> !alertsOf(device).isEmpty() && !isOpen(device));
        stopAlerting();
        startAlerting(); // what was looked at is not looked at as new again
        settle();
        assertThat(alertsOf(device)).hasSize(1);
        assertThat(eventsOf(device)).containsExactly("alert.triggered", "alert.resolved");
    }

    @Test
    void tellsOfSilenceAndOfItsEnd() {
        var device = fleet.add(name + "-silent");
        var never = fleet.add(name + "-never");
        report(device, START, 1);
        rule(of(device), new Condition.Silence(), 300);
        rule(of(never), new Condition.Silence(), 300);
        time.set(START.plusSeconds(200));
        report(device, START.minusSeconds(999), 2); // old values, but a report
        settle();
        time.set(START.plusSeconds(301));
        settle();
        assertThat(alertsOf(device)).isEmpty();
        time.set(START.plusSeconds(500));
        eventually(() -> isOpen(device));
        report(device, START.plusSeconds(500), 3);
        eventually(() -> !isOpen(device));
        time.set(START.plusSeconds(800));
        eventually(() -> isOpen(device));
        assertThat(alertsOf(device)).hasSize(2);
        assertThat(alertsOf(never)).isEmpty();
    }

    @Test
    void tellsOfAStateThatLasts() throws Exception {
        var device = fleet.add(name + "-state");
        rule(of(device), new Condition.InState(new StateName("error")), 10);
        move(device, "error");
        settle();
        assertThat(alertsOf(device)).isEmpty();
        time.set(START.plusSeconds(10));
        eventually(() -> isOpen(device));
        move(device, "idle");
        eventually(() -> !isOpen(device));
        // a rule that is made when it is so already
        move(device, "busy");
        rule(of(device), new Condition.InState(new StateName("busy")), 0);
        eventually(() -> isOpen(device));
    }

    private void move(ConnectingDevice device, String state) throws Exception {
        ingest.submit(
                        new Inbound.StateReport(
                                device,
                                time.get(),
                                new StateName(state),
                                null,
                                Actor.device(device.id().value())))
                .get(10, TimeUnit.SECONDS);
    }
}
