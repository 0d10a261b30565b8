package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.tethral.account.Actor;
import org.tethral.alert.Anomalies;
import org.tethral.alert.Anomaly;
import org.tethral.alert.AnomalyLimits;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.Lifecycle;
import org.tethral.event.EventLog;
import org.tethral.ingest.Fact;
import org.tethral.ingest.Inbound;
import org.tethral.kernel.Page;
import org.tethral.state.StateName;

/// From what is committed to the event that tells of an anomaly.
@EachEngine
class AnomaliesContractTest extends AlertingRig {

    private static final AnomalyLimits LIMITS = AnomalyLimits.USUAL;

    private Anomalies anomalies;

    AnomaliesContractTest(TestDatabase test) {
        super(test);
        anomalies = anomalies();
        ingest.listen(facts ->
                facts.stream()
                        .filter(Fact.StateMoved.class::isInstance)
                        .forEach(fact -> anomalies.moved(fact.device())));
    }

    private Anomalies anomalies() {
        return new Anomalies(new SqlAnomalyStore(database), LIMITS, time::get);
    }

    @Test
    void tellsOnceInAWhileOfADeviceThatFlaps() {
        var flapping = fleet.add(name + "-flapping");
        var calm = fleet.add(name + "-calm");
        flap(flapping, LIMITS.flappingChanges());
        flap(calm, LIMITS.flappingChanges() - 2); // its first message took it online, too
        anomalies.look();
        assertThat(told(flapping)).containsExactly("anomaly.flapping");
        assertThat(told(calm)).isEmpty();
        flap(flapping, 10);
        anomalies.look();
        anomalies = anomalies(); // as after a restart
        flap(flapping, 1);
        anomalies.look();
        assertThat(told(flapping)).hasSize(1);
        time.set(time.get().plus(LIMITS.toldAgainAfter()));
        flap(flapping, 10);
        anomalies.look();
        assertThat(told(flapping)).hasSize(2);
    }

    @Test
    void doesNotCountChangesThatAreLongAgo() {
        var device = fleet.add(name + "-slow");
        flap(device, LIMITS.flappingChanges() - 1);
        time.set(START.plus(LIMITS.flappingWindow()));
        flap(device, 1);
        anomalies.look();
        assertThat(told(device)).isEmpty();
    }

    @Test
    void tellsOnceOfAStayInAStateThatShouldBeOver() {
        var stuck = fleet.add(name + "-stuck");
        move(stuck, "updating");
        time.set(START.plus(LIMITS.stuckAfter()).minusSeconds(1));
        anomalies.look();
        assertThat(told(stuck)).isEmpty();
        time.set(START.plus(LIMITS.stuckAfter()));
        anomalies.look();
        assertThat(told(stuck)).containsExactly("anomaly.stuck");
        time.set(START.plus(Duration.ofDays(2)));
        anomalies.look();
        assertThat(told(stuck)).hasSize(1); // it is the same stay
        move(stuck, "idle");
        move(stuck, "updating");
        time.set(time.get().plus(LIMITS.stuckAfter()));
        anomalies.look();
        assertThat(told(stuck)).hasSize(2);
    }

    @Test
    void tellsOnceOfADeviceThatIsOnlineAndSaysNothing() {
        var silent = fleet.add(name + "-silent");
        var offline = fleet.add(name + "-offline");
        var mute = fleet.add(name + "-mute");
        var retired = fleet.add(name + "-retired");
        report(silent, START, 1);
        report(offline, START, 1);
        report(retired, START, 1);
        set(offline, "status = 'offline', is_online = " + database.dialect().choose("0", "FALSE"));
        set(mute, "status = 'online', is_online = " + database.dialect().choose("1", "TRUE"));
        set(retired, "lifecycle = '" + Lifecycle.DECOMMISSIONED.word() + "'");
        time.set(START.plus(LIMITS.silentAfter()).minusSeconds(1));
        look();
        assertThat(told(silent)).isEmpty();
        time.set(START.plus(LIMITS.silentAfter()));
        look();
        assertThat(told(silent)).containsExactly("anomaly.silent");
        assertThat(told(offline)).isEmpty();
        assertThat(told(mute)).isEmpty();
        assertThat(told(retired)).isEmpty();
        time.set(START.plus(Duration.ofDays(2)));
        look();
        assertThat(told(silent)).hasSize(1);
        report(silent, time.get(), 2);
        time.set(time.get().plus(LIMITS.silentAfter()));
        look();
        assertThat(told(silent)).hasSize(2);
    }

    @Test
    void ofSeveralNodesThatFindItOneTellsIt() throws Exception {
        var device = fleet.add(name + "-shared");
        var store = new SqlAnomalyStore(database);
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < 8; i++) {
            threads.add(
                    Thread.ofVirtual()
                            .start(() ->
                                    store.tell(
                                            new Anomaly.Silent(
                                                    device.id(), device.community(), START),
                                            START,
                                            START.plusSeconds(9))));
        }
        for (var thread : threads) {
            thread.join();
        }
        assertThat(told(device)).hasSize(1);
    }

    /// All that are online, however many other tests have left.
    private void look() {
        for (int i = 0; i < 4; i++) {
            anomalies.look();
        }
    }

    private void flap(ConnectingDevice device, int changes) {
        for (int i = 0; i < changes; i++) {
            move(device, "state-" + UUID.randomUUID());
        }
    }

    private void move(ConnectingDevice device, String state) {
        try {
            ingest.submit(
                            new Inbound.StateReport(
                                    device,
                                    time.get(),
                                    new StateName(state),
                                    null,
                                    Actor.device(device.id().value())))
                    .get(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private void set(ConnectingDevice device, String what) {
        database.write(
                "change a device",
                session ->
                        session.sql("UPDATE devices SET " + what + " WHERE device_id = ?")
                                .set(device.id())
                                .update());
    }

    private List<String> told(ConnectingDevice device) {
        return new SqlEventLog(database)
                        .list(
                                new EventLog.Filter(
                                        null,
                                        "anomaly.*",
                                        null,
                                        device.id(),
                                        null,
                                        null,
                                        (Instant) null),
                                Page.Request.first(100))
                        .items()
                        .stream()
                        .map(logged -> logged.event().type().value())
                        .toList();
    }
}
