package org.tethral.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttProperties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.tethral.payload.TopicMaps;

/// A platform that lets anybody use general topics.
abstract class OpenTopics {

    TestEdge platform = new TestEdge(OpenTopics::open);

    @BeforeEach
    void start() {
        platform.ingest.start();
        platform.edge.start();
    }

    @AfterEach
    void stop() {
        platform.close();
    }

    private static MqttEdge.Settings open(MqttEdge.Settings s) {
        return new MqttEdge.Settings(
                s.bind(),
                0,
                -1,
                -1,
                null,
                s.messageBytesMax(),
                s.node(),
                false,
                TopicMaps.NONE,
                true);
    }

    TalkingClient client(int version, String id) {
        return at(TalkingClient.start(version, id));
    }

    TalkingClient at(ClientStart start) {
        var client = start.at(platform.edge.port());
        assertThat(client.connectCode()).isZero();
        return client;
    }

    static MqttProperties number(int property, int value) {
        var properties = new MqttProperties();
        properties.add(new MqttProperties.IntegerProperty(property, value));
        return properties;
    }
}
