package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.tethral.kernel.Page;
import org.tethral.space.ActuationStep;
import org.tethral.space.ActuationStore;
import org.tethral.space.Cause;
import org.tethral.space.Occupancy;
import org.tethral.space.Part;
import org.tethral.space.Space;
import org.tethral.space.SpaceState;

/// What becomes of the change of a space on its way to the display.
@EachEngine
class ActuationContractTest extends SpaceRig {

    ActuationContractTest(TestDatabase test) {
        super(test);
    }

    @Test
    void tellsTheDisplayWhatItsSensorSaysAndKeepsTheTrail() {
        var sensor = sensor();
        var display = display(true);
        var space = space(sensor, display);
        see(sensor, second(1), Occupancy.OCCUPIED);
        assertThat(now(space).state()).isEqualTo(SpaceState.OCCUPIED);
        assertThat(now(space).stateSince()).isEqualTo(second(1));
        var claims = send(second(2));
        assertThat(claims).hasSize(1);
        var downlink = claims.getFirst().downlink();
        assertThat(downlink.payload().hex()).isEqualTo("FF00006400");
        assertThat(downlink.fport()).isEqualTo(15);
        assertThat(downlink.confirmed()).isTrue();
        assertThat(downlink.lorawan().application()).isEqualTo("1");
        hear(second(3), claims, claim -> new ActuationStep.Transmitted(item(claim), second(3)));
        assertThat(now(space).displayState()).isNull();
        hear(second(4), claims, claim -> new ActuationStep.Answered(item(claim), true, second(4)));
        assertThat(now(space).displayState()).isEqualTo(SpaceState.OCCUPIED);
        var actuation = trail(space).getLast();
        assertThat(actuation.course().word()).isEqualTo("confirmed");
        assertThat(actuation.previous()).isEqualTo(SpaceState.UNKNOWN);
        assertThat(actuation.responseTime()).isEqualTo(Duration.ofSeconds(3));
        assertThat(actuation.cause()).isEqualTo(Cause.sensor(sensor));
        assertThat(told(space)).contains("space.assigned", "space.state_changed");
    }

    private static UUID item(ActuationStore.Claim claim) {
        return claim.downlink().queueItemId();
    }

    @Test
    void changesNothingForReportsThatComeLateOrAgain() {
        var sensor = sensor();
        var space = space(sensor, null);
        see(sensor, second(10), 5, Occupancy.OCCUPIED);
        see(sensor, second(5), 6, Occupancy.FREE);
        see(sensor, second(10), 5, Occupancy.FREE);
        assertThat(now(space).state()).isEqualTo(SpaceState.OCCUPIED);
        see(sensor, second(10), 7, Occupancy.FREE);
        assertThat(now(space).state()).isEqualTo(SpaceState.FREE);
        assertThat(words(space))
                .containsExactly("sensor_uplink occupied none", "sensor_uplink free none");
    }

    @Test
    void supersedesWhatWasNotSentYet() {
        var sensor = sensor();
        var space = space(sensor, display(false));
        see(sensor, second(1), Occupancy.OCCUPIED);
        see(sensor, second(2), Occupancy.FREE);
        var claims = send(second(3));
        assertThat(claims)
                .extracting(claim -> claim.downlink().state())
                .containsExactly(SpaceState.FREE);
        assertThat(words(space))
                .containsExactly("sensor_uplink occupied superseded", "sensor_uplink free sent");
    }

    @Test
    void sendsTheNewerOnlyWhenTheNetworkHasTheOlder() {
        var sensor = sensor();
        var space = space(sensor, display(false));
        see(sensor, second(1), Occupancy.OCCUPIED);
        var first = actuations.look(second(1), 100).claims();
        assertThat(first).hasSize(1);
        see(sensor, second(2), Occupancy.FREE);
        assertThat(actuations.look(second(2), 100).claims()).isEmpty();
        hear(
                second(3),
                first,
                claim -> new ActuationStep.Taken(item(claim), Duration.ofMinutes(2)));
        var second = send(second(4));
        assertThat(second).hasSize(1);
        hear(second(5), second, claim -> new ActuationStep.Transmitted(item(claim), second(5)));
        // late news of the older one says nothing of what is shown now
        hear(second(6), first, claim -> new ActuationStep.Transmitted(item(claim), second(4)));
        assertThat(now(space).displayState()).isEqualTo(SpaceState.FREE);
    }

    @Test
    void givesWhatANodeTookAndNeverSentToAnother() {
        var sensor = sensor();
        var space = space(sensor, display(false));
        see(sensor, second(1), Occupancy.OCCUPIED);
        assertThat(actuations.look(second(1), 100).claims()).hasSize(1);
        assertThat(actuations.look(second(2), 100).claims()).isEmpty();
        assertThat(actuations.look(second(20), 100).claims()).isEmpty();
        var again = send(second(23));
        assertThat(again).hasSize(1);
        assertThat(again.getFirst().actuation().course().attempts()).isEqualTo(2);
        assertThat(words(space)).containsExactly("sensor_uplink occupied sent");
    }

    @Test
    void isClaimedByOneNodeOnly() throws Exception {
        var sensors = new ArrayList<Space>();
        for (int i = 0; i < 20; i++) {
            var sensor = sensor();
            sensors.add(space(sensor, display(false)));
            see(sensor, second(1), Occupancy.OCCUPIED);
        }
        var claimed = new AtomicInteger();
        var threads = new ArrayList<Thread>();
        for (int node = 0; node < 4; node++) {
            threads.add(
                    Thread.ofVirtual()
                            .start(() ->
                                    claimed.addAndGet(
                                            (int)
                                                    actuations
                                                            .look(second(2), 100)
                                                            .claims()
                                                            .stream()
                                                            .filter(claim ->
                                                                    sensors.stream()
                                                                            .anyMatch(space ->
                                                                                    isOf(
                                                                                            claim,
                                                                                            space)))
                                                            .count())));
        }
        for (var thread : threads) {
            thread.join();
        }
        assertThat(claimed).hasValue(20);
    }

    private static boolean isOf(ActuationStore.Claim claim, Space space) {
        return claim.actuation().space().equals(space.id());
    }

    @Test
    void showsASharedDisplayFreeUntilTheLastSpaceIsTaken() {
        var one = sensor();
        var other = sensor();
        var display = display(false);
        var first = space(one, display);
        var second = space(other, display);
        see(one, second(1), Occupancy.FREE);
        see(other, second(2), Occupancy.FREE);
        see(one, second(3), Occupancy.OCCUPIED);
        assertThat(words(first)).endsWith("sensor_uplink occupied none");
        see(other, second(4), Occupancy.OCCUPIED);
        var claims = send(second(5));
        assertThat(claims)
                .extracting(claim -> claim.downlink().state())
                .containsExactly(SpaceState.OCCUPIED);
        hear(second(6), claims, claim -> new ActuationStep.Transmitted(item(claim), second(6)));
        assertThat(now(first).displayState()).isEqualTo(SpaceState.OCCUPIED);
        assertThat(now(second).displayState()).isEqualTo(SpaceState.OCCUPIED);
        // without the second it shows what the first is, and that is no news
        done(spaces.assign(second.id(), Part.DISPLAY, null, "moved", act(second(7))));
        see(one, second(8), Occupancy.FREE);
        assertThat(send(second(9))).hasSize(1);
    }

    @Test
    void tellsADisplayAgainThatComesBackAfterItWasGivenUp() {
        var sensor = sensor();
        var display = display(false);
        var space = space(sensor, display);
        see(sensor, second(1), Occupancy.OCCUPIED);
        var claims = actuations.look(second(1), 100).claims();
        hear(second(2), claims, claim -> new ActuationStep.Refused(item(claim), "too far", true));
        assertThat(actuations.inTheDark()).contains(display);
        assertThat(told(space)).endsWith("actuation.failed");
        assertThat(actuations.tellAgain(List.of(display), second(3))).isEqualTo(1);
        assertThat(actuations.tellAgain(List.of(display), second(3))).isZero();
        var again = send(second(4));
        assertThat(again)
                .extracting(claim -> claim.downlink().state())
                .containsExactly(SpaceState.OCCUPIED);
        assertThat(words(space))
                .containsExactly("sensor_uplink occupied failed", "system_cleanup occupied sent");
        assertThat(actuations.inTheDark()).doesNotContain(display);
        var failed = new ActuationStore.Filter(null, space.id(), null, null, true, null, null);
        assertThat(actuations.list(failed, Page.Request.first(10)).items()).hasSize(1);
    }
}
