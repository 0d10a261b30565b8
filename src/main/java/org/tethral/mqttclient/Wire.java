package org.tethral.mqttclient;

import com.hivemq.client.mqtt.MqttClientState;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/// A client that speaks one version of MQTT.
sealed interface Wire permits Mqtt3Wire, Mqtt5Wire {

    /// @param acknowledge run once, when it need not come again
    @SuppressWarnings("ArrayRecordComponent")
    record Message(String topic, byte[] payload, Runnable acknowledge) {}

    MqttClientState state();

    /// Whatever comes, one after another. To be called before [#connect].
    void receive(Consumer<Message> receiver, Executor executor);

    /// Returns at once.
    void connect(BrokerLink.Settings settings);

    CompletionStage<Void> subscribe(List<String> filters);

    /// Completes when the broker has it, as far as the protocol lets one know.
    CompletionStage<Void> publish(String topic, byte[] payload);

    CompletionStage<Void> disconnect();
}
