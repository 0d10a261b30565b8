package org.tethral.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.device.DeviceId;
import org.tethral.ingest.Fact;
import org.tethral.ingest.MemoryJournal;
import org.tethral.kernel.Document;
import org.tethral.kernel.StorageException;
import org.tethral.kernel.Value;
import org.tethral.state.StateName;

/// What is acknowledged is durable, and stored once.
final class PublishTest {

    private static final String REPORT = "devices/pump-7/report";

    private TestEdge platform;
    private String token;

    @BeforeEach
    void start() {
        platform = TestEdge.started();
        token = platform.registry.device("pump-7");
    }

    @AfterEach
    void stop() {
        platform.close();
    }

    private Wire wire(int version) {
        return version == 5
                ? Wire.connected5(platform, "c", token)
                : Wire.connected3(platform, "c", token);
    }

    /// Every packet that comes until the server has answered a ping.
    private static List<Wire.Packet> untilPong(Wire wire) {
        wire.send(Wire.pingreq());
        var packets = new ArrayList<Wire.Packet>();
        for (var packet = wire.read();
                packet != null && packet.type() != Wire.PINGRESP;
                packet = wire.read()) {
            packets.add(packet);
        }
        return packets;
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void acknowledgesOnlyWhatIsCommitted(int version) {
        try (var wire = wire(version)) {
            eventually(() -> platform.journal.facts(Fact.Linked.class).size() == 1);
            platform.journal.hold();
            wire.send(Wire.publish(version, REPORT, 1, 7, "{\"flow\":1}"));
            wire.send(Wire.publish(version, REPORT, 2, 8, "{\"flow\":2}"));

            assertThat(untilPong(wire)).isEmpty();
            assertThat(platform.journal.reports()).isZero();
            platform.journal.release();

            assertThat(wire.expect(Wire.PUBACK).packetId()).isEqualTo(7);
            assertThat(wire.expect(Wire.PUBREC).packetId()).isEqualTo(8);
            assertThat(platform.journal.reports()).isEqualTo(2);
        }
    }

    @Test
    void answersNothingWhileTheDatabaseIsAwayAndEverythingAfterwards() {
        try (var wire = wire(4)) {
            eventually(() -> platform.journal.facts(Fact.Linked.class).size() == 1);
            platform.journal.failNext(
                    2, MemoryJournal.Failure.AFTER_COMMIT, StorageException.Cause.UNAVAILABLE);
            wire.send(Wire.publish(4, REPORT, 1, 7, "{\"flow\":1}"));

            assertThat(wire.expect(Wire.PUBACK).packetId()).isEqualTo(7);
            assertThat(platform.journal.reports()).isEqualTo(1);
        }
    }

    @Test
    void acknowledgesInTheOrderOfTheMessages() {
        try (var wire = wire(5)) {
            var all = new Wire.Bytes();
            for (int i = 1; i <= 500; i++) {
                // every tenth is refused at once, but not answered before its turn
                all.all(Wire.publish(5, REPORT, 1, i, i % 10 == 0 ? "{" : "{\"n\":" + i + "}"));
            }
            wire.send(all.array());

            for (int i = 1; i <= 500; i++) {
                var answer = wire.expect(Wire.PUBACK);
                assertThat(answer.packetId()).isEqualTo(i);
                assertThat(answer.body().length > 2).isEqualTo(i % 10 == 0);
            }
        }
        assertThat(platform.journal.reports()).isEqualTo(450);
    }

    @Test
    void storesWhatNeedsNoAcknowledgement() {
        try (var wire = wire(4)) {
            wire.send(Wire.publish(4, REPORT, 0, 0, "{\"flow\":1}"));
            eventually(() -> platform.journal.reports() == 1);
            assertThat(untilPong(wire)).isEmpty();
        }
    }

    @Test
    void takesReportsStatesEventsAndThingsBoardMessages() {
        try (var wire = wire(4)) {
            wire.send(
                    Wire.publish(
                            4,
                            REPORT,
                            1,
                            1,
                            "[{\"flow\":1},{\"timestamp\":1000,\"values\":{\"flow\":2}}]"));
            wire.send(Wire.publish(4, "devices/pump-7/state", 1, 2, "idle"));
            wire.send(
                    Wire.publish(
                            4,
                            "devices/pump-7/event",
                            1,
                            3,
                            "{\"type\":\"leak\",\"event_id\":\"e1\"}"));
            wire.send(
                    Wire.publish(
                            4,
                            "v1/devices/me/telemetry",
                            1,
                            4,
                            "{\"ts\":1000,\"values\":{\"a\":1}}"));
            wire.send(Wire.publish(4, "v1/devices/me/attributes", 1, 5, "{\"model\":\"x\"}"));
            for (int i = 1; i <= 5; i++) {
                assertThat(wire.expect(Wire.PUBACK).packetId()).isEqualTo(i);
            }
        }
        assertThat(platform.journal.reports()).isEqualTo(4);
        assertThat(
                        platform.journal
                                .situation(new DeviceId("pump-7"))
                                .orElseThrow()
                                .values()
                                .current())
                .isEqualTo(new StateName("idle"));
        assertThat(platform.reported("pump-7"))
                .isEqualTo(
                        Document.of("flow", Value.of(1)) // the other one is of 1970
                                .with("a", Value.of(1))
                                .with("model", Value.of("x")));
        assertThat(platform.journal.facts(Fact.Happened.class))
                .anyMatch(fact -> fact.logged().event().id().equals("e1"));
    }

    @Test
    void resolvesTopicAliases() {
        var sets = new Wire.Bytes().one(0x23).two(3).array();
        try (var wire = wire(5)) {
            wire.send(Wire.publish(5, REPORT, 1, 1, "{\"a\":1}", false, sets));
            wire.send(Wire.publish(5, "", 1, 2, "{\"b\":2}", false, sets));
            wire.expect(Wire.PUBACK);
            wire.expect(Wire.PUBACK);
            assertThat(platform.reported("pump-7"))
                    .isEqualTo(Document.of("a", Value.of(1)).with("b", Value.of(2)));

            wire.send(
                    Wire.publish(
                            5, "", 1, 3, "{}", false, new Wire.Bytes().one(0x23).two(17).array()));
            assertThat(wire.expect(Wire.DISCONNECT).at(0)).isEqualTo(0x94);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void storesAnExactlyOnceMessageOnceHoweverOftenItComes(int version) {
        try (var wire = wire(version)) {
            var message = Wire.publish(version, REPORT, 2, 9, "{\"flow\":1}");
            var again = Wire.publish(version, REPORT, 2, 9, "{\"flow\":1}", true, new byte[0]);
            wire.send(message);
            wire.expect(Wire.PUBREC);
            wire.send(again);
            assertThat(wire.expect(Wire.PUBREC).packetId()).isEqualTo(9);
            wire.send(Wire.pubrel(9));
            assertThat(wire.expect(Wire.PUBCOMP).packetId()).isEqualTo(9);
            wire.send(Wire.pubrel(9));
            assertThat(wire.expect(Wire.PUBCOMP).packetId()).isEqualTo(9);
            assertThat(platform.journal.reports()).isEqualTo(1);

            wire.send(message); // the id is free again: another message
            wire.expect(Wire.PUBREC);
            assertThat(platform.journal.reports()).isEqualTo(2);
        }
    }

    @Test
    void answersAnExactlyOnceMessageThatComesTwiceBeforeItsCommitOnce() {
        try (var wire = wire(4)) {
            eventually(() -> platform.journal.facts(Fact.Linked.class).size() == 1);
            platform.journal.hold();
            wire.send(Wire.publish(4, REPORT, 2, 9, "{\"flow\":1}"));
            wire.send(Wire.publish(4, REPORT, 2, 9, "{\"flow\":1}", true, new byte[0]));
            assertThat(untilPong(wire)).isEmpty();
            platform.journal.release();

            wire.expect(Wire.PUBREC);
            assertThat(untilPong(wire)).isEmpty();
            assertThat(platform.journal.reports()).isEqualTo(1);
        }
    }

    @Test
    void knowsAnExactlyOnceMessageOfTheConnectionBefore() {
        var session = Wire.connect(4, "c", false, 60, token, null);
        try (var first = new Wire(platform.edge.port())) {
            first.send(session);
            assertThat(first.expect(Wire.CONNACK).at(0)).isZero();
            first.send(Wire.publish(4, REPORT, 2, 9, "{\"flow\":1}"));
            first.expect(Wire.PUBREC);
        }
        eventually(() -> platform.edge.connections() == 0);
        try (var second = new Wire(platform.edge.port())) {
            second.send(session);
            assertThat(second.expect(Wire.CONNACK).at(0)).as("session present").isEqualTo(1);
            second.send(Wire.publish(4, REPORT, 2, 9, "{\"flow\":1}", true, new byte[0]));
            second.expect(Wire.PUBREC);
            second.send(Wire.pubrel(9));
            second.expect(Wire.PUBCOMP);
        }
        assertThat(platform.journal.reports()).isEqualTo(1);
    }

    @Test
    void answersOnTheNewConnectionWhatTheOldOneWaitedFor() {
        var session = Wire.connect(4, "c", false, 60, token, null);
        try (var first = new Wire(platform.edge.port());
                var second = new Wire(platform.edge.port())) {
            first.send(session);
            first.expect(Wire.CONNACK);
            eventually(() -> platform.journal.facts(Fact.Linked.class).size() == 1);
            platform.journal.hold();
            first.send(Wire.publish(4, REPORT, 2, 9, "{\"flow\":1}"));
            first.send(Wire.pingreq());
            first.expect(Wire.PINGRESP);
            second.send(session);
            second.expect(Wire.CONNACK);
            second.send(Wire.publish(4, REPORT, 2, 9, "{\"flow\":1}", true, new byte[0]));
            assertThat(untilPong(second)).isEmpty();
            platform.journal.release();

            assertThat(second.expect(Wire.PUBREC).packetId()).isEqualTo(9);
        }
        assertThat(platform.journal.reports()).isEqualTo(1);
    }

    @Test
    void forgetsTheSessionOfWhoStartsClean() {
        try (var first = new Wire(platform.edge.port())) {
            first.send(Wire.connect(4, "c", false, 60, token, null));
            first.expect(Wire.CONNACK);
            first.send(Wire.publish(4, REPORT, 2, 9, "{\"flow\":1}"));
            first.expect(Wire.PUBREC);
        }
        eventually(() -> platform.edge.connections() == 0);
        try (var second = wire(4)) {
            second.send(Wire.publish(4, REPORT, 2, 9, "{\"flow\":2}"));
            second.expect(Wire.PUBREC);
        }
        assertThat(platform.journal.reports()).isEqualTo(2);
    }

    @Test
    void endsAClientThatSendsMoreThanItWasTold() {
        try (var wire = wire(5)) {
            eventually(() -> platform.journal.facts(Fact.Linked.class).size() == 1);
            platform.journal.hold();
            var all = new Wire.Bytes();
            for (int i = 1; i <= Acknowledgements.UNANSWERED_MAX + 1; i++) {
                all.all(Wire.publish(5, REPORT, 1, i, "{\"n\":1}"));
            }
            wire.send(all.array());
            assertThat(wire.expect(Wire.DISCONNECT).at(0)).isEqualTo(0x93);
        }
    }

    @Test
    void takesAPoisonMessageForItselfAndLetsTheOthersOfItsBatchThrough() {
        platform.journal.refuse(fact ->
                fact instanceof Fact.Reported(var snapshot, _)
                        && snapshot.values().find("poison").isPresent());
        try (var wire = wire(5)) {
            eventually(() -> platform.journal.facts(Fact.Linked.class).size() == 1);
            platform.journal.hold();
            wire.send(Wire.publish(5, REPORT, 1, 1, "{\"n\":1}"));
            wire.send(Wire.publish(5, REPORT, 1, 2, "{\"poison\":1}"));
            wire.send(Wire.publish(5, REPORT, 1, 3, "{\"n\":3}"));
            assertThat(untilPong(wire)).isEmpty();
            platform.journal.release();

            assertThat(wire.expect(Wire.PUBACK).body()).hasSize(2);
            assertThat(wire.expect(Wire.PUBACK).at(2)).isEqualTo(0x83);
            assertThat(wire.expect(Wire.PUBACK).body()).hasSize(2);
        }
        assertThat(platform.journal.reports()).isEqualTo(2);
    }

    @Test
    void ignoresTheRetainFlagOfWhatThePlatformKeepsAnyway() {
        try (var wire = wire(5)) {
            var retained = Wire.publish(5, REPORT, 1, 1, "{\"n\":1}");
            retained[0] |= 0x01;
            wire.send(retained);
            assertThat(wire.expect(Wire.PUBACK).body()).hasSize(2);
        }
    }
}
