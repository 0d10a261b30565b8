package org.tethral.coap;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.network.InMemoryMessageExchangeStore;
import org.eclipse.californium.core.network.RandomTokenGenerator;
import org.eclipse.californium.core.network.interceptors.MessageInterceptor;
import org.eclipse.californium.core.network.interceptors.MessageInterceptorAdapter;
import org.eclipse.californium.core.network.serialization.UdpDataSerializer;
import org.eclipse.californium.elements.Connector;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.config.SystemConfig;
import org.eclipse.californium.elements.config.UdpConfig;
import org.jspecify.annotations.Nullable;
import org.tethral.command.SentNumbers;
import org.tethral.command.Switchboard;
import org.tethral.device.DeviceLogin;
import org.tethral.device.Evictions;
import org.tethral.device.Provisioning;
import org.tethral.device.Rejections;
import org.tethral.device.SharedKeys;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.TlsFiles;
import org.tethral.state.StateStore;

/// The CoAP listeners: UDP, and DTLS beside it.
public final class CoapEdge implements AutoCloseable {

    /// Peers whose message ids we keep apart; the ones silent longest give way.
    private static final int PEERS_MAX = 20_000;

    /// Bodies that are put together at the same time, each of them up to the message limit.
    private static final int TRANSFERS_MAX = 64;

    /// A transfer without a block for so long makes way.
    private static final Duration TRANSFER_MAX = Duration.ofSeconds(30);

    private static final int BLOCK_BYTES = 1_024;
    private static final int DATAGRAM_BYTES_MAX = 2_048;
    private static final int RECEIVE_BUFFER_BYTES = 1024 * 1024;
    private static final int OUTGOING_MAX = 10_000;
    private static final Duration DRAIN_MAX = Duration.ofSeconds(2);

    /// @param port -1: none; 0 takes a free one
    /// @param dtlsPort as `port`
    /// @param tls the certificate for DTLS; null: shared keys only
    public record Settings(
            String bind, int port, int dtlsPort, @Nullable TlsFiles tls, int messageBytesMax) {

        public static final int MESSAGE_BYTES_MAX_DEFAULT = 256 * 1024;
    }

    /// We send no requests: what comes as a response answers nothing. And an acknowledgement or a
    /// reset is no request (RFC 7252, 4.2 and 4.3: to be ignored).
    private static final MessageInterceptor REQUESTS_ONLY =
            new MessageInterceptorAdapter() {
                @Override
                public void receiveRequest(Request request) {
                    if (request.getType() != CoAP.Type.CON && request.getType() != CoAP.Type.NON) {
                        request.setCanceled(true);
                    }
                }

                @Override
                public void receiveResponse(Response response) {
                    response.setCanceled(true);
                }
            };

    private final Settings settings;
    private final Meters meters;
    private final Stage stage;
    private final ExecutorService blocking =
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("coap-", 0).factory());
    private final Configuration configuration;
    private final Answers answers;
    private final Door door;
    private final Observations observations;
    private final Commands commands;
    private final Router router;
    private final Rejections rejections;
    private final SharedKeys sharedKeys;
    private @Nullable CoapEndpoint plain;
    private @Nullable CoapEndpoint secure;

    /// @param random used by several threads at once
    public CoapEdge(
            Settings settings,
            Ingest ingest,
            DeviceLogin login,
            Provisioning provisioning,
            SharedKeys sharedKeys,
            Rejections rejections,
            Evictions evictions,
            StateStore states,
            Switchboard switchboard,
            SentNumbers numbers,
            InstantSource clock,
            RandomGenerator random,
            MeterRegistry registry) {
        this(
                settings,
                ingest,
                login,
                provisioning,
                sharedKeys,
                rejections,
                evictions,
                states,
                switchboard,
                numbers,
                clock,
                random,
                registry,
                Answers.WAIT_MAX);
    }

    /// @param answerWithin how long a device waits for a commit
    CoapEdge(
            Settings settings,
            Ingest ingest,
            DeviceLogin login,
            Provisioning provisioning,
            SharedKeys sharedKeys,
            Rejections rejections,
            Evictions evictions,
            StateStore states,
            Switchboard switchboard,
            SentNumbers numbers,
            InstantSource clock,
            RandomGenerator random,
            MeterRegistry registry,
            Duration answerWithin) {
        this.settings = settings;
        this.sharedKeys = sharedKeys;
        this.rejections = rejections;
        this.meters = new Meters(registry);
        this.stage =
                new Stage(
                        Math.min(2, Runtime.getRuntime().availableProcessors()),
                        Thread.ofPlatform().daemon().name("coap-", 0).factory());
        this.configuration = configuration(settings);
        this.answers = new Answers(stage, answerWithin);
        this.door = new Door(login, rejections, answers, blocking);
        var intake = new Intake(ingest, clock, answers, settings.messageBytesMax());
        this.observations = new Observations(configuration, stage, intake::heartbeat, meters);
        this.commands =
                new Commands(switchboard, numbers, observations, door, intake, stage, clock);
        this.router =
                new Router(
                        door,
                        intake,
                        new Wanted(states, door, intake, observations),
                        commands,
                        new Admissions(provisioning, rejections, door, intake, clock, random),
                        random,
                        meters);
        ingest.onBatchAnswered(answers::flush);
        ingest.listen(observations::committed);
        evictions.listen(observations::evict);
        evictions.listen(commands::evict);
    }

    private static Configuration configuration(Settings settings) {
        return new Configuration(
                        CoapConfig.DEFINITIONS, UdpConfig.DEFINITIONS, SystemConfig.DEFINITIONS)
                .set(CoapConfig.MAX_ACTIVE_PEERS, PEERS_MAX)
                .set(CoapConfig.MAX_SERVER_OBSERVES, Observations.OBSERVATIONS_MAX)
                .set(CoapConfig.MAX_RESOURCE_BODY_SIZE, settings.messageBytesMax())
                .set(CoapConfig.MAX_MESSAGE_SIZE, BLOCK_BYTES)
                .set(CoapConfig.PREFERRED_BLOCK_SIZE, BLOCK_BYTES)
                .set(CoapConfig.USE_MESSAGE_OFFLOADING, true)
                .set(CoapConfig.MID_TRACKER, CoapConfig.TrackerMode.GROUPED)
                .set(UdpConfig.UDP_RECEIVER_THREAD_COUNT, 1)
                .set(UdpConfig.UDP_SENDER_THREAD_COUNT, 1)
                .set(UdpConfig.UDP_DATAGRAM_SIZE, DATAGRAM_BYTES_MAX)
                .set(UdpConfig.UDP_RECEIVE_BUFFER_SIZE, RECEIVE_BUFFER_BYTES)
                .set(UdpConfig.UDP_CONNECTOR_OUT_CAPACITY, OUTGOING_MAX);
    }

    private Configuration transfers() {
        return new Configuration(configuration)
                .set(CoapConfig.MAX_ACTIVE_PEERS, TRANSFERS_MAX)
                .set(
                        CoapConfig.BLOCKWISE_STATUS_LIFETIME,
                        TRANSFER_MAX.toSeconds(),
                        TimeUnit.SECONDS);
    }

    /// Returns when the listeners take datagrams.
    ///
    /// @throws IllegalStateException a port is taken, or a certificate cannot be used; the message
    ///   says which
    public void start() {
        answers.start();
        observations.start();
        if (settings.port() >= 0) {
            var address = new InetSocketAddress(settings.bind(), settings.port());
            plain = started("CoAP", address, new BoundedUdp(address, configuration, stage, meters));
        }
        if (settings.dtlsPort() >= 0) {
            var address = new InetSocketAddress(settings.bind(), settings.dtlsPort());
            var certificate =
                    settings.tls() == null ? null : ServerCertificate.read(settings.tls());
            secure =
                    started(
                            "CoAP over DTLS",
                            address,
                            new SleepingDtls(
                                    address,
                                    socket ->
                                            Dtls.on(
                                                    socket,
                                                    new SharedKeyDoor(
                                                            sharedKeys, rejections, blocking),
                                                    certificate)));
        }
    }

    private CoapEndpoint started(String name, InetSocketAddress address, Connector connector) {
        var tokens = new RandomTokenGenerator(configuration);
        var exchanges = new InMemoryMessageExchangeStore("", configuration, tokens);
        exchanges.setDeduplicator(new Repetitions());
        var endpoint =
                new CoapEndpoint.Builder()
                        .setConfiguration(configuration)
                        .setConnector(connector)
                        .setTokenGenerator(tokens)
                        .setMessageExchangeStore(exchanges)
                        .setDataSerializerAndParser(new UdpDataSerializer(), new Parser())
                        .setCoapStackFactory(new Stacks(transfers(), door, meters))
                        .build();
        endpoint.setExecutors(stage, stage);
        endpoint.setMessageDeliverer(router);
        endpoint.addInterceptor(REQUESTS_ONLY);
        try {
            endpoint.start();
            return endpoint;
        } catch (IOException e) {
            throw new IllegalStateException(
                    "cannot listen for " + name + " on " + address + ": " + e.getMessage(), e);
        }
    }

    /// As if the datagram had come by UDP.
    void receive(DatagramPacket datagram) {
        Objects.requireNonNull(plain).getConnector().processDatagram(datagram);
    }

    /// Ends observations that nobody was heard of for too long before that time.
    void sweep(long nanos) {
        observations.sweep(nanos);
    }

    /// Datagrams and the like that wait for a thread.
    int waiting() {
        return stage.waiting();
    }

    /// The UDP port, -1 when there is none.
    public int port() {
        return port(plain);
    }

    /// The DTLS port, -1 when there is none.
    public int dtlsPort() {
        return port(secure);
    }

    private static int port(@Nullable CoapEndpoint endpoint) {
        return endpoint == null ? -1 : endpoint.getAddress().getPort();
    }

    /// Why it cannot serve at the moment; empty when all is well.
    public Optional<String> problem() {
        return stage.waiting() >= BoundedUdp.WAITING_MAX
                ? Optional.of("more arrives than is worked on: datagrams are dropped")
                : Optional.empty();
    }

    /// Takes nothing more. What was taken is still answered, if ingest answers within a moment.
    @Override
    public void close() {
        router.close();
        commands.close();
        try {
            for (long begin = System.nanoTime();
                    System.nanoTime() - begin < DRAIN_MAX.toNanos()
                            && (!answers.isIdle() || stage.waiting() > 0); ) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
            TimeUnit.MILLISECONDS.sleep(10); // for the sockets' own threads to send the last
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Stream.of(plain, secure).filter(Objects::nonNull).forEach(CoapEndpoint::destroy);
        stage.shutdownNow();
        blocking.shutdownNow();
    }
}
