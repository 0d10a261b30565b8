package org.tethral.lorawan;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.StorageException;
import org.tethral.kernel.Value;
import org.tethral.lorawan.Integration.Count;
import org.tethral.mqttclient.BrokerAddress;
import org.tethral.mqttclient.BrokerLink;
import org.tethral.payload.Malformed;

/// ChirpStack's MQTT integration (chirpstack.io, "MQTT"): its events out of the broker on which it
/// publishes them, acknowledged when they are durable, and downlinks into that broker. Nodes divide
/// the events among them.
final class ChirpStackMqtt implements DownlinkRoute, AutoCloseable {

    /// As the group: no shared subscription.
    static final String ALONE = "off";

    private static final Duration TRY_AGAIN_AFTER = Duration.ofMillis(500);
    private static final Logger LOG = LoggerFactory.getLogger(ChirpStackMqtt.class);

    /// @param authority who signs the broker's certificate, PEM; null: those that the machine
    ///   trusts
    /// @param group of the shared subscription: the same for all nodes of a platform
    record Settings(
            BrokerAddress broker,
            @Nullable Path authority,
            String group,
            int messageBytesMax,
            String node) {

        private static final String EVENTS = "application/+/device/+/event/+";

        /// A broker that restarts may forget shared subscriptions, but not others.
        private String filter() {
            return group.equals(ALONE) ? EVENTS : "$share/" + group + "/" + EVENTS;
        }
    }

    private final NetworkIntake intake;
    private final Integration counted;
    private final InstantSource clock;
    private final Stripes stripes = new Stripes("chirpstack");
    private final BrokerLink link;

    /// @throws IllegalArgumentException the authority's certificate cannot be used
    ChirpStackMqtt(
            Settings settings, NetworkIntake intake, Integration counted, InstantSource clock) {
        this.intake = intake;
        this.counted = counted;
        this.clock = clock;
        this.link =
                new BrokerLink(
                        new BrokerLink.Settings(
                                "chirpstack",
                                settings.broker(),
                                settings.authority(),
                                "tethral-chirpstack-" + settings.node(),
                                List.of(settings.filter()),
                                settings.messageBytesMax()),
                        this::take);
    }

    /// Returns at once: a broker that is away is tried again until it answers.
    void start() {
        link.start();
    }

    Integration counted() {
        counted.problem(link.problem().orElse(null));
        return counted;
    }

    /// What cannot be read is acknowledged too: the broker would send it for ever.
    private void take(String topic, byte[] payload, Runnable acknowledge) {
        try {
            var told =
                    new NetworkIntake.Told(
                            Network.CHIRPSTACK,
                            topic.substring(topic.lastIndexOf('/') + 1),
                            Json.parseObject(payload),
                            null);
            var event = intake.read(told, counted);
            if (event.isEmpty()) {
                acknowledge.run();
            } else {
                stripes.run(
                        event.get().origin().devEui(), () -> take(told, event.get(), acknowledge));
            }
        } catch (MalformedJson e) {
            counted.received(clock.instant());
            counted.failed(
                    Count.MALFORMED, "a message is no JSON: " + e.getMessage(), clock.instant());
            acknowledge.run();
        } catch (Malformed e) {
            LOG.atDebug()
                    .addKeyValue("topic", topic)
                    .addKeyValue("reason", e.getMessage())
                    .log("message of a network server dropped");
            acknowledge.run();
        } catch (RejectedExecutionException e) {
            LOG.atDebug().log("closing: the message is not acknowledged and comes again");
        }
    }

    /// As long as the database is away, it does not return.
    private void take(NetworkIntake.Told told, NetworkEvent event, Runnable acknowledge) {
        try {
            while (true) {
                try {
                    intake.take(told, event, counted, _ -> acknowledge.run());
                    return;
                } catch (StorageException e) {
                    if (e.kind() == StorageException.Cause.REFUSED) {
                        counted.failed(
                                Count.REFUSED,
                                event.origin().devEui() + ": the database does not take it",
                                clock.instant());
                        acknowledge.run();
                        return;
                    }
                    Thread.sleep(TRY_AGAIN_AFTER);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // not acknowledged: it comes again
        }
    }

    @Override
    public Network network() {
        return Network.CHIRPSTACK;
    }

    @Override
    public CompletionStage<Void> send(Addresses.Address address, Downlink downlink) {
        var devEui = downlink.devEui().value().toLowerCase(Locale.ROOT);
        var topic = "application/" + address.application() + "/device/" + devEui + "/command/down";
        return link.publish(topic, Json.write(command(devEui, downlink)).getBytes(UTF_8));
    }

    private static Document command(String devEui, Downlink downlink) {
        var fields = new LinkedHashMap<String, Value>();
        fields.put("id", Value.of(downlink.id().toString()));
        fields.put("devEui", Value.of(devEui));
        fields.put("confirmed", Value.of(downlink.confirmed()));
        fields.put("fPort", Value.of(downlink.port()));
        fields.put("data", Value.of(Base64.getEncoder().encodeToString(downlink.payload())));
        return new Document(fields);
    }

    @Override
    public void close() {
        link.close();
        stripes.close();
    }
}
