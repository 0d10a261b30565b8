package org.tethral.mqtt;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.account.AccountStore;
import org.tethral.account.Actor;
import org.tethral.broker.SessionStore;
import org.tethral.command.SentNumbers;
import org.tethral.command.Switchboard;
import org.tethral.delivery.SinkKind;
import org.tethral.device.Admission;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceLogin;
import org.tethral.device.DeviceStore;
import org.tethral.device.Evictions;
import org.tethral.device.Provisioning;
import org.tethral.device.Rejections;
import org.tethral.ingest.Fact;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.TlsFiles;
import org.tethral.payload.TopicMaps;
import org.tethral.state.StateStore;

/// Lets devices in over MQTT 3.1.1 and 5, by TCP, TLS and WebSocket. What they publish is
/// acknowledged when it is durable; docs/protocols/mqtt.md says what they may do.
///
/// To be closed before the pipeline that it feeds: closing stops reading, waits for the answers to
/// what was taken, and tells the pipeline that the devices are gone.
public final class MqttEdge implements AutoCloseable {

    public static final int MESSAGE_BYTES_MAX_DEFAULT = 256 * 1024;

    /// Ports: 0 takes a free one, -1 does not listen.
    ///
    /// @param bind the address to listen on
    /// @param webSocketPort path `/mqtt`; plain, and with TLS too where there is a certificate
    /// @param tls needed for `tlsPort`
    /// @param messageLimit bytes of the longest packet that is taken, headers included; for
    ///   connections that begin
    /// @param node the name of this node in connection logs
    /// @param openRegistration whether any device is a gateway
    /// @param topicMaps for topics of devices that cannot be changed
    /// @param openTopics whether clients that show no credential may use general topics
    public record Settings(
            String bind,
            int port,
            int tlsPort,
            int webSocketPort,
            @Nullable TlsFiles tls,
            IntSupplier messageLimit,
            String node,
            boolean openRegistration,
            TopicMaps topicMaps,
            boolean openTopics) {

        public Settings {
            if (tlsPort >= 0 && tls == null) {
                throw new IllegalArgumentException("MQTT over TLS needs a certificate and its key");
            }
        }

        public Settings(
                String bind,
                int port,
                int tlsPort,
                int webSocketPort,
                @Nullable TlsFiles tls,
                int messageBytesMax,
                String node,
                boolean openRegistration,
                TopicMaps topicMaps,
                boolean openTopics) {
            this(
                    bind,
                    port,
                    tlsPort,
                    webSocketPort,
                    tls,
                    () -> messageBytesMax,
                    node,
                    openRegistration,
                    topicMaps,
                    openTopics);
        }

        /// As it is at the moment: it may change while the program runs.
        public int messageBytesMax() {
            return messageLimit.getAsInt();
        }
    }

    /// What the edge reads.
    ///
    /// @param sessions are loaded once, when the edge is made
    public record Stores(
            StateStore states,
            DeviceStore devices,
            AccountStore accounts,
            SessionStore sessions,
            SentNumbers numbers) {}

    /// Something is wrong with what the edge was given to listen with; the message is for the
    /// operator.
    public static final class CannotListen extends RuntimeException {
        private static final long serialVersionUID = 1L;

        CannotListen(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private static final Duration DRAIN_WAIT_MAX = Duration.ofSeconds(5);
    private static final Duration GOODBYE_WAIT_MAX = Duration.ofSeconds(1);
    private static final int POLL_MILLIS = 5;

    /// How late the end of a session or a will may be.
    private static final Duration LOOK_EVERY = Duration.ofMillis(250);

    /// How long a revoked API key is still good for on an open connection.
    private static final Duration SWEEP_EVERY = Duration.ofSeconds(30);

    private static final Logger LOG = LoggerFactory.getLogger(MqttEdge.class);

    private final Surroundings around;
    private final EventLoopGroup events;
    private final Map<EventLoop, Loop> loops = new HashMap<>();
    private final Listeners listeners;
    private final KeyWatch keys;
    private final CommunityFeed feed;
    private int port = -1;
    private int tlsPort = -1;
    private int webSocketPort = -1;

    /// @param random thread-safe
    public MqttEdge(
            Settings settings,
            Ingest ingest,
            DeviceLogin login,
            Provisioning provisioning,
            Rejections rejections,
            Evictions evictions,
            Stores stores,
            Admission admission,
            Switchboard switchboard,
            InstantSource clock,
            RandomGenerator random,
            MeterRegistry registry) {
        var meters = new MqttMeters(registry);
        var sessions = meters.queues(new Sessions());
        var broker = new Broker(new Postings(ingest), clock, random, meters);
        this.around =
                new Surroundings(
                        settings,
                        ingest,
                        new Login(login, stores.accounts(), settings.openTopics(), clock),
                        meters.lookups("reads", Lookups.READS_RUNNING_MAX),
                        meters.lookups("hashes", Runtime.getRuntime().availableProcessors()),
                        sessions,
                        broker,
                        new Afterlife(sessions, broker),
                        rejections,
                        stores.states(),
                        stores.numbers(),
                        switchboard,
                        new GatewayDevices(
                                stores.devices(), admission, settings.openRegistration()),
                        provisioning,
                        clock,
                        random,
                        meters,
                        new AtomicInteger(),
                        new AtomicLong());
        this.keys = new KeyWatch(stores.accounts(), sessions, around.afterlife(), clock);
        this.feed = new CommunityFeed(broker, meters, clock);
        restore(stores.sessions().load());
        var threads = new DefaultThreadFactory("mqtt");
        this.events =
                new MultiThreadIoEventLoopGroup(
                        Runtime.getRuntime().availableProcessors(),
                        threads,
                        Epoll.isAvailable()
                                ? EpollIoHandler.newFactory()
                                : NioIoHandler.newFactory());
        this.listeners = new Listeners(events, settings.bind());
        events.forEach(executor -> {
            var loop = (EventLoop) executor;
            loops.put(loop, new Loop(loop));
        });
        evictions.listen(this::evict);
        ingest.listen(this::committed);
        ingest.listen(feed::committed);
        ingest.onBatchAnswered(() -> loops.values().forEach(loop -> loop.outbox().ring()));
    }

    private void restore(SessionStore.Kept kept) {
        around.broker().restore(kept.retained());
        var now = around.clock().instant();
        kept.sessions().forEach(session -> around.afterlife().restore(session, now, around));
    }

    /// Binds.
    ///
    /// @throws CannotListen a port is taken, or a certificate is of no use; nothing listens then
    public void start() {
        var settings = around.settings();
        try {
            var tls = settings.tls() == null ? null : Listeners.tls(settings.tls());
            var pipelines = new Pipelines(around, this::loop, tls);
            loops.values().forEach(Loop::start);
            feed.start();
            events.next()
                    .scheduleAtFixedRate(
                            this::sweep,
                            SWEEP_EVERY.toSeconds(),
                            SWEEP_EVERY.toSeconds(),
                            TimeUnit.SECONDS);
            events.next()
                    .scheduleWithFixedDelay(
                            around.afterlife()::tick,
                            LOOK_EVERY.toMillis(),
                            LOOK_EVERY.toMillis(),
                            TimeUnit.MILLISECONDS);
            port = listeners.bind("MQTT", settings.port(), pipelines.tcp());
            tlsPort =
                    listeners.bind(
                            "MQTT over TLS",
                            settings.tlsPort(),
                            tls == null ? pipelines.tcp() : pipelines.tls(tls));
            webSocketPort =
                    listeners.bind(
                            "MQTT over WebSocket", settings.webSocketPort(), pipelines.webSocket());
        } catch (CannotListen e) {
            close();
            throw e;
        }
    }

    private Loop loop(EventLoop loop) {
        return Objects.requireNonNull(loops.get(loop), "a loop of our own");
    }

    /// The port that is listened on; -1 for none.
    public int port() {
        return port;
    }

    public int tlsPort() {
        return tlsPort;
    }

    public int webSocketPort() {
        return webSocketPort;
    }

    /// Subscriptions to events that end in a topic.
    public SinkKind topics() {
        return new TopicKind(around.broker());
    }

    /// How many clients are logged in.
    public int connections() {
        return around.meters().connections();
    }

    /// How many sessions there are, with a connection or without.
    int sessions() {
        return around.sessions().owners().stream()
                .mapToInt(owner -> around.sessions().of(owner).size())
                .sum();
    }

    /// Whether a connection of that device is open here.
    public boolean connected(DeviceId device) {
        return around.sessions().connected(device);
    }

    private void evict(DeviceId device, String reason) {
        around.evictions().incrementAndGet();
        for (var session : around.sessions().of(Actor.device(device.value()))) {
            var connection = session.connection();
            if (connection == null) {
                around.afterlife().forget(session);
            } else {
                connection.evicted(reason);
            }
        }
    }

    /// On a lane's thread, before the end of its batch rings.
    private void committed(List<Fact> facts) {
        for (var fact : facts) {
            if (fact instanceof Fact.DesiredChanged change) {
                around.sessions()
                        .connections(Actor.device(change.device().value()))
                        .forEach(connection -> connection.desired().changed(change));
            }
        }
    }

    /// Ends what was opened with keys that are not valid any more. May ask the database.
    void lookAtKeys() {
        keys.look();
    }

    private void sweep() {
        around.broker().sweep();
        var _ = around.lookups().start(this::lookAtKeys);
    }

    /// Listens no more, reads no more, waits some seconds for the answers to what it has read, says
    /// goodbye.
    @Override
    public void close() {
        listeners.close();
        var connections = around.sessions().connections();
        for (var connection : connections) {
            connection.loop().outbox().addAndRing(connection::stopReading);
        }
        waitUntil(() -> !owesAnswers(connections), DRAIN_WAIT_MAX);
        var goodbye = new Refusal(Reason.SERVER_SHUTTING_DOWN, "the server stops");
        for (var connection : around.sessions().connections()) {
            connection.loop().outbox().addAndRing(() -> connection.end(goodbye));
        }
        waitUntil(() -> connections() == 0, GOODBYE_WAIT_MAX);
        feed.close();
        around.lookups().close();
        around.hashes().close();
        events.shutdownGracefully(0, GOODBYE_WAIT_MAX.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly();
    }

    /// Asks each loop for its own.
    private boolean owesAnswers(List<MqttConnection> connections) {
        for (var loop : loops.values()) {
            try {
                var owes =
                        loop.events()
                                .submit(() ->
                                        connections.stream()
                                                .filter(one -> one.loop() == loop)
                                                .anyMatch(MqttConnection::owesAnswers));
                if (owes.get()) {
                    return true;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            } catch (ExecutionException | RejectedExecutionException e) {
                LOG.atDebug().setCause(e).log("a loop has ended already");
            }
        }
        return false;
    }

    private static void waitUntil(BooleanSupplier condition, Duration atMost) {
        var deadline = System.nanoTime() + atMost.toNanos();
        try {
            while (!condition.getAsBoolean() && System.nanoTime() - deadline < 0) {
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
