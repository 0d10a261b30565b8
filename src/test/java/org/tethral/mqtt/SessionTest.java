package org.tethral.mqtt;

import static io.netty.handler.codec.mqtt.MqttProperties.ASSIGNED_CLIENT_IDENTIFIER;
import static io.netty.handler.codec.mqtt.MqttProperties.PUBLICATION_EXPIRY_INTERVAL;
import static io.netty.handler.codec.mqtt.MqttProperties.SESSION_EXPIRY_INTERVAL;
import static io.netty.handler.codec.mqtt.MqttProperties.WILL_DELAY_INTERVAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a session outlives: connections, takeovers, lost acknowledgements.
final class SessionTest extends OpenTopics {

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void keepsMessagesForAClientThatIsAway(int version) {
        var start = TalkingClient.start(version, "away").resuming();
        if (version == 5) {
            start.expiry(1_000);
        }
        try (var client = at(start)) {
            assertThat(client.sessionPresent()).isFalse();
            client.subscribe("t/#", 2);
            client.disconnect();
        }
        try (var other = client(version, "b")) {
            for (int i = 0; i < 30; i++) {
                other.publish("t/" + i, "m" + i, i % 3);
            }
            other.publish("u", "not asked for", 1);
        }
        try (var client = at(start)) {
            assertThat(client.sessionPresent()).isTrue();
            assertThat(client.texts(20))
                    .isEqualTo(
                            IntStream.range(0, 30)
                                    .filter(i -> i % 3 > 0)
                                    .mapToObj(i -> "m" + i)
                                    .toList());
            assertThat(client.nothingMore()).isTrue();
            client.unsubscribe("t/#");
            client.publish("t/1", "x", 1);
            assertThat(client.nothingMore()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void sendsAgainWhatWasNotConfirmed(int version) {
        var start = TalkingClient.start(version, "a").resuming();
        if (version == 5) {
            start.expiry(1_000);
        }
        var ids = new ArrayList<Integer>();
        try (var client = at(start.silent())) {
            client.subscribe("t", 2);
            client.publish("t", "one", 1);
            client.publish("t", "two", 2);
            for (var message : List.of(client.next(), client.next())) {
                assertThat(message.again()).isFalse();
                ids.add(message.packetId());
            }
        }
        try (var client = at(start)) {
            for (int i = 0; i < 2; i++) {
                var message = client.next();
                assertThat(message.text()).isEqualTo(i == 0 ? "one" : "two");
                assertThat(message.again()).isTrue();
                assertThat(message.packetId()).isEqualTo(ids.get(i));
            }
            client.answerAll();
            client.publish("t", "three", 2);
            assertThat(client.next().text()).isEqualTo("three");
        }
        try (var client = at(start)) {
            client.answerAll();
            assertThat(client.nothingMore()).isTrue();
        }
    }

    @Test
    void forgetsASessionWhenItsTimeIsOver() {
        at(TalkingClient.start(5, "a").expiry(100).resuming()).disconnect();
        try (var client = at(TalkingClient.start(5, "a").expiry(1).resuming())) {
            assertThat(client.sessionPresent()).isTrue();
            client.disconnect(0, number(SESSION_EXPIRY_INTERVAL, 0));
        }
        try (var client = at(TalkingClient.start(5, "a").expiry(1).resuming())) {
            assertThat(client.sessionPresent()).isFalse();
            client.disconnect();
        }
        eventually(() -> {
            try (var client = at(TalkingClient.start(5, "probe").resuming())) {
                client.ping();
            }
            return platform.edge.sessions() == 0;
        });
        try (var client = at(TalkingClient.start(5, "a").expiry(1).resuming())) {
            assertThat(client.sessionPresent()).isFalse();
        }
    }

    @Test
    void doesNotKeepASessionThatWasToEndWithItsConnection() {
        try (var client = client(5, "a")) {
            client.disconnect(0, number(SESSION_EXPIRY_INTERVAL, 5));
        }
        eventually(() -> platform.edge.sessions() == 0); // not before the server has heard of it
        try (var client = at(TalkingClient.start(5, "a").resuming())) {
            assertThat(client.sessionPresent()).isFalse();
        }
    }

    @Test
    void dropsMessagesThatAreWorthNothingAnyMoreAndTellsHowLongOthersAre() throws Exception {
        var start = TalkingClient.start(5, "away").resuming().expiry(1_000);
        try (var client = at(start)) {
            client.subscribe("t", 2);
        }
        try (var other = client(5, "b")) {
            for (int qos = 1; qos < 3; qos++) {
                other.publish("t", "short", qos, false, number(PUBLICATION_EXPIRY_INTERVAL, 1));
                other.publish("t", "long", qos, false, number(PUBLICATION_EXPIRY_INTERVAL, 60));
            }
            other.publish("r", "short", 1, true, number(PUBLICATION_EXPIRY_INTERVAL, 1));
            other.subscribe("done", 1);
            at(TalkingClient.start(5, "clock")
                            .expiry(1_000)
                            .will("done", "a second has passed", 1, false)
                            .willNumber(WILL_DELAY_INTERVAL, 2))
                    .close();
            other.next();
            other.subscribe("r", 1);
            assertThat(other.nothingMore()).isTrue();
        }
        try (var client = at(start)) {
            for (int i = 0; i < 2; i++) {
                var message = client.next();
                assertThat(message.text()).isEqualTo("long");
                assertThat(message.number(PUBLICATION_EXPIRY_INTERVAL)).isBetween(50L, 59L);
            }
            assertThat(client.nothingMore()).isTrue();
        }
    }

    @Test
    void givesAnIdToAClientWithoutOne() {
        try (var client = client(5, "")) {
            assertThat(client.connackProperties().getProperty(ASSIGNED_CLIENT_IDENTIFIER))
                    .isNotNull();
        }
        try (var client = TalkingClient.start(4, "").resuming().at(platform.edge.port())) {
            assertThat(client.connectCode()).isEqualTo(2);
        }
    }

    @Test
    void handsASessionOverToTheConnectionThatComesLater() {
        var start = TalkingClient.start(5, "a").resuming().expiry(100);
        try (var first = at(start)) {
            first.subscribe("t", 1);
            try (var second = at(start);
                    var other = client(5, "b")) {
                assertThat(second.sessionPresent()).isTrue();
                assertThat(first.endReason()).isEqualTo(0x8E);
                other.publish("t", "x", 1);
                assertThat(second.next().text()).isEqualTo("x");
            }
        }
    }

    @Test
    void takesAMessageWithQos2OnceHoweverOftenItComes() {
        var start = TalkingClient.start(5, "a").resuming().expiry(100);
        try (var watcher = client(5, "w")) {
            watcher.subscribe("t", 2);
            try (var client = at(start)) {
                client.send(9, "t", "once", 2);
                client.await(io.netty.handler.codec.mqtt.MqttMessageType.PUBREC);
            }
            try (var client = at(start)) {
                client.send(9, "t", "once", 2);
                client.await(io.netty.handler.codec.mqtt.MqttMessageType.PUBREC);
                client.release(9);
                client.send(9, "t", "another", 2);
                client.await(io.netty.handler.codec.mqtt.MqttMessageType.PUBREC);
                client.release(9);
            }
            assertThat(watcher.texts(2)).containsExactly("once", "another");
            assertThat(watcher.nothingMore()).isTrue();
        }
    }
}
