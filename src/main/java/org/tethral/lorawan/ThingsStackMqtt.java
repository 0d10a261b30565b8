package org.tethral.lorawan;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.tethral.mqttclient.BrokerAddress;
import org.tethral.mqttclient.BrokerLink;
import org.tethral.space.DownlinkRefused;

/// The MQTT server of The Things Stack (thethingsindustries.com, "MQTT Server"), for one
/// application. It has MQTT 3.1.1 and QoS 0 only, so nothing is acknowledged: what it tells while
/// we are away is lost.
final class ThingsStackMqtt implements DownlinkRoute, AutoCloseable {

    private static final List<String> MESSAGES =
            List.of(
                    "up",
                    "join",
                    "down/sent",
                    "down/ack",
                    "down/nack",
                    "down/failed",
                    "location/solved");

    private final String application;
    private final String devices;
    private final BrokerFeed feed;

    /// @param broker its user is `APPLICATION@TENANT`, or `APPLICATION` where there are no tenants
    /// @param authority who signs its certificate, PEM; null: those that the machine trusts
    record Settings(
            BrokerAddress broker, @Nullable Path authority, int messageBytesMax, String node) {

        /// @throws IllegalArgumentException there is no such user
        String user() {
            var user = broker.user();
            if (user == null || !user.matches("[^/+#@]+(@[^/+#@]+)?")) {
                throw new IllegalArgumentException("its user is APPLICATION@TENANT");
            }
            return user;
        }
    }

    /// @throws IllegalArgumentException the address names no application, or the authority's
    ///   certificate cannot be used
    ThingsStackMqtt(
            Settings settings, NetworkIntake intake, Integration counted, InstantSource clock) {
        var user = settings.user();
        application = user.replaceFirst("@.*", "");
        devices = "v3/" + user + "/devices/";
        feed =
                new BrokerFeed(
                        Network.THINGS_STACK,
                        new BrokerLink.Settings(
                                "tts",
                                settings.broker(),
                                settings.authority(),
                                "tethral-tts-" + settings.node(),
                                MESSAGES.stream().map(message -> devices + "+/" + message).toList(),
                                settings.messageBytesMax(),
                                BrokerLink.Speaks.MQTT_3),
                        intake,
                        counted,
                        clock);
    }

    BrokerFeed feed() {
        return feed;
    }

    @Override
    public Network network() {
        return Network.THINGS_STACK;
    }

    @Override
    public boolean isOpen() {
        return feed.isOpen();
    }

    /// The application is that of the connection.
    @Override
    public boolean needsApplication() {
        return false;
    }

    @Override
    public CompletionStage<Void> send(Addresses.Address address, Downlink downlink) {
        if (!address.application().isEmpty() && !address.application().equals(application)) {
            return CompletableFuture.failedFuture(
                    new DownlinkRefused(
                            "it is in the application "
                                    + address.application()
                                    + ", and "
                                    + application
                                    + " is connected",
                            true));
        }
        var device = ThingsStackDownlinks.name(address, downlink);
        return feed.publish(devices + device + "/down/push", ThingsStackDownlinks.push(downlink));
    }

    @Override
    public void close() {
        feed.close();
    }
}
