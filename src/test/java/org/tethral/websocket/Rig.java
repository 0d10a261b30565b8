package org.tethral.websocket;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.tethral.account.CommunityId;
import org.tethral.account.PasswordHash;
import org.tethral.command.Reached;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.ConnectionLog;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceLogin;
import org.tethral.device.Evictions;
import org.tethral.device.Inbox;
import org.tethral.device.Rejections;
import org.tethral.ingest.Fact;
import org.tethral.ingest.Ingest;
import org.tethral.ingest.MemoryJournal;
import org.tethral.kernel.Page;
import org.tethral.kernel.Secret;

/// The edge on a free port, in front of a real ingest pipeline with a journal in memory.
final class Rig implements AutoCloseable {

    static final int MESSAGE_BYTES_MAX = 16 * 1024;
    static final Duration GRACE = Duration.ofSeconds(40);

    final MemoryJournal journal = new MemoryJournal();
    final Shelf shelf = new Shelf();
    final Knocks knocks = new Knocks();
    final Evictions evictions = new Evictions();
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final Vertx vertx = Vertx.vertx();
    final Ingest ingest;
    final WebSocketEdge edge;
    final Reached devices = new Reached();
    private final Rejections rejections;
    private final HttpServer server;

    Rig() throws Exception {
        var clock = InstantSource.system();
        var random = RandomGenerator.of("SecureRandom");
        ingest = new Ingest(1, _ -> journal, clock, meters);
        ingest.start();
        rejections = new Rejections(knocks, clock);
        edge =
                new WebSocketEdge(
                        new WebSocketEdge.Settings(MESSAGE_BYTES_MAX, "node-a"),
                        ingest,
                        new DeviceLogin(shelf, shelf, new NoPasswords(), false, clock, random),
                        shelf,
                        rejections,
                        evictions,
                        shelf.stateStore(),
                        devices,
                        clock,
                        random,
                        meters);
        var options = new HttpServerOptions();
        edge.limit(options.setIdleTimeout(1));
        server =
                vertx.createHttpServer(options)
                        .webSocketHandshakeHandler(edge::handshake)
                        .requestHandler(request -> request.response().setStatusCode(404).end())
                        .listen(0, "127.0.0.1")
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS);
    }

    /// A device with the token `token-of-{id}`.
    ConnectingDevice register(String id) {
        return register(id, Duration.ofSeconds(30));
    }

    ConnectingDevice register(String id, Duration heartbeatInterval) {
        journal.register(id);
        var device =
                new ConnectingDevice(
                        new DeviceId(id),
                        CommunityId.DEFAULT,
                        true,
                        heartbeatInterval,
                        heartbeatInterval.multipliedBy(3));
        shelf.put(device, new Secret("token-of-" + id));
        return device;
    }

    int port() {
        return server.actualPort();
    }

    URI address(String id) {
        return URI.create("ws://127.0.0.1:" + port() + "/ws/" + id);
    }

    Client connect(String id) {
        return Client.connect(address(id), "token-of-" + id);
    }

    List<ConnectionLog.Entry> connectionLog(String id) {
        return journal.facts(Fact.Linked.class).stream()
                .filter(fact -> fact.device().value().equals(id))
                .map(Fact.Linked::entry)
                .toList();
    }

    /// Gives the connections [#GRACE].
    CompletableFuture<Void> shutDownServer() {
        return server.shutdown(GRACE.toSeconds(), TimeUnit.SECONDS)
                .toCompletionStage()
                .toCompletableFuture();
    }

    @Override
    public void close() {
        journal.release();
        edge.close();
        ingest.close();
        rejections.close();
        vertx.close()
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
    }

    static final class Knocks implements Inbox {
        final List<Entry> entries = new CopyOnWriteArrayList<>();

        @Override
        public void knocked(Entry entry) {
            entries.add(entry);
        }

        @Override
        public Page<Entry> list(Page.Request page) {
            return new Page<>(entries, null);
        }

        @Override
        public Optional<Entry> find(String identity) {
            return entries.stream().filter(entry -> entry.identity().equals(identity)).findFirst();
        }

        @Override
        public boolean dismiss(String identity) {
            return entries.removeIf(entry -> entry.identity().equals(identity));
        }
    }

    private static final class NoPasswords implements PasswordHash {
        @Override
        public String hash(Secret password) {
            throw new AssertionError("tokens only");
        }

        @Override
        public boolean matches(Secret password, String phc) {
            return false;
        }
    }
}
