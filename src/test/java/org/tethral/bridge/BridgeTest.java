package org.tethral.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.tethral.kernel.Eventually.eventually;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tethral.account.Actor;
import org.tethral.device.Admission;
import org.tethral.device.Device;
import org.tethral.device.DeviceId;
import org.tethral.device.Evictions;
import org.tethral.device.Rejections;
import org.tethral.ingest.Fact;
import org.tethral.ingest.Ingest;
import org.tethral.ingest.MemoryJournal;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.kernel.StorageException;
import org.tethral.kernel.Value;
import org.tethral.mqttclient.BrokerAddress;
import org.tethral.mqttclient.Mosquitto;
import org.tethral.payload.TopicMaps;
import org.tethral.sql.SqlDeviceStore;
import org.tethral.sql.SqlInbox;
import org.tethral.sql.SqlProfileStore;
import org.tethral.sql.TestDatabase;

/// A real Mosquitto before a real pipeline that commits to memory.
final class BridgeTest {

    @TempDir private Path folder;

    private final InstantSource clock = InstantSource.system();
    private final MemoryJournal journal = new MemoryJournal();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Ingest ingest = new Ingest(1, _ -> journal, clock, meters);
    private Mosquitto broker;
    private TestDatabase database;
    private SqlDeviceStore devices;
    private SqlInbox inbox;
    private Rejections rejections;
    private Mqtt5BlockingClient publisher;
    private @Nullable Bridge bridge;

    @BeforeEach
    void start() {
        broker = Mosquitto.start(folder);
        database = TestDatabase.sqlite();
        devices = new SqlDeviceStore(database.database());
        inbox = new SqlInbox(database.database(), "node-1");
        rejections = new Rejections(inbox, clock);
        ingest.start();
        bridge = bridge();
        bridge.start();
        eventually(() -> bridge.problem().isEmpty());
        publisher = publisher();
    }

    private Mqtt5BlockingClient publisher() {
        var client =
                Mqtt5Client.builder()
                        .serverHost("127.0.0.1")
                        .serverPort(broker.port())
                        .buildBlocking();
        client.connect();
        return client;
    }

    private Bridge bridge() {
        return new Bridge(
                new Bridge.Settings(
                        BrokerAddress.parse(broker.url()),
                        null,
                        "test",
                        List.of("elsewhere/#"),
                        TopicMaps.parse("tasmota,zigbee2mqtt"),
                        4_096,
                        "node-1"),
                new Bridge.Parts(
                        ingest,
                        new Admission(
                                devices,
                                new SqlProfileStore(database.database()),
                                false,
                                Optional::empty,
                                clock,
                                new Random(1)),
                        rejections,
                        new Evictions(),
                        meters,
                        clock,
                        new Random(2)));
    }

    @AfterEach
    void stop() {
        journal.release();
        if (bridge != null) {
            bridge.close();
        }
        ingest.close();
        if (rejections != null) {
            rejections.close();
            database.close();
        }
        if (broker != null) {
            broker.close();
        }
    }

    private void device(String name) {
        var id = new DeviceId(name);
        devices.add(
                Device.register(UUID.randomUUID(), id, Device.About.named(name), TestDatabase.NOW),
                null,
                Actor.system("test"));
        journal.register(id, true);
    }

    private void publish(String topic, String payload) {
        publisher
                .publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload.getBytes(UTF_8))
                .send();
    }

    private Document reported(String device) {
        return journal.situation(new DeviceId(device)).orElseThrow().values().reported();
    }

    private double dropped(String reason) {
        var counter = meters.find("tethral.bridge.dropped").tag("reason", reason).counter();
        return counter == null ? 0 : counter.count();
    }

    @Test
    void storesOurOwnMessagesAndThoseOfTheMaps() {
        device("pump");
        device("plug");
        publish("devices/pump/report", "{\"level\":3}");
        publish("devices/pump/state", "pumping");
        publish("devices/pump/event", "{\"type\":\"started\"}");
        publish("tele/plug/STATE", "{\"POWER\":\"ON\"}");
        publish("tele/plug/LWT", "Online");

        eventually(() -> journal.facts(Fact.Linked.class).size() == 1);
        assertThat(reported("pump")).isEqualTo(Document.of("level", Value.of(3)));
        assertThat(reported("plug")).isEqualTo(Document.of("POWER", Value.of(true)));
        assertThat(journal.facts(Fact.Happened.class))
                .anyMatch(fact -> fact.logged().event().type().value().equals("started"));
    }

    @Test
    void goesOnAfterWhatItCannotStore() {
        device("pump");
        publish("devices/pump/report", "no json");
        publish("devices/stranger/report", "{\"a\":1}");
        publish("elsewhere/x", "1");
        publish("devices/pump/report", "{\"a\":1}");

        eventually(() -> journal.reports() == 1);
        assertThat(dropped("payload")).isEqualTo(1);
        assertThat(dropped("stranger")).isEqualTo(1);
        assertThat(dropped("topic")).isEqualTo(1);
        eventually(() -> inbox.find("stranger").isPresent());
        assertThat(inbox.list(Page.Request.first(10)).items()).hasSize(1);
    }

    /// While nothing is committed nothing is acknowledged, so that the broker sends no more than it
    /// does without; then all comes.
    @Test
    void acknowledgesOnlyWhatIsCommitted() {
        var count = Mosquitto.IN_FLIGHT_MAX + 500;
        for (int i = 0; i < 50; i++) {
            device("pump-" + i);
        }
        journal.hold();
        for (int i = 0; i < count; i++) {
            publish("devices/pump-" + i % 50 + "/report", "{\"n\":" + i + "}");
        }
        eventually(() -> received() >= Mosquitto.IN_FLIGHT_MAX);
        publish("devices/pump-0/report", "{\"n\":-1}");
        assertThat(received()).isEqualTo(Mosquitto.IN_FLIGHT_MAX);
        assertThat(journal.reports()).isZero();

        journal.release();

        eventually(() -> journal.reports() == count + 1);
    }

    private double received() {
        return meters.get("tethral.bridge.received").counter().count();
    }

    /// The one that went away without a word never acknowledged: the next one gets it.
    @Test
    void getsAgainWhatWasNotAcknowledged() {
        device("pump");
        journal.hold();
        publish("devices/pump/report", "{\"message_id\":\"m\",\"values\":{\"a\":1}}");
        eventually(() -> received() == 1);
        // the same client id takes the session over, as a process that was started again
        var next = bridge();
        next.start();
        eventually(() -> received() >= 2);
        journal.release();
        eventually(() -> journal.reports() == 1);
        next.close();
    }

    @Test
    void comesBackWhenTheBrokerDoesAndSaysSoMeanwhile() {
        device("pump");
        broker.stop();
        eventually(() -> bridge != null && bridge.problem().isPresent());
        assertThat(bridge.problem().orElseThrow())
                .contains("broker mqtt://127.0.0.1:" + broker.port())
                .contains("is not connected");

        broker.resume();
        eventually(() -> bridge.problem().isEmpty());
        publisher = publisher();
        publish("devices/pump/report", "{\"a\":1}");

        eventually(() -> journal.reports() == 1);
    }

    @Test
    void waitsForADatabaseThatIsAway() {
        device("pump");
        journal.failNext(
                3, MemoryJournal.Failure.BEFORE_COMMIT, StorageException.Cause.UNAVAILABLE);
        publish("devices/pump/report", "{\"a\":1}");

        eventually(() -> journal.reports() == 1);
        assertThat(dropped("refused")).isZero();
    }
}
