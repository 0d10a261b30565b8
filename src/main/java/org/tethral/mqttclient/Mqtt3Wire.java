package org.tethral.mqttclient;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.hivemq.client.mqtt.MqttClientBuilder;
import com.hivemq.client.mqtt.MqttClientState;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.message.subscribe.Mqtt3Subscribe;
import com.hivemq.client.mqtt.mqtt3.message.subscribe.Mqtt3Subscription;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/// MQTT 3.1.1 with QoS 0, for brokers that have no more: nothing is acknowledged, and what comes
/// while we are away is lost.
final class Mqtt3Wire implements Wire {

    private final Mqtt3AsyncClient client;

    Mqtt3Wire(MqttClientBuilder builder) {
        client = builder.useMqttVersion3().buildAsync();
    }

    @Override
    public MqttClientState state() {
        return client.getState();
    }

    @Override
    public void receive(Consumer<Message> receiver, Executor executor) {
        client.publishes(
                MqttGlobalPublishFilter.ALL,
                message ->
                        receiver.accept(
                                new Message(
                                        message.getTopic().toString(),
                                        message.getPayloadAsBytes(),
                                        message::acknowledge)),
                executor,
                true);
    }

    @Override
    public void connect(BrokerLink.Settings settings) {
        var connect = client.connectWith().cleanSession(true);
        var broker = settings.broker();
        if (broker.user() != null) {
            var login = connect.simpleAuth().username(broker.user());
            var password = broker.password();
            connect =
                    password == null
                            ? login.applySimpleAuth()
                            : login.password(password.reveal().getBytes(UTF_8)).applySimpleAuth();
        }
        connect.send();
    }

    @Override
    public CompletionStage<Void> subscribe(List<String> filters) {
        var subscriptions =
                filters.stream()
                        .map(filter ->
                                Mqtt3Subscription.builder()
                                        .topicFilter(filter)
                                        .qos(MqttQos.AT_MOST_ONCE)
                                        .build())
                        .toList();
        return client.subscribe(Mqtt3Subscribe.builder().addSubscriptions(subscriptions).build())
                .thenAccept(_ -> {});
    }

    @Override
    public CompletionStage<Void> publish(String topic, byte[] payload) {
        return client.publishWith()
                .topic(topic)
                .qos(MqttQos.AT_MOST_ONCE)
                .payload(payload)
                .send()
                .thenAccept(_ -> {});
    }

    @Override
    public CompletionStage<Void> disconnect() {
        return client.disconnect();
    }
}
