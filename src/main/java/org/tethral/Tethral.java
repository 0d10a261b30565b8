package org.tethral;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tethral.bridge.Bridge;
import org.tethral.cli.Failure;
import org.tethral.cli.Platform;
import org.tethral.coap.CoapEdge;
import org.tethral.http.Endpoint;
import org.tethral.http.HttpEdge;
import org.tethral.http.Machinery;
import org.tethral.ingest.Ingest;
import org.tethral.ingest.Protocols;
import org.tethral.ingest.SilenceMonitor;
import org.tethral.kernel.Vault;
import org.tethral.mqtt.MqttEdge;
import org.tethral.sql.Database;
import org.tethral.sql.DatabaseUrl;
import org.tethral.sql.SqlAccountStore;
import org.tethral.sql.SqlAlertStore;
import org.tethral.sql.SqlAuditLog;
import org.tethral.sql.SqlConnectionLog;
import org.tethral.sql.SqlCredentialStore;
import org.tethral.sql.SqlDeviceStore;
import org.tethral.sql.SqlEventLog;
import org.tethral.sql.SqlHistoryStore;
import org.tethral.sql.SqlInbox;
import org.tethral.sql.SqlJournal;
import org.tethral.sql.SqlOrganizationStore;
import org.tethral.sql.SqlOverdue;
import org.tethral.sql.SqlOwnership;
import org.tethral.sql.SqlProfileStore;
import org.tethral.sql.SqlSettings;
import org.tethral.sql.SqlStateStore;
import org.tethral.websocket.WebSocketEdge;

/// The whole program, wired by hand from top to bottom: what stands further down may use what
/// stands above it, and is closed before it.
public final class Tethral implements Platform {

    private static final Logger LOG = LoggerFactory.getLogger(Tethral.class);

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final PrometheusMeterRegistry meters =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Config config;
    private final LiveSettings live;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final People people;
    private final String database;
    private final HttpEdge http;
    private final MqttEdge mqtt;
    private final CoapEdge coap;
    private final Protocols protocols;
    private final @Nullable Bridge bridge;
    private Duration startedIn = Duration.ZERO;

    /// Starts everything; returns when it is ready.
    ///
    /// @param random must be hard to guess
    /// @throws Failure in one line for the operator: a port is taken, the directory cannot be
    ///   written, the database does not answer or is newer than the program
    public static Tethral start(Config config, InstantSource clock, RandomGenerator random) {
        var begin = System.nanoTime();
        var tethral = new Tethral(config, clock, random);
        tethral.startedIn = Duration.ofNanos(System.nanoTime() - begin);
        return tethral;
    }

    private Tethral(Config config, InstantSource clock, RandomGenerator random) {
        this.config = config;
        this.clock = clock;
        this.random = random;
        try {
            var home = opened(Home.open(config.home()));
            var node = config.node().isEmpty() ? home.node(random) : config.node();
            var vertx = vertx();
            var kept = storage(node);
            this.live = live(kept);
            var vault = home.vault(config.secretsKey(), random);
            var ingest = ingest(kept.database(), node);
            var entrance = Entrance.of(config, live, kept, ingest, vault, clock, random);
            this.people = People.of(config, vault, kept, entrance.passwords(), clock, random);
            people.checkReach(config.bind(), kept, clock.instant());
            var watching = Watching.over(ingest, kept, node, clock, random);
            opened(entrance.rejections());
            this.database = kept.database().describe();
            var commands = Commands.of(config, kept, ingest, node, clock, random, meters);
            this.mqtt = mqtt(kept, ingest, entrance, commands, node);
            this.bridge =
                    OutsideBroker.bridge(config, node, ingest, entrance, meters, clock, random);
            var placing = Placing.of(kept, ingest, commands, clock, random, meters);
            var websocket = webSocket(kept, ingest, entrance, commands, node);
            this.coap =
                    CoapDoor.of(config, kept, ingest, entrance, commands, clock, random, meters);
            this.protocols = OtherProtocols.of(config, ingest, entrance, commands, clock);
            var events = events(kept, ingest, node, vault);
            var board = FleetBoard.of(kept.database(), ingest, clock);
            var fetching = fetching(kept, ingest, node, vault);
            var networks = networks(vertx, kept, ingest, entrance, commands, placing, node);
            this.http =
                    http(
                            vertx, kept, ingest, entrance, events, fetching, commands, placing,
                            networks, board, node);
            opened(Measures.of(meters, kept.database(), ingest, http, board.dashboard()));
            http.acceptWebSockets(websocket::limit, websocket::handshake);
            var silence = silence(kept, ingest, websocket, node);

            ingest.start();
            opened(commands).start();
            opened(silence).start();
            opened(events).start();
            opened(watching).start();
            opened(placing).start();
            opened(board).start();
            opened(fetching).start();
            opened(networks).start();
            opened(Housekeeping.of(live, kept, entrance, node, clock, random, meters)).start();
            admitDevices(websocket);
            opened(http).start();
            Entrance.admitThisMachine(home, kept, clock, random);
            home.announce(http(), mqttPort(), coapPort());
        } catch (RuntimeException e) {
            close();
            throw e instanceof Failure ? e : Failure.failed(String.valueOf(e.getMessage()), e);
        }
    }

    private void admitDevices(WebSocketEdge websocket) {
        opened(websocket);
        opened(mqtt).start();
        opened(coap).start();
        opened(protocols).start();
        if (bridge != null) {
            opened(bridge).start();
        }
    }

    /// The database, and the views of it that several parts share.
    record Storage(
            Database database,
            SqlDeviceStore devices,
            SqlCredentialStore credentials,
            SqlProfileStore profiles,
            SqlAccountStore accounts,
            SqlStateStore states,
            SqlInbox inbox) {}

    private Storage storage(String node) {
        var opened = opened(Database.open(DatabaseUrl.parse(config.database()), clock));
        return new Storage(
                opened,
                new SqlDeviceStore(opened),
                new SqlCredentialStore(opened),
                new SqlProfileStore(opened),
                new SqlAccountStore(opened),
                new SqlStateStore(opened),
                new SqlInbox(opened, node));
    }

    private LiveSettings live(Storage kept) {
        return opened(new LiveSettings(config, new SqlSettings(kept.database()), clock)).start();
    }

    private SilenceMonitor silence(
            Storage kept, Ingest ingest, WebSocketEdge websocket, String node) {
        return new SilenceMonitor(
                new SqlOverdue(kept.database()),
                ingest,
                device -> mqtt.connected(device) || websocket.connected(device),
                node,
                clock);
    }

    private Ingest ingest(Database kept, String node) {
        opened(meters::close);
        var lanes = config.writers() == 0 ? SqlJournal.lanes(kept) : config.writers();
        return opened(
                new Ingest(
                        lanes, lane -> SqlJournal.open(kept, node, lane, random), clock, meters));
    }

    private EventDelivery events(Storage kept, Ingest ingest, String node, Vault vault) {
        return new EventDelivery(
                config,
                kept.database(),
                ingest,
                List.of(mqtt.topics()),
                node,
                vault,
                clock,
                random,
                meters);
    }

    private Fetching fetching(Storage kept, Ingest ingest, String node, Vault vault) {
        return Fetching.of(config, live, kept, ingest, node, vault, clock, random, meters);
    }

    private MqttEdge mqtt(
            Storage kept, Ingest ingest, Entrance entrance, Commands commands, String node) {
        return MqttDoor.of(
                config, live, kept, ingest, entrance, commands, node, clock, random, meters);
    }

    private Networking networks(
            Vertx vertx,
            Storage kept,
            Ingest ingest,
            Entrance entrance,
            Commands commands,
            Placing placing,
            String node) {
        return Networking.of(
                vertx, config, kept, ingest, entrance, commands, placing, node, clock, meters);
    }

    private WebSocketEdge webSocket(
            Storage kept, Ingest ingest, Entrance entrance, Commands commands, String node) {
        return new WebSocketEdge(
                new WebSocketEdge.Settings(live::messageBytesMax, node),
                ingest,
                entrance.login(),
                kept.devices(),
                entrance.rejections(),
                entrance.evictions(),
                kept.states(),
                commands.dispatcher(),
                clock,
                random,
                meters);
    }

    private HttpEdge http(
            Vertx vertx,
            Storage kept,
            Ingest ingest,
            Entrance entrance,
            EventDelivery events,
            Fetching fetching,
            Commands commands,
            Placing placing,
            Networking networks,
            FleetBoard board,
            String node) {
        var stores =
                new HttpEdge.Stores(
                        kept.devices(),
                        kept.credentials(),
                        kept.profiles(),
                        kept.states(),
                        new SqlHistoryStore(kept.database(), ingest::settleRollups),
                        new SqlEventLog(kept.database()),
                        new SqlAlertStore(kept.database()),
                        new SqlConnectionLog(kept.database()),
                        kept.inbox(),
                        kept.accounts(),
                        new SqlAuditLog(kept.database()),
                        new SqlOwnership(kept.database()),
                        people.users(),
                        new SqlOrganizationStore(kept.database()));
        return new HttpEdge(
                vertx,
                httpSettings(node),
                new HttpEdge.Parts(
                        stores,
                        events.outbound(),
                        fetching.forHttp(),
                        commands.forHttp(),
                        placing.forHttp(),
                        networks.forHttp(new Integrations(config, networks.lorawan(), bridge)),
                        this::endpoints,
                        board.dashboard(),
                        entrance.passwords(),
                        ingest,
                        entrance.login(),
                        entrance.provisioning(),
                        entrance.sharedKeys(),
                        entrance.rejections(),
                        entrance.evictions(),
                        people.sessions(),
                        people.login(),
                        people.provider(),
                        live,
                        meters::scrape,
                        Components.of(kept.database(), coap, bridge, fetching, networks, protocols),
                        machinery(kept, node),
                        clock,
                        random));
    }

    private Machinery machinery(Storage kept, String node) {
        var backups = opened(new Backups(config.home(), kept.database(), clock));
        return Inspection.of(meters, kept.database(), backups, node, clock);
    }

    private HttpEdge.Settings httpSettings(String node) {
        return new HttpEdge.Settings(
                config.bind(),
                port(config.httpPort()),
                port(config.httpsPort()),
                config.tls(),
                live::messageBytesMax,
                node);
    }

    private <T extends AutoCloseable> T opened(T part) {
        open.push(part);
        return part;
    }

    /// Blocking work runs on virtual threads: Vert.x needs its event loops, and next to no worker
    /// threads.
    private Vertx vertx() {
        var vertx =
                Vertx.vertx(
                        new VertxOptions()
                                .setEventLoopPoolSize(Runtime.getRuntime().availableProcessors())
                                .setWorkerPoolSize(2)
                                .setInternalBlockingPoolSize(2)
                                .setPreferNativeTransport(true));
        opened(() -> vertx.close().toCompletionStage().toCompletableFuture().join());
        return vertx;
    }

    static int port(OptionalInt port) {
        return port.orElse(-1);
    }

    @Override
    public String readyLine() {
        var line = new ReadyLine(config.bind());
        endpoints().forEach(line::listener);
        return line.of(database, startedIn);
    }

    private List<Endpoint> endpoints() {
        return Listeners.of(http, mqtt, coap, protocols);
    }

    @Override
    public URI http() {
        return URI.create("http://" + ReadyLine.address(config.bind(), http.port()));
    }

    @Override
    public OptionalInt mqttPort() {
        return known(mqtt.port());
    }

    @Override
    public OptionalInt coapPort() {
        return known(coap.port());
    }

    private static OptionalInt known(int port) {
        return port >= 0 ? OptionalInt.of(port) : OptionalInt.empty();
    }

    @Override
    public Optional<URI> signInLink() {
        return Optional.of(http().resolve("/sign-in?token=" + people.sessions().invite().reveal()));
    }

    @Override
    public boolean hasAdministrator() {
        return people.users().hasAdministrator();
    }

    /// Doors first, then what stands behind them: what was taken is committed and answered.
    @Override
    public void close() {
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception | LinkageError e) { // the jar may be another one than at the start
                LOG.atWarn().addKeyValue("reason", e.getMessage()).log("a part did not end well");
            }
        }
    }
}
