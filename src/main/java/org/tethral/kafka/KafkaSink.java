package org.tethral.kafka;

import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.tethral.delivery.CloudEvent;
import org.tethral.delivery.Resolver;
import org.tethral.delivery.Sink;
import org.tethral.event.Event;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// A producer that waits for all replicas. Records are CloudEvents in structured mode with the
/// device as key, so that the events of a device are in one partition, in order.
final class KafkaSink implements Sink {

    private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(2);
    private static final int DELIVERY_MILLIS_MAX = 8_000;
    private static final int BLOCK_MILLIS_MAX = 5_000;
    private static final int BUFFER_BYTES = 8 * 1024 * 1024;

    private final String topic;
    private final String servers;
    private final @Nullable Brokers brokers;
    private final KafkaProducer<byte[], byte[]> producer;

    /// @param brokers which may be talked to; null: all
    KafkaSink(Document settings, @Nullable Brokers brokers) {
        this.topic = settings.text("topic").orElse("");
        this.servers = servers(settings);
        this.brokers = brokers;
        var properties = new HashMap<String, Object>();
        if (settings.find("properties").orElse(Document.EMPTY) instanceof Document given) {
            given.values()
                    .forEach((name, value) -> {
                        if (value instanceof Value.Text(var text)) {
                            properties.put(name, text);
                        }
                    });
        }
        properties.putAll(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        servers,
                        ProducerConfig.ACKS_CONFIG,
                        "all",
                        ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                        true,
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                        DELIVERY_MILLIS_MAX,
                        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                        BLOCK_MILLIS_MAX,
                        ProducerConfig.MAX_BLOCK_MS_CONFIG,
                        BLOCK_MILLIS_MAX,
                        ProducerConfig.LINGER_MS_CONFIG,
                        0,
                        ProducerConfig.BUFFER_MEMORY_CONFIG,
                        BUFFER_BYTES,
                        ProducerConfig.ENABLE_METRICS_PUSH_CONFIG,
                        false));
        this.producer =
                new KafkaProducer<>(
                        properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    static String servers(Document settings) {
        return settings.text("bootstrap_servers").orElse("");
    }

    @Override
    public Outcome deliver(List<Event.Logged> events) throws InterruptedException {
        try {
            checkBrokers();
            var sent = new ArrayList<Future<RecordMetadata>>(events.size());
            for (var logged : events) {
                sent.add(producer.send(record(logged)));
            }
            for (var one : sent) {
                one.get();
            }
            return Outcome.DELIVERED;
        } catch (ExecutionException e) {
            var cause = e.getCause() == null ? e : e.getCause();
            return failed(cause, events);
        } catch (UnknownHostException | Resolver.PrivateTarget e) {
            return new Outcome.Failed(String.valueOf(e.getMessage()), null);
        } catch (InterruptException e) {
            throw new InterruptedException(e.getMessage());
        } catch (RuntimeException e) {
            return failed(e, events);
        }
    }

    /// Those that we were told of, and those to which they send us on.
    private void checkBrokers()
            throws UnknownHostException, InterruptedException, Resolver.PrivateTarget {
        if (brokers == null) {
            return;
        }
        brokers.check(Brokers.hosts(servers));
        for (var partition : producer.partitionsFor(topic)) {
            if (partition.leader() != null && !partition.leader().isEmpty()) {
                brokers.check(List.of(partition.leader().host()));
            }
        }
    }

    private ProducerRecord<byte[], byte[]> record(Event.Logged logged) {
        var event = logged.event();
        var key = event.device() == null ? event.source() : event.device().value();
        var record =
                new ProducerRecord<>(
                        topic,
                        key.getBytes(StandardCharsets.UTF_8),
                        Json.bytes(CloudEvent.of(logged)));
        record.headers()
                .add("content-type", CloudEvent.CONTENT_TYPE.getBytes(StandardCharsets.UTF_8));
        return record;
    }

    /// Of several, which one is too large is seen when each is sent alone.
    private static Outcome failed(Throwable cause, List<Event.Logged> events) {
        var reason = String.valueOf(cause.getMessage());
        return cause instanceof RecordTooLargeException && events.size() == 1
                ? new Outcome.Refused(reason)
                : new Outcome.Failed(reason, null);
    }

    @Override
    public void close() {
        producer.close(CLOSE_WAIT_MAX);
    }
}
