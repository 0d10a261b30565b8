package org.tethral.coap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.tethral.simulate.Plan;
import org.tethral.simulate.Simulation;
import org.tethral.simulate.Watcher;

/// Many devices at once, by another implementation of CoAP than ours.
class SimulatedDevicesTest {

    private static Plan plan(TestCoap platform, String secret, long messages) {
        return new Plan(
                Plan.Wire.COAP,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), platform.edge.port()),
                Plan.Identity.numbered("sim", 20, secret),
                new Plan.Load(0, 4, 1, messages, Duration.ofSeconds(30)),
                new Plan.Content("run", true, 0.05, 7));
    }

    @Test
    void storesEachOfTheirReportsOnce() throws Exception {
        try (var platform = TestCoap.started()) {
            var plan = plan(platform, "secret", 20_000);
            plan.devices().forEach(one -> platform.device(one.device(), one.token(), true));
            var report = Simulation.run(plan, Watcher.NONE);

            assertThat(report.acknowledged()).as(report.toString()).isEqualTo(20_000);
            assertThat(report.refused()).isZero();
            assertThat(platform.journal.reports()).isEqualTo(20_000);
        }
    }

    @Test
    void areToldThatTheyAreNotKnown() {
        try (var platform = TestCoap.started()) {
            assertThatThrownBy(() -> Simulation.run(plan(platform, "guessed", 10), Watcher.NONE))
                    .isInstanceOf(Simulation.Failed.class)
                    .hasMessageContaining("401");
        }
    }
}
