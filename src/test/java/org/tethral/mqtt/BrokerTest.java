package org.tethral.mqtt;

import static io.netty.handler.codec.mqtt.MqttProperties.CONTENT_TYPE;
import static io.netty.handler.codec.mqtt.MqttProperties.CORRELATION_DATA;
import static io.netty.handler.codec.mqtt.MqttProperties.MAXIMUM_PACKET_SIZE;
import static io.netty.handler.codec.mqtt.MqttProperties.PAYLOAD_FORMAT_INDICATOR;
import static io.netty.handler.codec.mqtt.MqttProperties.RECEIVE_MAXIMUM;
import static io.netty.handler.codec.mqtt.MqttProperties.RESPONSE_TOPIC;
import static io.netty.handler.codec.mqtt.MqttProperties.TOPIC_ALIAS;
import static io.netty.handler.codec.mqtt.MqttProperties.TOPIC_ALIAS_MAXIMUM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;
import static org.tethral.mqtt.TalkingClient.option;

import io.netty.handler.codec.mqtt.MqttProperties;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What public conformance suites check of a broker (those of Eclipse Paho for 3.1.1 and 5 above
/// all), on general topics; with [RetainedTest], [WillTest] and [SessionTest].
final class BrokerTest extends OpenTopics {

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void deliversWithTheLowerQosOfBothSides(int version) {
        try (var client = client(version, "a")) {
            for (int qos = 0; qos < 3; qos++) {
                assertThat(client.subscribe("t/" + qos, qos)).isEqualTo(qos);
            }
            for (int granted = 0; granted < 3; granted++) {
                for (int qos = 0; qos < 3; qos++) {
                    assertThat(client.publish("t/" + granted, "x" + qos, qos)).isZero();
                    var message = client.next();
                    assertThat(message.text()).isEqualTo("x" + qos);
                    assertThat(message.qos()).isEqualTo(Math.min(granted, qos));
                    assertThat(message.retained()).isFalse();
                }
            }
            assertThat(client.nothingMore()).isTrue();
        }
    }

    @Test
    void doesNotSendBackWhatOneSaidOneself() {
        try (var client = client(5, "a");
                var other = client(5, "b")) {
            client.subscribe("t", option(2, true, false, 0), 0);
            other.subscribe("t", option(2, true, false, 0), 0);
            client.publish("t", "hello", 1);
            assertThat(other.next().text()).isEqualTo("hello");
            assertThat(client.nothingMore()).isTrue();
        }
    }

    @Test
    void sendsNoMoreThanAClientTakesAtATime() {
        try (var client = at(TalkingClient.start(5, "a").number(RECEIVE_MAXIMUM, 2).silent())) {
            client.subscribe("t", 2);
            for (int i = 0; i < 5; i++) {
                client.publish("t", "m" + i, 1 + i % 2);
            }
            client.ping();
            eventually(() -> client.unanswered() == 2);
            assertThat(client.texts(2)).containsExactly("m0", "m1");
            assertThat(client.nothingMore()).isTrue();
            client.answerAll();
            assertThat(client.texts(3)).containsExactly("m2", "m3", "m4");
        }
    }

    @Test
    void passesOnWhatAPublisherSaysOfItsMessage() {
        var properties = new MqttProperties();
        properties.add(new MqttProperties.IntegerProperty(PAYLOAD_FORMAT_INDICATOR, 1));
        properties.add(new MqttProperties.StringProperty(CONTENT_TYPE, "text/plain"));
        properties.add(new MqttProperties.StringProperty(RESPONSE_TOPIC, "answers/1"));
        properties.add(
                new MqttProperties.BinaryProperty(
                        CORRELATION_DATA, "xy".getBytes(StandardCharsets.UTF_8)));
        var user = new MqttProperties.UserProperties();
        user.add("b", "1");
        user.add("a", "2");
        user.add("b", "3");
        properties.add(user);
        try (var client = client(5, "a");
                var old = client(4, "old")) {
            client.subscribe("t", 2);
            old.subscribe("t", 2);
            for (int qos = 0; qos < 3; qos++) {
                client.publish("t", "x", qos, false, properties);
                var got = client.next();
                assertThat(got.number(PAYLOAD_FORMAT_INDICATOR)).isEqualTo(1);
                for (var one : List.of(CONTENT_TYPE, RESPONSE_TOPIC, CORRELATION_DATA)) {
                    assertThat(got.properties().getProperty(one).value())
                            .isEqualTo(properties.getProperty(one).value());
                }
                assertThat(got.properties().getProperty(MqttProperties.USER_PROPERTY).value())
                        .isEqualTo(user.value());
                assertThat(old.next().text()).isEqualTo("x");
            }
        }
    }

    @Test
    void answersARequestWhereItAsksFor() {
        try (var asking = client(5, "a");
                var answering = client(5, "b")) {
            asking.subscribe("answers/a", 1);
            answering.subscribe("questions", 1);
            var properties = new MqttProperties();
            properties.add(new MqttProperties.StringProperty(RESPONSE_TOPIC, "answers/a"));
            asking.publish("questions", "how are you", 1, false, properties);
            var topic =
                    String.valueOf(
                            answering.next().properties().getProperty(RESPONSE_TOPIC).value());
            answering.publish(topic, "well", 1);
            assertThat(asking.next().text()).isEqualTo("well");
        }
    }

    @Test
    void namesTheSubscriptionsThatAMessageCameFor() {
        try (var client = client(5, "a")) {
            client.subscribe("t/+", option(1, false, false, 0), 7);
            client.subscribe("t/#", option(2, false, false, 0), 268_435_455);
            client.subscribe("+/a", 0);
            client.publish("t/a", "x", 2);
            var message = client.next();
            assertThat(message.qos()).isEqualTo(2);
            assertThat(message.identifiers()).containsExactlyInAnyOrder(7, 268_435_455);
            assertThat(client.nothingMore()).isTrue();
        }
    }

    @Test
    void usesAliasesForTopicsAsFarAsAClientTakesThem() {
        try (var client = at(TalkingClient.start(5, "a").number(TOPIC_ALIAS_MAXIMUM, 1));
                var plain = client(5, "b")) {
            client.subscribe("#", 1);
            plain.subscribe("#", 1);
            for (var topic : List.of("t/1", "t/1", "t/2", "t/1")) {
                client.publish(topic, topic, 1);
            }
            var named = new ArrayList<String>();
            var sent = new ArrayList<String>();
            for (int i = 0; i < 4; i++) {
                var message = client.next();
                named.add(message.named());
                sent.add(message.topic());
                assertThat(plain.next().number(TOPIC_ALIAS)).isEqualTo(-1);
            }
            assertThat(named).containsExactly("t/1", "t/1", "t/2", "t/1");
            assertThat(sent).containsExactly("t/1", "", "t/2", "");
        }
    }

    @Test
    void understandsAliasesOfAClient() {
        try (var client = client(5, "a")) {
            assertThat(
                            ((MqttProperties.IntegerProperty)
                                            client.connackProperties()
                                                    .getProperty(TOPIC_ALIAS_MAXIMUM))
                                    .value())
                    .isEqualTo(Uplink.TOPIC_ALIAS_MAX);
            client.subscribe("t/#", 1);
            client.publish("t/1", "a", 1, false, number(TOPIC_ALIAS, 3));
            client.publish("", "b", 1, false, number(TOPIC_ALIAS, 3));
            client.publish("t/2", "c", 1, false, number(TOPIC_ALIAS, 3));
            client.publish("", "d", 1, false, number(TOPIC_ALIAS, 3));
            var topics = Stream.generate(client::next).limit(4).map(one -> one.topic()).toList();
            assertThat(topics).containsExactly("t/1", "t/1", "t/2", "t/2");
            client.publish("", "e", 0, false, number(TOPIC_ALIAS, Uplink.TOPIC_ALIAS_MAX + 1));
            assertThat(client.endReason()).isEqualTo(0x94);
        }
    }

    @Test
    void sendsNothingLargerThanAClientTakes() {
        try (var client = at(TalkingClient.start(5, "small").number(MAXIMUM_PACKET_SIZE, 200))) {
            client.subscribe("t", 2);
            for (int qos = 0; qos < 3; qos++) {
                client.publish("t", "fits", qos);
                try (var other = client(5, "b")) {
                    other.publish("t", "x".repeat(500), qos);
                }
            }
            assertThat(client.texts(3)).containsOnly("fits");
            assertThat(client.nothingMore()).isTrue();
        }
    }

    @Test
    void sharesMessagesAmongTheMembersOfAGroup() {
        try (var a = client(5, "a");
                var b = client(5, "b");
                var alone = client(5, "c");
                var publisher = client(5, "p")) {
            for (var member : List.of(a, b)) {
                assertThat(member.subscribe("$share/g/t/+", 2)).isEqualTo(2);
            }
            alone.subscribe("t/+", 1);
            for (int i = 0; i < 20; i++) {
                publisher.publish("t/" + i, "m" + i, 1 + i % 2);
            }
            assertThat(alone.texts(20)).hasSize(20);
            var shared = Stream.concat(a.texts(10).stream(), b.texts(10).stream()).toList();
            assertThat(shared).doesNotHaveDuplicates();
            assertThat(a.nothingMore() && b.nothingMore()).isTrue();
            a.disconnect();
            eventually(() -> platform.edge.connections() == 3);
            publisher.publish("t/x", "to the one that is left", 1);
            assertThat(b.next().text()).isEqualTo("to the one that is left");
        }
    }

    @Test
    void keepsTopicsOfTheServerFromWildcards() {
        try (var client = client(5, "a")) {
            client.subscribe("#", 1);
            client.subscribe("+/x", 1);
            assertThat(client.publish("$own/x", "hidden", 1)).isZero();
            assertThat(client.nothingMore()).isTrue();
            client.subscribe("$own/+", 1);
            client.publish("$own/x", "asked for", 1);
            assertThat(client.next().text()).isEqualTo("asked for");
        }
    }

    @Test
    void losesMessagesOfASlowClientOnlyAndCountsThem() {
        try (var slow = at(TalkingClient.start(5, "slow").silent());
                var quick = client(5, "quick");
                var publisher = client(5, "p")) {
            slow.subscribe("t", 1);
            quick.subscribe("t", 1);
            for (int i = 0; i < 1_200; i++) {
                publisher.publish("t", "m" + i, 1);
            }
            assertThat(quick.texts(1_200)).hasSize(1_200);
            assertThat(platform.meters.get("tethral.mqtt.dropped").counter().count())
                    .isEqualTo(200);
            for (var gauge : List.of("tethral.mqtt.queued", "tethral.mqtt.queue.longest")) {
                // The other client's last acknowledgement may still be on its way.
                eventually(() -> platform.meters.get(gauge).gauge().value() == 1_000);
            }
            slow.answerAll();
            assertThat(slow.texts(1_000).getLast()).isEqualTo("m999");
            eventually(() -> platform.meters.get("tethral.mqtt.queued").gauge().value() == 0);
            assertThat(slow.nothingMore()).isTrue();
        }
    }

    @Test
    void keepsAnybodyAwayFromWhatBelongsToThePlatform() {
        try (var client = client(5, "a")) {
            for (var topic :
                    List.of(
                            "devices/x/report",
                            "v1/devices/me/telemetry",
                            "communities/x/y",
                            "apps/a")) {
                assertThat(client.subscribe(topic, 1)).isEqualTo(0x87);
                assertThat(client.publish(topic, "{}", 1)).isEqualTo(0x87);
            }
        }
        try (var client =
                TalkingClient.start(5, "b")
                        .will("apps/x", "no", 0, false)
                        .at(platform.edge.port())) {
            assertThat(client.connectCode()).isEqualTo(0x87);
        }
    }

    @Test
    void takesNoSharedSubscriptionThatIsNotLocal() {
        try (var client = client(5, "a")) {
            org.assertj.core.api.Assertions.assertThatThrownBy(
                            () -> client.subscribe("$share/g/t", option(1, true, false, 0), 0))
                    .isInstanceOf(AssertionError.class);
        }
    }
}
