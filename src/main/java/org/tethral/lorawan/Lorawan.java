package org.tethral.lorawan;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.codec.CodecKinds;
import org.tethral.command.CommandStore;
import org.tethral.command.Switchboard;
import org.tethral.device.DeviceStore;
import org.tethral.device.Evictions;
import org.tethral.device.KeptMessages;
import org.tethral.device.ProfileStore;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.Routine;
import org.tethral.kernel.Secret;
import org.tethral.kernel.StorageException;
import org.tethral.lorawan.NetworkIntake.Outcome;
import org.tethral.lorawan.NetworkIntake.Told;
import org.tethral.mqttclient.BrokerAddress;
import org.tethral.payload.Malformed;
import org.tethral.space.DisplayOutlet;
import org.tethral.space.DownlinkNews;
import org.tethral.space.LorawanDevice;
import org.tethral.space.LorawanDevices;

/// LoRaWAN: the ways to network servers, and what is common to them.
public final class Lorawan implements AutoCloseable {

    /// How soon a device that was registered is seen to be.
    private static final Duration READMISSION_PAUSE = Duration.ofSeconds(2);

    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(Lorawan.class);

    /// Where ChirpStack's events are published.
    ///
    /// @param authority who signs the broker's certificate, PEM; null: those that the machine
    ///   trusts
    /// @param group of the shared subscription, the same for all nodes of a platform; `off`: none
    public record ChirpStackBroker(BrokerAddress broker, @Nullable Path authority, String group) {}

    /// Where ChirpStack takes downlinks over gRPC, rather than on its broker.
    ///
    /// @param server `http://HOST:8080`, or with TLS `https://…`
    public record ChirpStackApi(URI server, Secret key) {}

    /// The MQTT server of The Things Stack, for one application.
    ///
    /// @param broker its user is `APPLICATION@TENANT`, its password an API key
    /// @param authority who signs its certificate, PEM; null: those that the machine trusts
    public record ThingsStackBroker(BrokerAddress broker, @Nullable Path authority) {}

    /// Where The Things Stack takes downlinks.
    ///
    /// @param server `https://eu1.cloud.thethings.network`
    /// @param webhook its id, the same in each application
    public record ThingsStackApi(URI server, String webhook, Secret key) {}

    /// What network servers are spoken to. All may tell over HTTP, whether named here or not.
    ///
    /// @param messageBytesMax of a message on a broker
    public record Settings(
            @Nullable ChirpStackBroker chirpStack,
            @Nullable ChirpStackApi chirpStackApi,
            @Nullable ThingsStackApi thingsStack,
            @Nullable ThingsStackBroker thingsStackBroker,
            int messageBytesMax,
            String node) {}

    /// What it works with.
    ///
    /// @param vertx asked for where a gRPC client is needed
    public record Parts(
            LorawanDevices lorawan,
            DeviceStore devices,
            ProfileStore profiles,
            KeptMessages kept,
            Ingest ingest,
            Evictions evictions,
            Switchboard switchboard,
            CommandStore commands,
            CodecKinds codecs,
            Supplier<Vertx> vertx,
            MeterRegistry meters,
            InstantSource clock) {}

    private final Integration chirpStackHttp;
    private final Integration thingsStackHttp;
    private final Integration inbox;
    private final Newsroom news = new Newsroom();
    private final QueueItems names = new QueueItems(news);
    private final NetworkIntake intake;
    private final List<BrokerFeed> feeds = new ArrayList<>();
    private final List<Integration> outward = new ArrayList<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final Downlinks downlinks;
    private final CommandDownlinks commands;
    private final Roster roster;
    private final Routine readmission;

    public Lorawan(Settings settings, Parts parts) {
        var meters = parts.meters();
        chirpStackHttp = new Integration("chirpstack-http", meters);
        thingsStackHttp = new Integration("tts-http", meters);
        inbox = new Integration("inbox", meters);
        var addresses = new Addresses();
        var known =
                new KnownDevices(
                        new KnownDevices.Registry(
                                parts.lorawan(), parts.devices(), parts.profiles()),
                        new DeviceCodecs(parts.codecs()),
                        parts.evictions());
        var attempts = new Attempts(parts.commands());
        intake =
                new NetworkIntake(
                        new NetworkIntake.Parts(
                                known,
                                parts.kept(),
                                addresses,
                                names,
                                new CommandNews(attempts, names, parts.clock()),
                                parts.ingest(),
                                parts.clock()));
        downlinks = new Downlinks(ways(settings, parts), addresses, parts.clock());
        commands = new CommandDownlinks(known, downlinks, attempts, parts.ingest(), parts.clock());
        roster = new Roster(parts.lorawan(), downlinks, parts.switchboard(), commands::to);
        var round = new Readmission(parts.kept(), known, intake, inbox);
        readmission = new Routine("readmission", READMISSION_PAUSE, round::round, this::failed);
    }

    private List<Downlinks.Way> ways(Settings settings, Parts parts) {
        var ways = new ArrayList<Downlinks.Way>();
        var api = settings.chirpStackApi();
        if (api != null) {
            var grpc =
                    new ChirpStackGrpc(
                            new ChirpStackGrpc.Settings(api.server(), api.key()),
                            names,
                            parts.vertx().get());
            open.add(grpc);
            ways.add(new Downlinks.Way(grpc, outward("chirpstack-grpc", parts)));
        }
        chirpStack(settings, parts)
                .ifPresent(chirpStack ->
                        ways.add(new Downlinks.Way(chirpStack, fed(chirpStack.feed()))));
        var things = settings.thingsStack();
        if (things != null) {
            var webhook =
                    new ThingsStackDownlinks(
                            new ThingsStackDownlinks.Settings(
                                    things.server(), things.webhook(), things.key()));
            open.add(webhook);
            ways.add(new Downlinks.Way(webhook, outward("tts-webhook", parts)));
        }
        thingsStack(settings, parts)
                .ifPresent(stack -> ways.add(new Downlinks.Way(stack, fed(stack.feed()))));
        return ways;
    }

    private Integration outward(String name, Parts parts) {
        var counted = new Integration(name, parts.meters());
        outward.add(counted);
        return counted;
    }

    private Integration fed(BrokerFeed feed) {
        feeds.add(feed);
        return feed.counted();
    }

    private Optional<ChirpStackMqtt> chirpStack(Settings settings, Parts parts) {
        return Optional.ofNullable(settings.chirpStack())
                .map(broker ->
                        new ChirpStackMqtt(
                                new ChirpStackMqtt.Settings(
                                        broker.broker(),
                                        broker.authority(),
                                        broker.group(),
                                        settings.messageBytesMax(),
                                        settings.node()),
                                intake,
                                new Integration("chirpstack-mqtt", parts.meters()),
                                parts.clock()));
    }

    private Optional<ThingsStackMqtt> thingsStack(Settings settings, Parts parts) {
        return Optional.ofNullable(settings.thingsStackBroker())
                .map(broker ->
                        new ThingsStackMqtt(
                                new ThingsStackMqtt.Settings(
                                        broker.broker(),
                                        broker.authority(),
                                        settings.messageBytesMax(),
                                        settings.node()),
                                intake,
                                new Integration("tts-mqtt", parts.meters()),
                                parts.clock()));
    }

    private void failed(RuntimeException failure) {
        LOG.atWarn()
                .addKeyValue("reason", failure.getMessage())
                .log("cannot apply what devices sent before they were registered; trying again");
    }

    public void start() {
        readmission.start();
        roster.start();
        feeds.forEach(BrokerFeed::start);
    }

    /// The way to displays on LoRaWAN networks.
    public DisplayOutlet outlet() {
        return downlinks;
    }

    /// As [#outlet], for devices of whatever kind.
    CompletionStage<Void> send(LorawanDevice device, Downlink downlink) {
        return downlinks.send(device, downlink);
    }

    /// From now on, the listener is told what becomes of downlinks.
    public void listen(DownlinkNews listener) {
        news.listen(listener);
    }

    /// What a network server tells over HTTP: waits until it is durable. Empty: it may yet be.
    ///
    /// @throws Malformed it cannot be read
    /// @throws StorageException nothing can be stored at the moment
    public Optional<Outcome> tell(Told told) throws Malformed {
        var by = told.network() == Network.CHIRPSTACK ? chirpStackHttp : thingsStackHttp;
        var event = intake.read(told, by);
        if (event.isEmpty()) {
            return Optional.of(Outcome.STORED);
        }
        var done = new CompletableFuture<Outcome>();
        try {
            intake.take(told, event.get(), by, done::complete);
            return Optional.of(done.get(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /// All ways, and how they fare.
    public List<Integration.View> integrations() {
        var all = new ArrayList<Integration>();
        feeds.forEach(feed -> all.add(feed.counted()));
        all.add(chirpStackHttp);
        all.add(thingsStackHttp);
        all.addAll(outward);
        all.add(inbox);
        return all.stream().map(Integration::view).toList();
    }

    /// Why messages of a network server do not come at present; empty when all is well.
    public Optional<String> problem() {
        return feeds.stream()
                .flatMap(feed -> Optional.ofNullable(feed.counted().view().problem()).stream())
                .findFirst();
    }

    @Override
    public void close() {
        readmission.close();
        roster.close();
        commands.close();
        feeds.forEach(BrokerFeed::close);
        for (var one : open) {
            try {
                one.close();
            } catch (Exception e) {
                LOG.atWarn().setCause(e).log("a way to a network server does not close");
            }
        }
    }
}
