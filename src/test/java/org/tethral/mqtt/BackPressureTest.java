package org.tethral.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tethral.ingest.Fact;
import org.tethral.kernel.Value;

/// Who is too quick is held up, and nothing of what was taken is lost.
final class BackPressureTest {

    private TestEdge platform;

    @BeforeEach
    void start() {
        platform = TestEdge.started();
    }

    @AfterEach
    void stop() {
        platform.close();
    }

    @Test
    void stopsReadingWhileTheQueueIsFullAndStoresEverythingLater() throws Exception {
        var clients = 20; // enough to fill the queue, each with its share
        var each = 2_500;
        var wires = new ArrayList<Wire>();
        for (int i = 0; i < clients; i++) {
            wires.add(Wire.connected3(platform, "c", platform.registry.device("pump-" + i)));
        }
        eventually(() -> platform.journal.facts(Fact.Linked.class).size() == clients);
        platform.journal.hold();
        var senders = new ArrayList<Thread>();
        for (int i = 0; i < clients; i++) {
            var wire = wires.get(i);
            var topic = "devices/pump-" + i + "/report";
            senders.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                for (int n = 0; n < each; n += 100) {
                                    wire.send(reports(topic, n, 100));
                                }
                            }));
        }
        eventually(() -> stalled() > 0);
        var waiting = platform.ingest.health().waiting();
        platform.journal.release();

        for (var sender : senders) {
            sender.join();
        }
        eventually(() -> platform.journal.reports() == (long) clients * each);
        assertThat(waiting).as("bounded").isLessThanOrEqualTo(32_768);
        for (int i = 0; i < clients; i++) {
            var device = "pump-" + i;
            var numbers =
                    platform.journal.facts(Fact.Reported.class).stream()
                            .filter(fact -> fact.device().value().equals(device))
                            .map(fact ->
                                    ((Value.Numeric)
                                                    fact.snapshot()
                                                            .values()
                                                            .find("n")
                                                            .orElseThrow())
                                            .value()
                                            .intValue())
                            .toList();
            assertThat(numbers).isSorted().doesNotHaveDuplicates().hasSize(each);
        }
        wires.forEach(Wire::close);
    }

    private static byte[] reports(String topic, int from, int count) {
        var all = new Wire.Bytes();
        for (int n = from; n < from + count; n++) {
            all.all(Wire.publish(4, topic, 0, 0, "{\"n\":" + n + "}"));
        }
        return all.array();
    }

    @Test
    void leavesRoomForOthersBesideADeviceThatFloods() throws Exception {
        try (var flood = Wire.connected3(platform, "c", platform.registry.device("flood"));
                var well = Wire.connected3(platform, "c", platform.registry.device("well"))) {
            eventually(() -> platform.journal.facts(Fact.Linked.class).size() == 2);
            platform.journal.hold();
            // occupies the commit that is held, so that all of the flood waits behind it
            well.send(Wire.publish(4, "devices/well/report", 1, 7, "{\"n\":0}"));
            eventually(() -> platform.journal.held() == 1);
            var many = reports("devices/flood/report", 0, 20_000);
            var sender = Thread.ofVirtual().start(() -> flood.send(many));
            eventually(
                    () -> platform.ingest.health().waiting() >= Acknowledgements.WAITING_MAX - 1);
            well.send(Wire.publish(4, "devices/well/report", 1, 1, "{\"n\":1}"));
            well.send(Wire.pingreq());
            well.expect(Wire.PINGRESP);
            assertThat(platform.ingest.health().waiting())
                    .isLessThan(Acknowledgements.WAITING_MAX + 10);
            platform.journal.release();

            well.expect(Wire.PUBACK);
            well.expect(Wire.PUBACK);
            sender.join();
            eventually(() -> platform.journal.reports() == 20_002);
        }
    }

    private double stalled() {
        return platform.meters.get("tethral.ingest.turned.away").counter().count();
    }

    @Test
    void readsNoMoreOfAClientThatHasTooMuchUnanswered() {
        try (var wire = Wire.connected3(platform, "c", platform.registry.device("pump-7"))) {
            eventually(() -> platform.journal.facts(Fact.Linked.class).size() == 1);
            platform.journal.hold();
            for (int i = 1; i <= Acknowledgements.WAITING_MAX; i++) {
                wire.send(Wire.publish(4, "devices/pump-7/report", 1, i, "{\"n\":" + i + "}"));
            }
            wire.send(Wire.pingreq());
            assertThat(wire.silentFor(100)).as("not even a ping is answered").isTrue();
            platform.journal.release();

            Set<Integer> acknowledged = new HashSet<>();
            var pings = 0; // it is read again as soon as half of them are answered
            while (acknowledged.size() < Acknowledgements.WAITING_MAX || pings == 0) {
                var packet =
                        Objects.requireNonNull(wire.read(), "the server closed the connection");
                if (packet.type() == Wire.PINGRESP) {
                    pings++;
                } else {
                    assertThat(packet.type()).isEqualTo(Wire.PUBACK);
                    acknowledged.add(packet.packetId());
                }
            }
            assertThat(acknowledged).hasSize(Acknowledgements.WAITING_MAX);
        }
    }

    @Test
    void servesOthersWhileAClientNeverReads() throws Exception {
        Thread sender;
        try (var deaf = new Wire(platform.edge.port(), 1_024);
                var well = Wire.connected3(platform, "c", platform.registry.device("pump-8"))) {
            deaf.send(Wire.connect(4, "c", true, 60, platform.registry.device("pump-7"), null));
            var pings = new Wire.Bytes();
            for (int i = 0; i < 10_000; i++) {
                pings.all(Wire.pingreq());
            }
            var many = pings.array();
            var sent = new AtomicInteger();
            sender =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    while (true) {
                                        deaf.send(many);
                                        sent.incrementAndGet();
                                    }
                                } catch (java.io.UncheckedIOException e) {
                                    // closed in the end
                                }
                            });
            var before = new AtomicInteger(-1);
            eventually( // its own sending stands still in the end: it is not read
                    () -> {
                        var now = sent.get();
                        return now > 10 && now == before.getAndSet(now) && standsStill(sent, now);
                    });

            well.send(Wire.publish(4, "devices/pump-8/report", 1, 1, "{\"n\":1}"));
            well.expect(Wire.PUBACK);
        }
        sender.join();
    }

    private static boolean standsStill(AtomicInteger counter, int at) {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return counter.get() == at;
    }
}
