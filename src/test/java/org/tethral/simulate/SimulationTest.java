package org.tethral.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

class SimulationTest {

    private static final Duration LONG_ENOUGH = Duration.ofSeconds(20);

    private static Plan plan(CountingBroker broker, Plan.Load load) {
        return new Plan(
                Plan.Wire.MQTT,
                broker.address(),
                Plan.Identity.numbered("sim", 5, "secret"),
                load,
                new Plan.Content("run-1", true, 0.05, 42));
    }

    @Test
    void countsEveryReportOnceAndNoMoreThanItWasAskedFor() throws Exception {
        try (var broker = new CountingBroker(0)) {
            var report =
                    Simulation.run(plan(broker, Plan.Load.of(20_000, LONG_ENOUGH)), Watcher.NONE);

            assertThat(report.problems()).isEmpty();
            assertThat(report.acknowledged()).isEqualTo(20_000);
            assertThat(report.unacknowledged()).isZero();
            assertThat(broker.reports)
                    .hasSize(20_000)
                    .containsKey("run-1-0")
                    .containsKey("run-1-19999");
            assertThat(report.perSecond().stream().mapToLong(Long::longValue).sum())
                    .isEqualTo(20_000);
            assertThat(report.latency().p50())
                    .isPositive()
                    .isLessThanOrEqualTo(report.latency().max());
        }
    }

    @Test
    void changesTheStateWithOneReportInTwenty() throws Exception {
        try (var broker = new CountingBroker(0)) {
            var report =
                    Simulation.run(plan(broker, Plan.Load.of(20_000, LONG_ENOUGH)), Watcher.NONE);

            assertThat(report.stateChanges()).isBetween(850L, 1_150L);
            assertThat(broker.states.values())
                    .allSatisfy(states -> {
                        for (int i = 1; i < states.size(); i++) {
                            assertThat(states.get(i)).isNotEqualTo(states.get(i - 1));
                        }
                    });
        }
    }

    @Test
    void keepsWithinWhatMayBeInFlight() throws Exception {
        try (var broker = new CountingBroker(0)) {
            Simulation.run(
                    plan(broker, Plan.Load.of(5_000, LONG_ENOUGH).inFlight(7)), Watcher.NONE);

            assertThat(broker.mostInFlight).hasValueBetween(2, 7);
        }
    }

    @Test
    void keepsTheRate() throws Exception {
        try (var broker = new CountingBroker(0)) {
            var load = Plan.Load.of(0, Duration.ofSeconds(2)).at(500).inFlight(200);
            var report = Simulation.run(plan(broker, load), Watcher.NONE);

            assertThat(report.acknowledged()).isBetween(950L, 1_000L);
            assertThat(report.latency().p50()).isLessThan(Duration.ofMillis(200));
        }
    }

    @Test
    void sendsAgainUnderTheSameIdWhatWasNotAcknowledgedWhenTheConnectionBroke() throws Exception {
        try (var broker = new CountingBroker(0)) {
            broker.hangUpAfter(3_000);
            Set<Long> acknowledged = ConcurrentHashMap.newKeySet();
            var watcher =
                    new Watcher() {
                        @Override
                        public void acknowledged(String device, long number) {
                            acknowledged.add(number);
                        }
                    };
            var report = Simulation.run(plan(broker, Plan.Load.of(10_000, LONG_ENOUGH)), watcher);

            assertThat(report.reconnects()).isPositive();
            assertThat(report.resent()).isPositive();
            assertThat(report.acknowledged()).isEqualTo(10_000);
            assertThat(acknowledged).hasSize(10_000);
            assertThat(broker.reports).hasSize(10_000);
            assertThat(broker.reports.values()).anyMatch(times -> times.get() > 1);
        }
    }

    @Test
    void holdsConnectionsWithoutAReport() throws Exception {
        try (var broker = new CountingBroker(0)) {
            try (var _ = Simulation.hold(plan(broker, Plan.Load.of(0, LONG_ENOUGH)))) {
                assertThat(broker.connections).hasValue(5);
            }
            assertThat(broker.received).hasValue(0);
        }
    }

    @Test
    void saysWhyItsDevicesAreTurnedAway() throws Exception {
        try (var broker = new CountingBroker(5)) {
            assertThatThrownBy(() ->
                            Simulation.run(
                                    plan(broker, Plan.Load.of(1, LONG_ENOUGH)), Watcher.NONE))
                    .isInstanceOf(Simulation.Failed.class)
                    .hasMessageContaining("sim-")
                    .hasMessageContaining("CONNACK 5");
        }
    }

    @Test
    void writesTheSameForTheSameSeed() {
        var server = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
        var identities = Plan.Identity.numbered("sim", 3, "secret");
        var load = Plan.Load.of(1, LONG_ENOUGH);
        var content = new Plan.Content("r", false, 0.05, 7);
        var first = new Payload(new Plan(Plan.Wire.MQTT, server, identities, load, content));
        var second = new Payload(new Plan(Plan.Wire.MQTT, server, identities, load, content));
        var texts = ConcurrentHashMap.<String>newKeySet();
        for (int number = 0; number < 1_000; number++) {
            texts.add(text(first, number));
            assertThat(text(second, number)).isEqualTo(text(first, number));
        }
        assertThat(text(first, 17))
                .matches(
                        "\\{\"temperature\":\\d\\d\\.\\d\\d,\"humidity\":\\d\\d\\.\\d,\"battery\":100}");
        assertThat(texts).hasSizeGreaterThan(900);
    }

    private static String text(Payload payload, long number) {
        payload.report((int) (number % 3), number);
        var out = io.netty.buffer.Unpooled.buffer();
        payload.writeTo(out);
        return out.toString(java.nio.charset.StandardCharsets.UTF_8);
    }
}
