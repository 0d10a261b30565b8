package org.tethral.lorawan;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.StorageException;
import org.tethral.lorawan.Integration.Count;
import org.tethral.mqttclient.BrokerLink;
import org.tethral.payload.Malformed;

/// What a network server publishes on a broker, each message acknowledged when it is durable. The
/// last part of a topic says what kind of message it is.
final class BrokerFeed implements AutoCloseable {

    private static final Duration TRY_AGAIN_AFTER = Duration.ofMillis(500);
    private static final Logger LOG = LoggerFactory.getLogger(BrokerFeed.class);

    private final Network network;
    private final NetworkIntake intake;
    private final Integration counted;
    private final InstantSource clock;
    private final Stripes stripes;
    private final BrokerLink link;

    /// @throws IllegalArgumentException the authority's certificate cannot be used
    BrokerFeed(
            Network network,
            BrokerLink.Settings broker,
            NetworkIntake intake,
            Integration counted,
            InstantSource clock) {
        this.network = network;
        this.intake = intake;
        this.counted = counted;
        this.clock = clock;
        this.stripes = new Stripes(broker.name());
        this.link = new BrokerLink(broker, this::take);
    }

    /// Returns at once: a broker that is away is tried again until it answers.
    void start() {
        link.start();
    }

    boolean isOpen() {
        return link.problem().isEmpty();
    }

    Integration counted() {
        counted.problem(link.problem().orElse(null));
        return counted;
    }

    CompletionStage<Void> publish(String topic, Document message) {
        return link.publish(topic, Json.write(message).getBytes(UTF_8));
    }

    /// What cannot be read is acknowledged too: the broker would send it for ever.
    private void take(String topic, byte[] payload, Runnable acknowledge) {
        try {
            var told =
                    new NetworkIntake.Told(
                            network,
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
    public void close() {
        link.close();
        stripes.close();
    }
}
