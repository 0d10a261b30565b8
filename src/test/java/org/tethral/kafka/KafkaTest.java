package org.tethral.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.delivery.Resolver;
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
            new SinkKind.Surroundings(InstantSource.system(), new Random(1), true);
    private static final SinkKind.Surroundings PUBLIC_ONLY =
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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1:9092",
                "localhost:9092",
                "[::1]:9092",
                "broker.example:9092, 10.1.2.3:9092",
                "inside.example:9092",
                "169.254.169.254:80"
            })
    void refusesBrokersAtPrivateAddresses(String servers) throws Exception {
        var settings = settings(servers, "t");
        assertThatThrownBy(() -> kind().checked(settings, PUBLIC_ONLY))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("private-targets");
        // nor if the name led elsewhere when it was set
        assertThatThrownBy(() -> kind().open(settings, PUBLIC_ONLY))
                .isInstanceOf(Resolver.PrivateTarget.class);
        kind().checked(settings, SURROUNDINGS);
    }

    @Test
    void takesPublicBrokersAndNamesThatAreNotKnownYet() {
        kind().checked(settings("broker.example:9092,tomorrow.example:9092", "t"), PUBLIC_ONLY);
    }

    /// The broker is reached by a name that is said to be public; it sends on to 127.0.0.1.
    @Test
    void handsNothingToABrokerAtAPrivateAddressThatAPublicOneAdvertises() throws Exception {
        var port = broker.servers().substring(broker.servers().indexOf(':'));
        var settings = settings("localhost" + port, "onward-" + UUID.randomUUID());
        var kind =
                new KafkaKind(host ->
                        InetAddress.getAllByName(
                                host.equals("localhost") ? "93.184.215.14" : host));
        try (var sink = kind.open(settings, PUBLIC_ONLY)) {
            Sink.Outcome outcome = sink.deliver(List.of(logged(1)));
            for (int i = 0; i < 50 && !outcome.toString().contains("private"); i++) {
                outcome = sink.deliver(List.of(logged(1))); // the topic is being made
            }
            assertThat(outcome)
                    .isInstanceOfSatisfying(
                            Sink.Outcome.Failed.class,
                            failed ->
                                    assertThat(failed.reason())
                                            .startsWith("127.0.0.1 is the private address"));
        }
        assertThat(end(settings.text("topic").orElseThrow())).isZero();
    }

    /// What names lead to, without a name server.
    private static KafkaKind kind() {
        return new KafkaKind(host ->
                switch (host) {
                    case "broker.example" -> InetAddress.getAllByName("93.184.215.14");
                    case "inside.example" -> InetAddress.getAllByName("192.168.1.1");
                    case "tomorrow.example" -> throw new UnknownHostException(host);
                    default -> InetAddress.getAllByName(host);
                });
    }

    private static long end(String topic) {
        var properties = new HashMap<String, Object>();
        properties.put("bootstrap.servers", broker.servers());
        try (var consumer =
                new KafkaConsumer<>(
                        properties, new StringDeserializer(), new StringDeserializer())) {
            var partition = new TopicPartition(topic, 0);
            return consumer.endOffsets(List.of(partition)).get(partition);
        }
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
