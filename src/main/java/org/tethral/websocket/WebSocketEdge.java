package org.tethral.websocket;

import static java.util.Objects.requireNonNull;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoop;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.ServerWebSocketHandshake;
import io.vertx.core.internal.http.WebSocketInternal;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.command.Switchboard;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceLogin;
import org.tethral.device.DeviceStore;
import org.tethral.device.Evictions;
import org.tethral.device.Link;
import org.tethral.device.Protocol;
import org.tethral.device.Rejections;
import org.tethral.ingest.Fact;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.StorageException;
import org.tethral.state.StateStore;

/// The device channel at `/ws/{device_id}`. It has no listener of its own: the HTTP server hands
/// over the handshakes.
public final class WebSocketEdge implements AutoCloseable {

    /// Log-ins that ask the database at the same time; whoever comes on top is told to come back
    /// (503).
    static final int LOG_INS_MAX = 4_096;

    /// A frame of so many times the message limit is still read, so that it can be answered.
    private static final int FRAME_MESSAGES_MAX = 4;

    private static final Duration STOP_WAIT_MAX = Duration.ofSeconds(5);
    private static final Logger LOG = LoggerFactory.getLogger(WebSocketEdge.class);

    /// @param messageLimit bytes of the longest message that is taken, by connections that begin; a
    ///   longer one is refused, and the connection stays
    /// @param node the name of this process in connection logs
    public record Settings(IntSupplier messageLimit, String node) {

        public static final int MESSAGE_BYTES_MAX_DEFAULT = 256 * 1024;

        public Settings(int messageBytesMax, String node) {
            this(() -> messageBytesMax, node);
        }

        /// As it is at the moment: it may change while the program runs.
        public int messageBytesMax() {
            return messageLimit.getAsInt();
        }
    }

    private final Ports ports;
    private final DeviceLogin login;
    private final Rejections rejections;
    private final Meters meters;
    private final ExecutorService blocking =
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("websocket-", 0).factory());
    private final Semaphore logIns = new Semaphore(LOG_INS_MAX);
    private final ConcurrentMap<DeviceId, Connection> connections = new ConcurrentHashMap<>();
    private final ConcurrentMap<EventLoop, Answers> answers = new ConcurrentHashMap<>();
    private volatile boolean closing;

    /// @param random used by several threads at once
    public WebSocketEdge(
            Settings settings,
            Ingest ingest,
            DeviceLogin login,
            DeviceStore devices,
            Rejections rejections,
            Evictions evictions,
            StateStore states,
            Switchboard switchboard,
            InstantSource clock,
            RandomGenerator random,
            MeterRegistry registry) {
        this.login = login;
        this.rejections = rejections;
        this.meters = new Meters(registry, connections::size);
        this.ports =
                new Ports(
                        settings,
                        ingest,
                        states,
                        switchboard,
                        new Introductions(devices, clock),
                        clock,
                        random,
                        meters,
                        blocking);
        ingest.onBatchAnswered(() -> answers.values().forEach(Answers::carryOver));
        ingest.listen(this::committed);
        evictions.listen(this::evict);
    }

    /// Sets what the HTTP server must know so that this edge, not the codec, refuses long messages,
    /// and so that no few bytes inflate into many.
    public void limit(HttpServerOptions options) {
        var bytesMax = FRAME_MESSAGES_MAX * ports.settings().messageBytesMax();
        options.setMaxWebSocketFrameSize(bytesMax)
                .setMaxWebSocketMessageSize(bytesMax)
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false);
    }

    /// Accepts or refuses; to be called on the connection's event loop. Refuses with 400 (unusable
    /// id), 401 (no or wrong token), 403 (the token of another device, or a disabled one), 404
    /// (another path), 503 (cannot tell at present).
    public void handshake(ServerWebSocketHandshake handshake) {
        var context = requireNonNull(Vertx.currentContext(), "not on an event loop");
        if (closing) {
            handshake.reject(503);
            return;
        }
        switch (Claim.parse(handshake.uri(), handshake.headers().get("Authorization"))) {
            case Claim.Unusable(var identity, var status, var reason) ->
                    reject(handshake, identity, status, reason);
            case Claim.Made claim -> {
                var remembered = login.remembered(claim.token());
                if (remembered.isPresent()) {
                    decide(handshake, claim, remembered.get());
                } else if (logIns.tryAcquire()) {
                    blocking.execute(() -> lookUp(context, handshake, claim));
                } else {
                    handshake.reject(503);
                }
            }
        }
    }

    /// Devices that are connected here at this moment.
    public int connections() {
        return connections.size();
    }

    public boolean connected(DeviceId device) {
        return connections.containsKey(device);
    }

    private void lookUp(Context context, ServerWebSocketHandshake handshake, Claim.Made claim) {
        try {
            var outcome = login.tokenOf(claim.device(), claim.token());
            context.runOnContext(_ -> decide(handshake, claim, outcome));
        } catch (StorageException e) {
            LOG.atDebug()
                    .addKeyValue("device_id", claim.device())
                    .addKeyValue("reason", e.getMessage())
                    .log("log-in cannot be checked");
            context.runOnContext(_ -> handshake.reject(503));
        } finally {
            logIns.release();
        }
    }

    private void decide(
            ServerWebSocketHandshake handshake, Claim.Made claim, DeviceLogin.Outcome outcome) {
        var identity = claim.device().value();
        switch (outcome) {
            case DeviceLogin.Refused refused ->
                    reject(
                            handshake,
                            identity,
                            refused.credentialIsWrong() ? 401 : 403,
                            refused.reason());
            case DeviceLogin.Accepted(var device, _) when !device.id().equals(claim.device()) ->
                    reject(handshake, identity, 403, "the token belongs to another device");
            case DeviceLogin.Accepted(var device, _) ->
                    handshake
                            .accept()
                            .onSuccess(socket -> begin(device, socket))
                            .onFailure(e -> LOG.atDebug().setCause(e).log("handshake failed"));
        }
    }

    private void reject(
            ServerWebSocketHandshake handshake, String identity, int status, String reason) {
        meters.rejected();
        if (!identity.isEmpty()) {
            rejections.rejected(
                    identity, Protocol.WEBSOCKET, handshake.remoteAddress().hostAddress(), reason);
        }
        handshake.reject(status);
    }

    private void begin(ConnectingDevice device, ServerWebSocket socket) {
        var random = ports.random();
        var link =
                new Link(
                        new UUID(random.nextLong(), random.nextLong()),
                        Protocol.WEBSOCKET,
                        socket.remoteAddress().hostAddress(),
                        ports.settings().node());
        var loop = ((WebSocketInternal) socket).channelHandlerContext().channel().eventLoop();
        var connection =
                new Connection(
                        device,
                        link,
                        socket,
                        ports,
                        answers.computeIfAbsent(loop, Answers::new),
                        gone -> connections.remove(device.id(), gone));
        var before = connections.put(device.id(), connection);
        connection.start();
        if (before != null) {
            before.replaced();
        }
        if (closing) {
            connection.stop();
        }
    }

    private void committed(List<Fact> facts) {
        for (var fact : facts) {
            if (fact instanceof Fact.DesiredChanged change) {
                var connection = connections.get(change.device());
                if (connection != null) {
                    connection.desiredChanged(Desired.of(change));
                }
            }
        }
    }

    private void evict(DeviceId device, String reason) {
        var connection = connections.get(device);
        if (connection != null) {
            connection.evicted(reason);
        }
    }

    /// Accepts nobody any more, lets every device have the answers to what it sent, and says
    /// good-bye to all.
    @Override
    public void close() {
        closing = true;
        connections.values().forEach(Connection::stop);
        if (!emptied(STOP_WAIT_MAX)) {
            LOG.atWarn()
                    .addKeyValue("connections", connections.size())
                    .log("devices cut off before all was answered");
            connections.values().forEach(Connection::stopAtOnce);
            emptied(STOP_WAIT_MAX);
        }
        blocking.shutdown();
    }

    private boolean emptied(Duration limit) {
        var deadline = System.nanoTime() + limit.toNanos();
        try {
            while (!connections.isEmpty() && System.nanoTime() - deadline < 0) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return connections.isEmpty();
    }
}
