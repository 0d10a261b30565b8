package org.tethral.lorawan;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.tethral.device.DevEui;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// A ChirpStack as seen from its broker: publishes what its devices send, takes downlinks, and
/// tells what becomes of them, by a seed late, twice or never.
public final class ChirpStackNetwork implements AutoCloseable {

    public static final String APPLICATION = "17c82e96-be03-4f38-aef3-f83d48582d97";

    /// How reliable its radio is.
    ///
    /// @param lost share of downlinks of which nothing is heard again, and that no device gets
    /// @param twice share of events that are published twice
    /// @param delayMillisMax how late a `txack` and an `ack` come, at most
    public record Radio(double lost, double twice, int delayMillisMax) {
        public static final Radio PERFECT = new Radio(0, 0, 0);
    }

    /// A downlink as it came.
    ///
    /// @param nanos when, by [System#nanoTime]
    @SuppressWarnings("ArrayRecordComponent")
    public record Taken(
            String id, DevEui device, int port, byte[] payload, boolean confirmed, long nanos) {}

    private final Radio radio;
    private final Random random;
    private final Mqtt5AsyncClient client;
    private final Map<DevEui, Integer> counters = new ConcurrentHashMap<>();
    private final Map<DevEui, Taken> shown = new ConcurrentHashMap<>();
    private final List<Taken> taken = new CopyOnWriteArrayList<>();
    private final List<CompletableFuture<?>> published = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor();

    /// @param port of the broker, on this machine
    public ChirpStackNetwork(int port, Radio radio, long seed) {
        this.radio = radio;
        this.random = new Random(seed);
        this.client =
                Mqtt5Client.builder()
                        .identifier("chirpstack-" + seed)
                        .serverHost("127.0.0.1")
                        .serverPort(port)
                        .automaticReconnect()
                        .initialDelay(50, TimeUnit.MILLISECONDS)
                        .maxDelay(500, TimeUnit.MILLISECONDS)
                        .applyAutomaticReconnect()
                        .buildAsync();
        client.connectWith().cleanStart(false).sessionExpiryInterval(3_600).send().join();
        client.subscribeWith()
                .topicFilter("application/+/device/+/command/down")
                .qos(MqttQos.AT_LEAST_ONCE)
                .callback(this::down)
                .send()
                .join();
    }

    /// A device sent that.
    ///
    /// @return its deduplication id
    public String uplink(DevEui device, int port, byte[] payload, Instant at) {
        var id = new UUID(random.nextLong(), random.nextLong()).toString();
        var counter = counters.merge(device, 1, Integer::sum);
        var message =
                """
                {"deduplicationId": "%s", "time": "%s", %s, "fCnt": %d, "fPort": %d, "data": "%s",
                 "rxInfo": [{"gatewayId": "0016c001f153a14c", "rssi": -70, "snr": 8.5}]}
                """
                        .formatted(
                                id,
                                at,
                                info(device),
                                counter,
                                port,
                                Base64.getEncoder().encodeToString(payload));
        publish(device, "up", message);
        return id;
    }

    /// The last downlink that a device got.
    public Optional<Taken> shown(DevEui device) {
        return Optional.ofNullable(shown.get(device));
    }

    /// All downlinks that came, in their order, lost ones too.
    public List<Taken> taken() {
        return List.copyOf(taken);
    }

    /// Waits until the broker has everything that was published.
    public void flush() {
        CompletableFuture.allOf(published.toArray(CompletableFuture[]::new)).join();
        published.clear();
    }

    public void publish(DevEui device, String event, String message) {
        var topic = "application/" + APPLICATION + "/device/" + lower(device) + "/event/" + event;
        send(topic, message);
        if (chance(radio.twice())) {
            send(topic, message);
        }
    }

    private void send(String topic, String message) {
        var done = new CompletableFuture<Void>();
        published.add(done);
        send(topic, message, done);
    }

    /// Again, until the broker has it.
    private void send(String topic, String message, CompletableFuture<Void> done) {
        client.publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(message.getBytes(UTF_8))
                .send()
                .whenComplete((_, failure) -> {
                    if (failure == null) {
                        done.complete(null);
                    } else if (!later.isShutdown()) {
                        later.schedule(() -> send(topic, message, done), 50, TimeUnit.MILLISECONDS);
                    }
                });
    }

    private synchronized boolean chance(double share) {
        return random.nextDouble() < share;
    }

    private synchronized int delay() {
        return radio.delayMillisMax() == 0 ? 0 : random.nextInt(radio.delayMillisMax());
    }

    private void down(Mqtt5Publish publish) {
        try {
            var message = Json.parseObject(publish.getPayloadAsBytes());
            var device = DevEui.parse(publish.getTopic().getLevels().get(3));
            var one =
                    new Taken(
                            message.text("id").orElseThrow(),
                            device,
                            number(message, "fPort"),
                            Base64.getDecoder().decode(message.text("data").orElse("")),
                            message.find("confirmed").orElse(null) == Value.Bool.TRUE,
                            System.nanoTime());
            taken.add(one);
            if (!chance(radio.lost())) {
                shown.put(device, one); // devices have a queue: only the news of it come late
                later.schedule(() -> transmit(one), delay(), TimeUnit.MILLISECONDS);
            }
        } catch (MalformedJson | RuntimeException e) {
            throw new AssertionError(publish.toString(), e);
        }
    }

    private static int number(Document message, String name) {
        return message.find(name).orElse(Value.of(0)) instanceof Value.Numeric(var number)
                ? number.intValue()
                : 0;
    }

    /// A gateway sends it; a device acknowledges what is confirmed.
    private void transmit(Taken one) {
        transmitted(one);
        if (one.confirmed()) {
            later.schedule(() -> acknowledged(one, true), delay(), TimeUnit.MILLISECONDS);
        }
    }

    /// Says that a gateway has sent it.
    public void transmitted(Taken one) {
        publish(
                one.device(),
                "txack",
                """
                {"downlinkId": %d, "time": "%s", %s, "queueItemId": "%s", "fCntDown": 1}
                """
                        .formatted(
                                one.id().hashCode() & 0x7fff_ffff,
                                Instant.now(),
                                info(one.device()),
                                one.id()));
    }

    /// Says what the device made of it.
    public void acknowledged(Taken one, boolean acknowledged) {
        publish(
                one.device(),
                "ack",
                """
                {"deduplicationId": "%s", "time": "%s", %s, "queueItemId": "%s", "acknowledged": %s, "fCntDown": 1}
                """
                        .formatted(
                                UUID.nameUUIDFromBytes(one.id().getBytes(UTF_8)),
                                Instant.now(),
                                info(one.device()),
                                one.id(),
                                acknowledged));
    }

    /// Says that it was thrown away: it is too long for the data rate.
    public void discarded(Taken one) {
        publish(
                one.device(),
                "log",
                """
                {"time": "%s", %s, "level": "ERROR", "code": "DOWNLINK_PAYLOAD_SIZE",
                 "description": "Device queue-item discarded because it exceeds the max. payload size",
                 "context": {"max_payload_size": "51", "queue_item_id": "%s"}}
                """
                        .formatted(Instant.now(), info(one.device()), one.id()));
    }

    private static String info(DevEui device) {
        return """
        "deviceInfo": {"tenantName": "ChirpStack", "applicationId": "%s", "deviceName": "%s", "devEui": "%s"}\
        """
                .formatted(APPLICATION, device, lower(device));
    }

    private static String lower(DevEui device) {
        return device.value().toLowerCase(Locale.ROOT);
    }

    @Override
    public void close() {
        later.shutdownNow();
        client.disconnect().orTimeout(5, TimeUnit.SECONDS).handle((_, _) -> null).join();
    }
}
