package org.tethral.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tethral.delivery.Sink;
import org.tethral.delivery.SinkKind;
import org.tethral.event.Event;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.sql.Events;

/// Against a real broker, in this process.
class KafkaTest {

    private static final SinkKind.Surroundings SURROUNDINGS =
            new SinkKind.Surroundings(InstantSource.system(), new Random(1), false);
    private static KafkaBroker broker;

    @BeforeAll
    static void start(@TempDir java.nio.file.Path folder) throws Exception {
        broker = new KafkaBroker(folder);
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void writesCloudEventsWithTheDeviceAsKeyInOrder() throws Exception {
        var settings = settings(broker.servers(), "events-" + UUID.randomUUID());
        try (var sink = new KafkaKind().open(settings, SURROUNDINGS)) {
            assertThat(sink.deliver(List.of(logged(1), logged(2), logged(3))))
                    .isEqualTo(Sink.Outcome.DELIVERED);
        }
        var records = consumed(settings.text("topic").orElseThrow(), 3);
        assertThat(records).extracting(one -> one.get("key")).containsOnly("pump");
        assertThat(records)
                .extracting(one -> Json.parseObject(one.get("value")).text("id").orElseThrow())
                .containsExactly("e1", "e2", "e3");
    }

    @Test
    void saysThatNoBrokerAnswers() throws Exception {
        try (var sink = new KafkaKind().open(settings("127.0.0.1:1", "nowhere"), SURROUNDINGS)) {
            assertThat(sink.deliver(List.of(logged(1))))
                    .isInstanceOfSatisfying(
                            Sink.Outcome.Failed.class,
                            failed -> assertThat(failed.reason()).contains("nowhere"));
        }
    }

    @Test
    void refusesWhatABrokerWillNeverTake() throws Exception {
        var settings = settings(broker.servers(), "large-" + UUID.randomUUID());
        var large =
                new Event.Logged(
                        1,
                        new Event(
                                "large",
                                new org.tethral.event.EventType("t"),
                                "system:test",
                                null,
                                null,
                                Instant.now(),
                                Document.of("a", Value.of("x".repeat(2_000_000))),
                                Document.EMPTY,
                                org.tethral.event.Priority.LOW,
                                null));
        try (var sink = new KafkaKind().open(settings, SURROUNDINGS)) {
            assertThat(sink.deliver(List.of(large))).isInstanceOf(Sink.Outcome.Refused.class);
        }
    }

    @Test
    void takesNoSettingThatLoadsClassesOrReadsFiles() {
        for (var wrong :
                List.of(
                        Map.entry("interceptor.classes", "x.Y"),
                        Map.entry("ssl.truststore.location", "/etc/passwd"),
                        Map.entry(
                                "sasl.jaas.config",
                                "com.sun.security.auth.module.JndiLoginModule required;"))) {
            var given =
                    settings("k:9092", "t")
                            .with(
                                    "properties",
                                    Document.of(wrong.getKey(), Value.of(wrong.getValue())));
            assertThatThrownBy(() -> new KafkaKind().checked(given, SURROUNDINGS))
                    .as("%s", wrong)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        new KafkaKind()
                .checked(
                        settings("k1:9092, k2:9092", "t")
                                .with(
                                        "properties",
                                        Document.of(
                                                "sasl.jaas.config",
                                                Value.of(
                                                        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"a\" password=\"b\";"))),
                        SURROUNDINGS);
    }

    private static List<Map<String, String>> consumed(String topic, int count) {
        var properties = new HashMap<String, Object>();
        properties.put("bootstrap.servers", broker.servers());
        properties.put("auto.offset.reset", "earliest");
        var all = new ArrayList<Map<String, String>>();
        try (var consumer =
                new KafkaConsumer<>(
                        properties, new StringDeserializer(), new StringDeserializer())) {
            var partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            for (int i = 0; i < 100 && all.size() < count; i++) {
                for (var one : consumer.poll(Duration.ofMillis(200))) {
                    all.add(Map.of("key", one.key(), "value", one.value()));
                }
            }
        }
        return all;
    }

    private static Document settings(String servers, String topic) {
        return Document.of("bootstrap_servers", Value.of(servers)).with("topic", Value.of(topic));
    }

    private static Event.Logged logged(long sequence) {
        return new Event.Logged(sequence, Events.of("e" + sequence, "pump", Instant.now()));
    }
}
