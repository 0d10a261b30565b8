package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tethral.alert.Alerting;
import org.tethral.alert.Observation;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.DeviceId;

/// Rules where not everything reaches the node that looks: more than fits its queue, other nodes,
/// nodes that die.
@EachEngine
class AlertingNodesContractTest extends AlertingRig {

    /// More than the queue of observations takes.
    private static final int TOO_MANY = 16_384;

    private final List<Alerting> others = new ArrayList<>();

    AlertingNodesContractTest(TestDatabase test) {
        super(test);
    }

    @AfterEach
    void closeOthers() {
        others.forEach(Alerting::close);
    }

    private Alerting other(String node) {
        var made = alerting(name + "-" + node);
        others.add(made);
        return made;
    }

    @Test
    void looksUpWhatDidNotFitTheQueue() {
        var device = fleet.add(name + "-overflow");
        var cleared = fleet.add(name + "-overflow-cleared");
        rule(of(device), above(90, 90), 0);
        rule(of(cleared), above(90, 90), 0);
        stopAlerting();
        var overflowing = other("overflowing");
        var filler = new DeviceId(name + "-nobody");
        for (int i = 0; i < TOO_MANY; i++) {
            overflowing.offer(new Observation.Report(filler, START, i, Map.of("t", 1.0)));
        }
        time.set(START.plusSeconds(10));
        report(device, START.plusSeconds(10), 95);
        report(cleared, START.plusSeconds(10), 95);
        report(cleared, START.plusSeconds(11), 20);
        // does not fit: what was committed is in the database only
        overflowing.offer(
                new Observation.Report(device.id(), START.plusSeconds(10), 1, Map.of("t", 95.0)));
        overflowing.start();
        eventually(() -> isOpen(device));
        eventually(() -> eventsOf(cleared).equals(List.of("alert.triggered", "alert.resolved")));
        assertThat(alertsOf(device)).hasSize(1);
    }

    /// Both hear of the same device, as when it roams, and both look at what both have committed.
    @Test
    void tellsOnceWhereTwoNodesLookAtOneDevice() {
        var devices = new ArrayList<ConnectingDevice>();
        stopAlerting();
        for (int i = 0; i < 20; i++) {
            var device = fleet.add(name + "-roams-" + i);
            rule(of(device), above(90, 80), 0);
            devices.add(device);
        }
        startAlerting();
        var second = other("second");
        second.start();
        commitTo(second);
        settle();
        for (var device : devices) {
            report(device, START, 91);
            report(device, START.plusSeconds(1), 95);
            report(device, START.plusSeconds(2), 70);
            report(device, START.plusSeconds(3), 99);
        }
        for (var device : devices) {
            eventually(() -> eventsOf(device).size() == 3 && isOpen(device));
            assertThat(eventsOf(device))
                    .containsExactly("alert.triggered", "alert.resolved", "alert.triggered");
        }
    }

    @Test
    void looksAtWhatANodeLeftThatDied() {
        var device = fleet.add(name + "-orphan");
        rule(of(device), above(90, 90), 0);
        elsewhere.add(device.id());
        var dying = other("dying");
        dying.start();
        eventually(() -> marks() == 2);
        dying.close(); // its mark stays
        time.set(START.plusSeconds(3));
        report(device, START.plusSeconds(3), 95);
        settle();
        assertThat(alertsOf(device)).isEmpty();
        time.set(START.plusSeconds(60));
        eventually(() -> isOpen(device)); // it looks for the dead every five seconds
        assertThat(eventsOf(device)).containsExactly("alert.triggered");
    }

    /// Who takes what a node left, and dies before it has looked at it, leaves that in turn.
    @Test
    void leavesWhatItTookAndHadNotLookedAt() {
        stopAlerting();
        var store = new SqlWatchStore(database, new SplittableRandom(1));
        var dead = name + "-first";
        var taker = name + "-taker";
        var deadSince = START.minusSeconds(3_600); // before the marks of other tests
        store.looked(dead, deadSince, deadSince);
        store.looked(taker, START.plusSeconds(50), START.plusSeconds(50));
        assertThat(store.left(taker, false, START.plusSeconds(40))).contains(deadSince);
        assertThat(store.left(taker, true, START.plusSeconds(50))).containsExactly(deadSince);
        assertThat(store.left(name + "-third", false, START.plusSeconds(60))).contains(deadSince);
    }

    private long marks() {
        return database.read(
                "count marks",
                session ->
                        session.sql("SELECT count(*) FROM alert_progress WHERE node LIKE ?")
                                .set(name + "%")
                                .number());
    }
}
