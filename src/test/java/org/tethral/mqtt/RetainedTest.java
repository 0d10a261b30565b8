package org.tethral.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.mqtt.TalkingClient.option;

import io.netty.handler.codec.mqtt.MqttProperties;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is retained, and for whom.
final class RetainedTest extends OpenTopics {

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void retainsTheLastMessageOfATopicUntilAnEmptyOne(int version) {
        try (var client = client(version, "a")) {
            for (int qos = 0; qos < 3; qos++) {
                client.publish("from/" + qos, "old", qos, true, MqttProperties.NO_PROPERTIES);
                client.publish("from/" + qos, "new", qos, true, MqttProperties.NO_PROPERTIES);
            }
            client.publish("other", "x", 1, true, MqttProperties.NO_PROPERTIES);
            client.ping();
            client.subscribe("from/+", 2);
            var seen = new TreeMap<String, Integer>();
            for (int i = 0; i < 3; i++) {
                var message = client.next();
                assertThat(message.retained()).isTrue();
                assertThat(message.text()).isEqualTo("new");
                seen.put(message.topic(), message.qos());
            }
            assertThat(seen).isEqualTo(Map.of("from/0", 0, "from/1", 1, "from/2", 2));

            for (int qos = 0; qos < 3; qos++) {
                client.publish("from/" + qos, "", qos, true, MqttProperties.NO_PROPERTIES);
                assertThat(client.next().retained()).isFalse();
            }
            client.subscribe("from/+", 2);
            assertThat(client.nothingMore()).isTrue();
        }
    }

    @Test
    void sendsMoreRetainedMessagesThanAQueueHolds() {
        try (var client = client(5, "a")) {
            for (int i = 0; i < 1_500; i++) {
                client.publish("many/" + i, "x", 0, true, MqttProperties.NO_PROPERTIES);
            }
            client.ping();
            client.subscribe("many/#", 1);
            client.subscribe("end", 1);
            for (int i = 0; i < 1_500; i++) {
                assertThat(client.next().qos()).isZero();
            }
            for (int i = 0; i < 1_500; i++) {
                client.publish("many/" + i, "y", 1, true, MqttProperties.NO_PROPERTIES);
                client.next();
            }
            client.subscribe("many/#", 1);
            var seen = Stream.generate(client::next).limit(1_500).toList();
            assertThat(seen).allMatch(message -> message.retained() && message.qos() == 1);
            assertThat(seen.stream().map(ClientMessage::topic).distinct()).hasSize(1_500);
        }
    }

    @Test
    void handlesRetainedMessagesAsASubscriptionAsks() {
        try (var client = client(5, "a")) {
            client.publish("r", "x", 1, true, MqttProperties.NO_PROPERTIES);
            client.subscribe("r", option(1, false, false, 1), 0);
            assertThat(client.next().retained()).isTrue();
            client.subscribe("r", option(1, false, false, 1), 0);
            client.subscribe("r", option(1, false, false, 2), 0);
            assertThat(client.nothingMore()).isTrue();
            client.subscribe("r", option(1, false, false, 0), 0);
            assertThat(client.next().retained()).isTrue();

            client.subscribe("p", option(1, false, true, 0), 0);
            client.publish("p", "plain", 1);
            client.publish("p", "kept", 1, true, MqttProperties.NO_PROPERTIES);
            assertThat(client.next().retained()).isFalse();
            assertThat(client.next().retained()).isTrue();
        }
    }
}
