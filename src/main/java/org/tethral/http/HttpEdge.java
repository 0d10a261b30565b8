package org.tethral.http;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocketHandshake;
import io.vertx.ext.web.Router;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.account.AccountStore;
import org.tethral.account.AuditLog;
import org.tethral.account.OrganizationStore;
import org.tethral.account.Ownership;
import org.tethral.account.PasswordHash;
import org.tethral.account.ProviderLogin;
import org.tethral.account.Sessions;
import org.tethral.account.UserLogin;
import org.tethral.account.UserStore;
import org.tethral.alert.AlertStore;
import org.tethral.command.CommandStore;
import org.tethral.command.SentNumbers;
import org.tethral.command.Switchboard;
import org.tethral.dashboard.Dashboard;
import org.tethral.delivery.DeliveryStore;
import org.tethral.delivery.SinkKinds;
import org.tethral.delivery.SubscriptionStore;
import org.tethral.device.ConnectionLog;
import org.tethral.device.CredentialStore;
import org.tethral.device.DeviceLogin;
import org.tethral.device.DeviceStore;
import org.tethral.device.Evictions;
import org.tethral.device.Inbox;
import org.tethral.device.ProfileStore;
import org.tethral.device.Provisioning;
import org.tethral.device.Rejections;
import org.tethral.device.SharedKeys;
import org.tethral.dispatch.Ends;
import org.tethral.dispatch.Issuing;
import org.tethral.dispatch.Tally;
import org.tethral.dispatch.Traffic;
import org.tethral.event.EventLog;
import org.tethral.event.LogFeed;
import org.tethral.ingest.Ingest;
import org.tethral.kernel.TlsFiles;
import org.tethral.source.ChannelKeys;
import org.tethral.source.ChannelStore;
import org.tethral.source.SourceKinds;
import org.tethral.space.ActuationStore;
import org.tethral.space.LocationStore;
import org.tethral.space.ReservationStore;
import org.tethral.space.ServingDevices;
import org.tethral.space.SpaceStore;
import org.tethral.state.HistoryStore;
import org.tethral.state.StateStore;

/// The HTTP listeners, and all that is served on them.
public final class HttpEdge implements AutoCloseable {

    /// An idle connection is closed after that long, WebSockets included: who keeps one open sends
    /// pings.
    public static final Duration IDLE_MAX = Duration.ofMinutes(2);

    /// What is answered at a time, and what streams are open at a time, at most.
    public static final int REQUESTS_MAX = Api.REQUESTS_MAX;

    public static final int STREAMS_MAX = Api.STREAMS_MAX;
    private static final Duration START_MAX = Duration.ofSeconds(30);
    private static final Duration DRAIN_MAX = Duration.ofSeconds(5);

    /// @param port 0 takes a free one
    /// @param tlsPort -1: none; 0 takes a free one
    /// @param tls needed where there is a TLS port
    /// @param messageLimit bytes of a request's body, at most
    public record Settings(
            String bind,
            int port,
            int tlsPort,
            @Nullable TlsFiles tls,
            IntSupplier messageLimit,
            String node) {

        public static final int MESSAGE_BYTES_MAX_DEFAULT = 256 * 1024;

        public Settings {
            if (tlsPort >= 0 && tls == null) {
                throw new IllegalArgumentException("a TLS port needs a certificate and its key");
            }
        }

        public Settings(
                String bind,
                int port,
                int tlsPort,
                @Nullable TlsFiles tls,
                int messageBytesMax,
                String node) {
            this(bind, port, tlsPort, tls, () -> messageBytesMax, node);
        }

        /// As it is at the moment: it may change while the program runs.
        public int messageBytesMax() {
            return messageLimit.getAsInt();
        }
    }

    /// Where everything is kept.
    public record Stores(
            DeviceStore devices,
            CredentialStore credentials,
            ProfileStore profiles,
            StateStore states,
            HistoryStore history,
            EventLog events,
            AlertStore alerts,
            ConnectionLog connections,
            Inbox inbox,
            AccountStore accounts,
            AuditLog audit,
            Ownership ownership,
            UserStore users,
            OrganizationStore organizations) {}

    /// How events get out.
    ///
    /// @param changed to be called when a subscription was changed
    public record Outbound(
            LogFeed feed,
            SubscriptionStore subscriptions,
            DeliveryStore deliveries,
            SinkKinds sinks,
            Runnable changed) {}

    /// What is read from elsewhere.
    ///
    /// @param changed to be called when a channel was changed
    public record Sources(
            ChannelStore channels, SourceKinds kinds, ChannelKeys keys, Runnable changed) {}

    /// Commands to devices.
    ///
    /// @param switchboard where devices that wait for commands over HTTP are announced
    public record Commands(
            CommandStore store,
            Issuing issuing,
            Ends ends,
            Tally tally,
            Traffic traffic,
            Switchboard switchboard,
            SentNumbers numbers) {}

    /// Spaces and what serves them.
    ///
    /// @param changed to be called when a space, a reservation or a device of a space was changed
    public record Spaces(
            SpaceStore store,
            LocationStore locations,
            ServingDevices devices,
            ReservationStore reservations,
            ActuationStore actuations,
            Runnable changed) {}

    /// An identity provider with which people sign in.
    ///
    /// @param publicUrl how browsers reach us; null: as they ask
    public record Provider(ProviderLogin login, @Nullable URI publicUrl) {}

    /// One part of the platform, as `/health` shows it.
    ///
    /// @param needed without it the process is not ready
    /// @param problem why it does not work at the moment, empty when all is well; may block for a
    ///   few seconds
    public record Component(String name, boolean needed, Supplier<Optional<String>> problem) {}

    /// What the edge works with.
    ///
    /// @param endpoints those that are open when it is asked
    /// @param metrics what `/metrics` shows, in the text format of Prometheus
    /// @param components beside ingest, which is always shown
    /// @param random must be hard to guess
    public record Parts(
            Stores stores,
            Outbound outbound,
            Sources sources,
            Commands commands,
            Spaces spaces,
            Networks networks,
            Supplier<List<Endpoint>> endpoints,
            Dashboard dashboard,
            PasswordHash passwords,
            Ingest ingest,
            DeviceLogin login,
            Provisioning provisioning,
            SharedKeys sharedKeys,
            Rejections rejections,
            Evictions evictions,
            Sessions sessions,
            UserLogin userLogin,
            @Nullable Provider provider,
            org.tethral.account.Settings settings,
            Supplier<String> metrics,
            List<Component> components,
            Machinery machinery,
            InstantSource clock,
            RandomGenerator random) {
        public Parts {
            components = List.copyOf(components);
        }
    }

    record WebSockets(
            Consumer<HttpServerOptions> limits, Handler<ServerWebSocketHandshake> handshake) {}

    private final Vertx vertx;
    private final Settings settings;
    private final Duration answerWithin;
    private final Parts parts;
    private final Contract contract;
    private final Authorization authorization;
    private final StreamWatch watch;
    private final Api api;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final EventSocket eventSocket;

    /// Requests of devices that wait for a command.
    private final Set<CommandWait> waiting = ConcurrentHashMap.newKeySet();

    private @Nullable WebSockets webSockets;

    /// Starts to read the API's contract, on other threads.
    public HttpEdge(Vertx vertx, Settings settings, Parts parts) {
        this(vertx, settings, parts, Answers.WAIT_MAX);
    }

    /// @param answerWithin how long a device waits for a commit
    HttpEdge(Vertx vertx, Settings settings, Parts parts, Duration answerWithin) {
        this.vertx = vertx;
        this.answerWithin = answerWithin;
        this.settings = settings;
        this.parts = parts;
        this.contract = Contract.load(vertx);
        this.authorization =
                new Authorization(
                        parts.stores().accounts(),
                        parts.stores().ownership(),
                        parts.sessions(),
                        parts.clock());
        this.watch = new StreamWatch(authorization);
        this.api =
                new Api(
                        vertx,
                        authorization,
                        watch,
                        new Audit(parts.stores().audit(), parts.clock(), parts.random()),
                        settings.messageLimit());
        this.eventSocket = new EventSocket(api, authorization, watch, new EventStream(parts));
    }

    /// Hands WebSocket connections to another part, which decides on each handshake and keeps what
    /// comes of it. To be called before [#start]. Without it there are none.
    ///
    /// @param limits sets how long their frames may be, and whether they may be compressed
    public void acceptWebSockets(
            Consumer<HttpServerOptions> limits, Handler<ServerWebSocketHandshake> handshake) {
        this.webSockets = new WebSockets(limits, handshake);
    }

    /// Returns when the listeners take connections.
    ///
    /// @throws IllegalStateException a port is taken, or a certificate cannot be used; the message
    ///   says which
    public void start() {
        var shared =
                new Listener.Shared(
                        settings,
                        answerWithin,
                        parts,
                        api,
                        new Operations(parts, api),
                        await(contract.mounting(), START_MAX),
                        new ServiceRoutes(vertx, parts, api, authorization),
                        new DesiredWatch(parts.ingest(), parts.evictions()),
                        waiting,
                        new Pages(contract),
                        sockets());
        parts.evictions()
                .listen((device, reason) -> waiting.forEach(wait -> wait.evict(device, reason)));
        parts.ingest().onBatchAnswered(() -> listeners.forEach(Listener::flush));
        watch.start();
        var deployed =
                vertx.deployVerticle(
                        () -> {
                            var listener = new Listener(shared);
                            listeners.add(listener);
                            return listener;
                        },
                        new DeploymentOptions()
                                .setInstances(Runtime.getRuntime().availableProcessors()));
        await(deployed, START_MAX);
    }

    /// Programs that follow events, and those for whom [#acceptWebSockets] was called.
    private WebSockets sockets() {
        var others = webSockets;
        return new WebSockets(
                others == null ? _ -> {} : others.limits(),
                handshake -> {
                    if (eventSocket.isFor(handshake)) {
                        eventSocket.handshake(handshake);
                    } else if (others == null) {
                        handshake.reject(404);
                    } else {
                        others.handshake().handle(handshake);
                    }
                });
    }

    /// Requests of programs and people that are being answered.
    public int requestsUnderWay() {
        return api.requestsUnderWay();
    }

    /// Live streams over HTTP.
    public int streamsOpen() {
        return api.streamsOpen();
    }

    /// The port of the plain listener.
    public int port() {
        return listeners.getFirst().port();
    }

    /// The port of the TLS listener, -1 when there is none.
    public int tlsPort() {
        return listeners.getFirst().tlsPort();
    }

    /// Of one event loop; all have the same routes.
    @Nullable Router router() {
        return listeners.getFirst().routes();
    }

    /// Stops listening, ends the streams, and waits a few seconds for what is under way: what was
    /// acknowledged is answered, if ingest still runs.
    @Override
    public void close() {
        watch.close();
        api.endStreams();
        eventSocket.close();
        waiting.forEach(CommandWait::stop);
        var stopping = listeners.stream().map(listener -> listener.shutDown(DRAIN_MAX)).toList();
        try {
            await(Future.join(stopping), DRAIN_MAX.plusSeconds(5));
        } finally {
            api.close();
        }
    }

    private static <T> T await(Future<T> future, Duration max) {
        try {
            return future.toCompletionStage()
                    .toCompletableFuture()
                    .get(max.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            var cause = e.getCause() == null ? e : e.getCause();
            throw new IllegalStateException(cause.getMessage(), cause);
        } catch (TimeoutException e) {
            throw new IllegalStateException(
                    "HTTP did not get ready within " + max.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
