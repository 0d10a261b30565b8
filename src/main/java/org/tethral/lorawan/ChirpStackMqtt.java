package org.tethral.lorawan;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;
import org.tethral.mqttclient.BrokerAddress;
import org.tethral.mqttclient.BrokerLink;

/// ChirpStack's MQTT integration (chirpstack.io, "MQTT"): its events out of the broker on which it
/// publishes them, acknowledged when they are durable, and downlinks into that broker. Nodes divide
/// the events among them.
final class ChirpStackMqtt implements DownlinkRoute, AutoCloseable {

    /// As the group: no shared subscription.
    static final String ALONE = "off";

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

    private final BrokerFeed feed;

    /// @throws IllegalArgumentException the authority's certificate cannot be used
    ChirpStackMqtt(
            Settings settings, NetworkIntake intake, Integration counted, InstantSource clock) {
        feed =
                new BrokerFeed(
                        Network.CHIRPSTACK,
                        new BrokerLink.Settings(
                                "chirpstack",
                                settings.broker(),
                                settings.authority(),
                                "tethral-chirpstack-" + settings.node(),
                                List.of(settings.filter()),
                                settings.messageBytesMax()),
                        intake,
                        counted,
                        clock);
    }

    BrokerFeed feed() {
        return feed;
    }

    @Override
    public Network network() {
        return Network.CHIRPSTACK;
    }

    @Override
    public boolean isOpen() {
        return feed.isOpen();
    }

    @Override
    public CompletionStage<Void> send(Addresses.Address address, Downlink downlink) {
        var devEui = downlink.devEui().value().toLowerCase(Locale.ROOT);
        var topic = "application/" + address.application() + "/device/" + devEui + "/command/down";
        return feed.publish(topic, command(devEui, downlink));
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
        feed.close();
    }
}
