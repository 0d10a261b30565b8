package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.tethral.alert.Alert;
import org.tethral.alert.AlertRule;
import org.tethral.alert.AlertStore;
import org.tethral.alert.Watch;
import org.tethral.alert.WatchStore;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.DeviceStore;
import org.tethral.device.Lifecycle;
import org.tethral.kernel.Page;

/// What becomes of alerts when their device goes.
@EachEngine
class AlertEndsContractTest extends AlertingRig {

    private final DeviceStore devices;

    AlertEndsContractTest(TestDatabase test) {
        super(test);
        this.devices = new SqlDeviceStore(database);
    }

    @Test
    void resolvesTheAlertsOfADeviceThatIsRemovedInTheSameCommit() {
        var kept = raised("-kept");
        var purged = raised("-purged");
        stopAlerting();
        devices.remove(kept.id(), DeviceStore.History.KEEP, OPERATOR, START.plusSeconds(9));
        devices.remove(purged.id(), DeviceStore.History.PURGE, OPERATOR, START.plusSeconds(9));
        assertThat(alertsOf(kept))
                .singleElement()
                .extracting(Alert::resolved)
                .isEqualTo(new Alert.Resolution(START.plusSeconds(9), OPERATOR, "device_removed"));
        assertThat(eventsOf(kept)).containsExactly("alert.triggered", "alert.resolved");
        assertThat(alertsOf(purged)).isEmpty();
        assertThat(eventsOf(purged)).containsExactly("alert.resolved");
        assertThat(watches(kept)).isZero();
    }

    @Test
    void resolvesTheAlertsOfADeviceThatIsDecommissionedAndWatchesItNoMore() {
        var device = raised("-old");
        var before = devices.find(device.id()).orElseThrow();
        devices.move(
                before.moved(Lifecycle.DECOMMISSIONED, START.plusSeconds(5)), "worn", OPERATOR);
        assertThat(alertsOf(device))
                .singleElement()
                .satisfies(alert -> {
                    assertThat(alert.resolved())
                            .isEqualTo(
                                    new Alert.Resolution(
                                            START.plusSeconds(5),
                                            OPERATOR,
                                            "device_decommissioned"));
                });
        report(device, START.plusSeconds(6), 99);
        settle();
        stopAlerting();
        startAlerting();
        report(device, START.plusSeconds(7), 99);
        settle();
        assertThat(alertsOf(device)).hasSize(1);
        assertThat(watches(device)).isZero();
        devices.move(
                devices.find(device.id()).orElseThrow().moved(Lifecycle.ACTIVE, START),
                "repaired",
                OPERATOR);
        stopAlerting(); // what a device belongs to is trusted for a while
        startAlerting();
        report(device, START.plusSeconds(8), 99);
        eventually(() -> isOpen(device));
    }

    @Test
    void writesNoAlertOfADeviceThatWentMeanwhile() {
        var gone = fleet.add(name + "-gone");
        var rule = rule(of(gone), above(90, 90), 0);
        stopAlerting();
        var member = new AlertRule.Member(gone.id(), gone.community(), null);
        var store = new SqlWatchStore(database, new SplittableRandom(1));
        var raised = new Watch(new Watch.Phase.Raised(START, 91.0), START);
        devices.remove(gone.id(), DeviceStore.History.KEEP, OPERATOR, START);
        assertThat(
                        store.keep(
                                List.of(
                                        new WatchStore.Turn(
                                                rule, member, 0, Watch.NEW, raised, START))))
                .containsExactly(gone.id());
        assertThat(alertsOf(gone)).isEmpty();
    }

    @Test
    void listsWhatIsAskedFor() {
        var one = raised("-one");
        var other = raised("-other");
        var alert = alertsOf(one).getFirst();
        alerts.acknowledge(alert.id(), new Alert.Acknowledgement(START, OPERATOR, null));
        var rule = alert.rule();
        assertThat(list(new AlertStore.Filter(null, null, null, rule, null, null, null, null)))
                .containsExactly(alert.id());
        assertThat(list(new AlertStore.Filter(true, true, null, null, one.id(), null, START, null)))
                .containsExactly(alert.id());
        assertThat(list(new AlertStore.Filter(true, false, null, null, one.id(), null, null, null)))
                .isEmpty();
        assertThat(
                        list(
                                new AlertStore.Filter(
                                        null, null, null, null, other.id(), null, null, START)))
                .isEmpty();
    }

    private List<UUID> list(AlertStore.Filter filter) {
        return alerts.list(filter, Page.Request.first(10)).items().stream().map(Alert::id).toList();
    }

    private ConnectingDevice raised(String suffix) {
        var device = fleet.add(name + suffix);
        rule(of(device), above(90, 90), 0);
        report(device, START, 91);
        eventually(() -> isOpen(device));
        return device;
    }

    private long watches(ConnectingDevice device) {
        return database.read(
                "count watches",
                session ->
                        session.sql("SELECT count(*) FROM alert_watches WHERE device_id = ?")
                                .set(device.id())
                                .number());
    }
}
