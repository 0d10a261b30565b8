package org.tethral.mqttclient;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.hivemq.client.mqtt.MqttClientBuilder;
import com.hivemq.client.mqtt.MqttClientState;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscribe;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscription;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/// MQTT 5 with QoS 1, and a session that stays while we are away.
final class Mqtt5Wire implements Wire {

    private static final int PACKET_OVERHEAD_BYTES = 1_024;

    private final Mqtt5AsyncClient client;

    Mqtt5Wire(MqttClientBuilder builder) {
        client = builder.useMqttVersion5().buildAsync();
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
        var connect =
                client.connectWith()
                        .cleanStart(false)
                        .sessionExpiryInterval(BrokerLink.SESSION_KEPT.toSeconds())
                        .restrictions()
                        .maximumPacketSize(settings.messageBytesMax() + PACKET_OVERHEAD_BYTES)
                        .applyRestrictions();
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
                                Mqtt5Subscription.builder()
                                        .topicFilter(filter)
                                        .qos(MqttQos.AT_LEAST_ONCE)
                                        .build())
                        .toList();
        return client.subscribe(Mqtt5Subscribe.builder().addSubscriptions(subscriptions).build())
                .thenAccept(_ -> {});
    }

    @Override
    public CompletionStage<Void> publish(String topic, byte[] payload) {
        return client.publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload)
                .send()
                .thenAccept(result ->
                        result.getError()
                                .ifPresent(error -> {
                                    throw new CompletionException(error);
                                }));
    }

    @Override
    public CompletionStage<Void> disconnect() {
        return client.disconnectWith()
                .sessionExpiryInterval(BrokerLink.SESSION_KEPT.toSeconds())
                .send();
    }
}
