package org.tethral.mqtt;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
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
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
    /// @param messageBytesMax the longest packet that is taken, headers included
    /// @param node the name of this node in connection logs
    /// @param openRegistration whether any device is a gateway
    /// @param topicMaps for topics of devices that cannot be changed
    public record Settings(
            String bind,
            int port,
            int tlsPort,
            int webSocketPort,
            @Nullable TlsFiles tls,
            int messageBytesMax,
            String node,
            boolean openRegistration,
            TopicMaps topicMaps) {

        public Settings {
            if (tlsPort >= 0 && tls == null) {
                throw new IllegalArgumentException("MQTT over TLS needs a certificate and its key");
            }
        }
    }

    /// Something is wrong with what the edge was given to listen with; the message is for the
    /// operator.
    public static final class CannotListen extends RuntimeException {
        private static final long serialVersionUID = 1L;

        CannotListen(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private static final int BACKLOG = 4_096;
    private static final int RECEIVE_BYTES_MIN = 64;
    private static final int RECEIVE_BYTES_FIRST = 512;
    private static final int RECEIVE_BYTES_MAX = 64 * 1024;
    private static final int UNSENT_BYTES_LOW = 32 * 1024;
    private static final int UNSENT_BYTES_HIGH = 64 * 1024;

    /// For clients without keep-alive: the network is asked whether they are still there.
    private static final int TCP_PROBE_AFTER_SECONDS = 120;

    private static final int TCP_PROBE_EVERY_SECONDS = 30;
    private static final int TCP_PROBES = 4;

    private static final Duration DRAIN_WAIT_MAX = Duration.ofSeconds(5);
    private static final Duration GOODBYE_WAIT_MAX = Duration.ofSeconds(1);
    private static final int POLL_MILLIS = 5;
    private static final Duration SWEEP_EVERY = Duration.ofSeconds(30);
    private static final Logger LOG = LoggerFactory.getLogger(MqttEdge.class);

    private final Surroundings around;
    private final boolean epoll = Epoll.isAvailable();
    private final EventLoopGroup events;
    private final Map<EventLoop, Loop> loops = new HashMap<>();
    private final ChannelGroup listeners = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
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
            StateStore states,
            DeviceStore devices,
            Admission admission,
            InstantSource clock,
            RandomGenerator random,
            MeterRegistry registry) {
        this.around =
                new Surroundings(
                        settings,
                        ingest,
                        new Login(login),
                        new Lookups(Lookups.READS_RUNNING_MAX),
                        new Lookups(Runtime.getRuntime().availableProcessors()),
                        new Sessions(),
                        rejections,
                        states,
                        new GatewayDevices(devices, admission, settings.openRegistration()),
                        provisioning,
                        clock,
                        random,
                        new MqttMeters(registry),
                        new AtomicInteger(),
                        new AtomicLong());
        var threads = new DefaultThreadFactory("mqtt");
        this.events =
                new MultiThreadIoEventLoopGroup(
                        Runtime.getRuntime().availableProcessors(),
                        threads,
                        epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        events.forEach(executor -> {
            var loop = (EventLoop) executor;
            loops.put(loop, new Loop(loop));
        });
        evictions.listen(this::evict);
        ingest.listen(this::committed);
        ingest.onBatchAnswered(() -> loops.values().forEach(loop -> loop.outbox().ring()));
    }

    /// Binds.
    ///
    /// @throws CannotListen a port is taken, or a certificate is of no use; nothing listens then
    public void start() {
        var settings = around.settings();
        try {
            var tls = settings.tls() == null ? null : tls(settings.tls());
            var pipelines = new Pipelines(around, this::loop, tls);
            loops.values().forEach(Loop::start);
            events.next()
                    .scheduleAtFixedRate(
                            this::sweep,
                            SWEEP_EVERY.toSeconds(),
                            SWEEP_EVERY.toSeconds(),
                            TimeUnit.SECONDS);
            port = bind("MQTT", settings.port(), pipelines.tcp());
            tlsPort =
                    bind(
                            "MQTT over TLS",
                            settings.tlsPort(),
                            tls == null ? pipelines.tcp() : pipelines.tls(tls));
            webSocketPort =
                    bind("MQTT over WebSocket", settings.webSocketPort(), pipelines.webSocket());
        } catch (CannotListen e) {
            close();
            throw e;
        }
    }

    private Loop loop(EventLoop loop) {
        return Objects.requireNonNull(loops.get(loop), "a loop of our own");
    }

    private int bind(String what, int wanted, ChannelHandler initializer) {
        if (wanted < 0) {
            return -1;
        }
        var settings = around.settings();
        var bootstrap =
                new ServerBootstrap()
                        .group(events)
                        .channel(listener())
                        .option(ChannelOption.SO_BACKLOG, BACKLOG)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.SO_KEEPALIVE, true)
                        .childOption(
                                ChannelOption.RECVBUF_ALLOCATOR,
                                new AdaptiveRecvByteBufAllocator(
                                        RECEIVE_BYTES_MIN, RECEIVE_BYTES_FIRST, RECEIVE_BYTES_MAX))
                        .childOption(
                                ChannelOption.WRITE_BUFFER_WATER_MARK,
                                new WriteBufferWaterMark(UNSENT_BYTES_LOW, UNSENT_BYTES_HIGH))
                        .childHandler(initializer);
        if (epoll) {
            bootstrap
                    .childOption(EpollChannelOption.TCP_KEEPIDLE, TCP_PROBE_AFTER_SECONDS)
                    .childOption(EpollChannelOption.TCP_KEEPINTVL, TCP_PROBE_EVERY_SECONDS)
                    .childOption(EpollChannelOption.TCP_KEEPCNT, TCP_PROBES);
        }
        var future = bootstrap.bind(settings.bind(), wanted).awaitUninterruptibly();
        if (!future.isSuccess()) {
            var why = future.cause();
            throw new CannotListen(
                    what
                            + " cannot listen on "
                            + settings.bind()
                            + ":"
                            + wanted
                            + ": "
                            + why.getMessage(),
                    why);
        }
        listeners.add(future.channel());
        return ((InetSocketAddress) future.channel().localAddress()).getPort();
    }

    private Class<? extends ServerChannel> listener() {
        return epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    private static SslContext tls(TlsFiles files) {
        try {
            var builder =
                    SslContextBuilder.forServer(
                                    files.certificate().toFile(), files.privateKey().toFile())
                            .sslProvider(SslProvider.JDK)
                            .protocols("TLSv1.3", "TLSv1.2");
            if (files.clientAuthority() != null) {
                builder.trustManager(files.clientAuthority().toFile())
                        .clientAuth(ClientAuth.OPTIONAL);
            }
            return builder.build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new CannotListen(
                    "MQTT over TLS cannot use certificate "
                            + files.certificate()
                            + " with key "
                            + files.privateKey()
                            + ": "
                            + e.getMessage(),
                    e);
        }
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

    /// How many clients are logged in.
    public int connections() {
        return around.meters().connections();
    }

    /// Whether a connection of that device is open here.
    public boolean connected(DeviceId device) {
        return around.sessions().connected(device);
    }

    private void evict(DeviceId device, String reason) {
        around.evictions().incrementAndGet();
        around.sessions().forgetKept(device);
        around.sessions().connections(device).forEach(connection -> connection.evicted(reason));
    }

    /// On a lane's thread, before the end of its batch rings.
    private void committed(List<Fact> facts) {
        for (var fact : facts) {
            if (fact instanceof Fact.DesiredChanged change) {
                around.sessions()
                        .connections(change.device())
                        .forEach(connection -> connection.desiredChanged(change));
            }
        }
    }

    private void sweep() {
        around.sessions().sweep(System.nanoTime());
    }

    /// Listens no more, reads no more, waits some seconds for the answers to what it has read, says
    /// goodbye.
    @Override
    public void close() {
        listeners.close().awaitUninterruptibly();
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
