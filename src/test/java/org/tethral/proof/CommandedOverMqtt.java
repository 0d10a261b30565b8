package org.tethral.proof;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.exceptions.MqttClientStateException;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.reactivex.schedulers.Schedulers;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;

/// [CommandedDevice] over MQTT.
final class CommandedOverMqtt extends CommandedDevice {
    private final ExecutorService hears =
            Executors.newSingleThreadExecutor(Thread.ofVirtual().factory());

    CommandedOverMqtt(String id, Servers servers) {
        super(id, servers);
    }

    /// What comes in is heard on one thread, in the order in which it came: a command that was sent
    /// before its answer was acknowledged is not taken for one that was sent again.
    @Override
    void live() throws IOException, InterruptedException {
        var client =
                Mqtt5Client.builder()
                        .identifier(id)
                        .serverHost("127.0.0.1")
                        .serverPort(servers.now().mqttPort())
                        .executorConfig()
                        .applicationScheduler(Schedulers.from(hears))
                        .applyExecutorConfig()
                        .simpleAuth()
                        .username(token)
                        .applySimpleAuth()
                        .buildAsync();
        try {
            live(client);
        } catch (ExecutionException | TimeoutException | MqttClientStateException e) {
            throw new IOException(e);
        } finally {
            var _ = client.disconnect().handle((_, _) -> true);
        }
    }

    private void live(Mqtt5AsyncClient client)
            throws InterruptedException, ExecutionException, TimeoutException {
        client.publishes(MqttGlobalPublishFilter.ALL, message -> heard(client, message));
        client.connect().get(30, TimeUnit.SECONDS);
        client.subscribeWith()
                .topicFilter("devices/" + id + "/commands/+")
                .qos(MqttQos.AT_LEAST_ONCE)
                .send()
                .get(30, TimeUnit.SECONDS);
        for (var entry : answers.entrySet()) {
            if (!acknowledged.contains(entry.getKey())) {
                answer(client, entry.getKey(), entry.getValue());
            }
        }
        while (!stopped && client.getState().isConnected()) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private void heard(Mqtt5AsyncClient client, Mqtt5Publish message) {
        try {
            var command = Json.parseObject(message.getPayloadAsBytes());
            answer(client, command.text("command_id").orElseThrow(), told(command));
        } catch (MalformedJson e) {
            throw new IllegalStateException(e);
        }
    }

    /// What does not arrive is said again on the next connection.
    private void answer(Mqtt5AsyncClient client, String known, Document answer) {
        var _ =
                client.publishWith()
                        .topic("devices/" + id + "/commands/" + known + "/ack")
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .payload(Json.bytes(answer))
                        .send()
                        .whenComplete((_, failure) -> {
                            if (failure == null) {
                                acknowledged.add(known);
                            }
                        });
    }
}
