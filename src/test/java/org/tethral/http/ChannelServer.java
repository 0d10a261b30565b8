package org.tethral.http;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.account.AccountStore;
import org.tethral.account.Ownership;
import org.tethral.account.PasswordHash;
import org.tethral.account.Sessions;
import org.tethral.account.UserLogin;
import org.tethral.account.UserSessionStore;
import org.tethral.account.UserStore;
import org.tethral.command.CommandStore;
import org.tethral.command.DispatchQueue;
import org.tethral.command.Nodes;
import org.tethral.command.Reached;
import org.tethral.dashboard.Dashboard;
import org.tethral.dashboard.FleetStore;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.ConnectionLog;
import org.tethral.device.Credential;
import org.tethral.device.CredentialStore;
import org.tethral.device.DeviceLogin;
import org.tethral.device.DeviceStore;
import org.tethral.device.Evictions;
import org.tethral.device.Inbox;
import org.tethral.device.ProfileStore;
import org.tethral.device.Provisioning;
import org.tethral.device.Rejections;
import org.tethral.device.SharedKeys;
import org.tethral.event.EventLog;
import org.tethral.ingest.Ingest;
import org.tethral.ingest.MemoryJournal;
import org.tethral.kernel.Secret;
import org.tethral.kernel.Vault;
import org.tethral.space.ActuationStore;
import org.tethral.space.LocationStore;
import org.tethral.space.ReservationStore;
import org.tethral.space.ServingDevices;
import org.tethral.space.SpaceStore;
import org.tethral.state.HistoryStore;
import org.tethral.state.StateStore;

/// A running HTTP edge whose commits can be held back and failed; only the device channel works.
final class ChannelServer implements AutoCloseable {

    final MemoryJournal journal = new MemoryJournal();
    final List<Inbox.Entry> rejected = new CopyOnWriteArrayList<>();
    final DeviceLogin login;
    final Ingest ingest;
    final HttpEdge edge;
    private final HttpEdge.Parts parts;
    private final Map<String, ConnectingDevice> tokens = new ConcurrentHashMap<>();
    private final Rejections rejections;
    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /// Where devices that wait for commands are announced.
    final Reached devices = new Reached();

    ChannelServer() {
        this(Duration.ofSeconds(30));
    }

    ChannelServer(Duration answerWithin) {
        var clock = InstantSource.system();
        var random = new SecureRandom();
        login =
                new DeviceLogin(
                        new Tokens(),
                        missing(DeviceStore.class),
                        missing(PasswordHash.class),
                        false,
                        clock,
                        random);
        ingest = new Ingest(1, _ -> journal, clock, new SimpleMeterRegistry());
        ingest.start();
        rejections = new Rejections(new Knocks(), clock);
        var sessions = new Sessions(missing(UserSessionStore.class), clock, random);
        parts =
                new HttpEdge.Parts(
                        stores(),
                        OutboundRig.none(clock, random),
                        SourcesRig.none(clock),
                        waitingForCommands(clock, random),
                        spaces(),
                        NetworksRig.networks(),
                        List::of,
                        new Dashboard(missing(FleetStore.class), () -> true, clock),
                        missing(PasswordHash.class),
                        ingest,
                        login,
                        new Provisioning(
                                missing(DeviceStore.class),
                                missing(CredentialStore.class),
                                missing(ProfileStore.class),
                                missing(PasswordHash.class),
                                clock,
                                random),
                        new SharedKeys(
                                missing(CredentialStore.class),
                                new Vault(new byte[Vault.KEY_BYTES], random),
                                clock),
                        rejections,
                        new Evictions(),
                        sessions,
                        new UserLogin(
                                missing(UserStore.class),
                                sessions,
                                missing(PasswordHash.class),
                                clock,
                                random),
                        null,
                        missing(org.tethral.account.Settings.class),
                        () -> "",
                        List.of(),
                        MachineryRig.machinery(),
                        clock,
                        random);
        edge = new HttpEdge(vertx, settings(0), parts, answerWithin);
        edge.start();
    }

    private HttpEdge.Stores stores() {
        return new HttpEdge.Stores(
                missing(DeviceStore.class),
                missing(CredentialStore.class),
                missing(ProfileStore.class),
                missing(StateStore.class),
                missing(HistoryStore.class),
                missing(EventLog.class),
                missing(org.tethral.alert.AlertStore.class),
                missing(ConnectionLog.class),
                missing(Inbox.class),
                missing(AccountStore.class),
                missing(org.tethral.account.AuditLog.class),
                missing(Ownership.class),
                missing(UserStore.class),
                missing(org.tethral.account.OrganizationStore.class));
    }

    private static HttpEdge.Spaces spaces() {
        return new HttpEdge.Spaces(
                missing(SpaceStore.class),
                missing(LocationStore.class),
                missing(ServingDevices.class),
                missing(ReservationStore.class),
                missing(ActuationStore.class),
                () -> {});
    }

    /// Only what announces devices: no command can be issued here.
    private HttpEdge.Commands waitingForCommands(InstantSource clock, RandomGenerator random) {
        var commands =
                CommandParts.of(
                        missing(CommandStore.class),
                        missing(DispatchQueue.class),
                        missing(Nodes.class),
                        missing(DeviceStore.class),
                        ingest,
                        clock,
                        random);
        return commands.with(devices);
    }

    /// One more on the same parts, not started.
    HttpEdge second(Vertx own, int port) {
        return new HttpEdge(own, settings(port), parts);
    }

    private static HttpEdge.Settings settings(int port) {
        return new HttpEdge.Settings(
                "127.0.0.1", port, -1, null, HttpEdge.Settings.MESSAGE_BYTES_MAX_DEFAULT, "test");
    }

    /// Makes a device known under the token.
    void device(String id, String token) {
        tokens.put(new Secret(token).sha256(), journal.register(id));
    }

    void disabledDevice(String id, String token) {
        tokens.put(
                new Secret(token).sha256(),
                journal.register(new org.tethral.device.DeviceId(id), false));
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + edge.port() + path);
    }

    HttpResponse<String> post(String path, @Nullable String token, String body) throws Exception {
        return client.send(request(path, token, body), HttpResponse.BodyHandlers.ofString());
    }

    java.util.concurrent.CompletableFuture<HttpResponse<String>> postAsync(
            String path, String token, String body) {
        return client.sendAsync(request(path, token, body), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest request(String path, @Nullable String token, String body) {
        var request =
                HttpRequest.newBuilder(uri(path)).POST(HttpRequest.BodyPublishers.ofString(body));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return request.build();
    }

    @Override
    public void close() {
        journal.release();
        edge.close();
        ingest.close();
        rejections.close();
        client.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    /// A part that these tests must not reach.
    static <T> T missing(Class<T> type) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (_, method, _) -> {
                            throw new UnsupportedOperationException(
                                    type.getSimpleName() + "." + method.getName());
                        }));
    }

    private final class Knocks implements Inbox {
        @Override
        public void knocked(Entry entry) {
            rejected.add(entry);
        }

        @Override
        public org.tethral.kernel.Page<Entry> list(org.tethral.kernel.Page.Request page) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<Entry> find(String identity) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean dismiss(String identity) {
            throw new UnsupportedOperationException();
        }
    }

    private final class Tokens implements CredentialStore {
        @Override
        public Optional<Found> find(Credential.Type type, String identity) {
            return Optional.ofNullable(tokens.get(identity))
                    .map(device ->
                            new Found(
                                    new Credential(
                                            new UUID(0, 1),
                                            device.id(),
                                            type,
                                            identity,
                                            "",
                                            java.time.Instant.EPOCH,
                                            null,
                                            null,
                                            null),
                                    device));
        }

        @Override
        public void used(UUID id, java.time.Instant at) {}

        @Override
        public Addition add(Credential credential) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<Credential> list(org.tethral.device.DeviceId device) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<Credential> find(UUID id) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean end(UUID id, java.time.Instant at) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean revoke(UUID id, java.time.Instant at) {
            throw new UnsupportedOperationException();
        }
    }
}
