package org.tethral;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.tethral.ingest.Ingest;
import org.tethral.mqtt.MqttEdge;
import org.tethral.sql.SqlSessionStore;

/// MQTT, wired.
final class MqttDoor {

    private MqttDoor() {}

    static MqttEdge of(
            Config config,
            LiveSettings live,
            Tethral.Storage kept,
            Ingest ingest,
            Entrance entrance,
            Commands commands,
            String node,
            InstantSource clock,
            RandomGenerator random,
            MeterRegistry meters) {
        var settings =
                new MqttEdge.Settings(
                        config.bind(),
                        Tethral.port(config.mqttPort()),
                        Tethral.port(config.mqttsPort()),
                        Tethral.port(config.mqttWebsocketPort()),
                        config.tls(),
                        live::messageBytesMax,
                        node,
                        config.openRegistration(),
                        config.topicMaps(),
                        config.mqttOpenTopics());
        return new MqttEdge(
                settings,
                ingest,
                entrance.login(),
                entrance.provisioning(),
                entrance.rejections(),
                entrance.evictions(),
                new MqttEdge.Stores(
                        kept.states(),
                        kept.devices(),
                        kept.accounts(),
                        new SqlSessionStore(kept.database(), node),
                        commands.numbers()),
                entrance.admission(),
                commands.dispatcher(),
                clock,
                random,
                meters);
    }
}
