package org.tethral.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.tethral.account.AccountStore;
import org.tethral.account.ApiKey;
import org.tethral.account.AuditLog;
import org.tethral.account.CommunityId;
import org.tethral.account.EmailAddress;
import org.tethral.account.Role;
import org.tethral.account.Sessions;
import org.tethral.account.User;
import org.tethral.account.UserLogin;
import org.tethral.account.UserStore;
import org.tethral.dashboard.Dashboard;
import org.tethral.device.Credential;
import org.tethral.device.DeviceLogin;
import org.tethral.device.Evictions;
import org.tethral.device.Provisioning;
import org.tethral.device.Rejections;
import org.tethral.device.SharedKeys;
import org.tethral.ingest.Ingest;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Micros;
import org.tethral.kernel.Secret;
import org.tethral.kernel.TlsFiles;
import org.tethral.kernel.Value;
import org.tethral.kernel.Vault;
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
import org.tethral.sql.SqlOwnership;
import org.tethral.sql.SqlProfileStore;
import org.tethral.sql.SqlStateStore;
import org.tethral.sql.SqlUserSessionStore;
import org.tethral.sql.SqlUserStore;

/// A running HTTP edge on an SQLite file of its own, with all that it serves.
final class ApiServer implements AutoCloseable {

    static final Vault VAULT = new Vault(new byte[Vault.KEY_BYTES], new Random());

    /// Every answer that a test gets is held against the document.
    final Conformance conformance = new Conformance();

    final Database database;
    final Ingest ingest;
    final CommandParts commands;
    final HttpEdge edge;
    final SqlUserStore users;
    final Sessions sessions;
    final AccountStore accounts;
    final AuditLog audit;
    final String key;
    final AtomicReference<Optional<String>> databaseProblem =
            new AtomicReference<>(Optional.empty());
    final AtomicBoolean fleetAway = new AtomicBoolean();

    /// What time it is for the dashboard's answers: as it is elsewhere, until a test has it stand.
    final AtomicReference<InstantSource> fleetClock = new AtomicReference<>(InstantSource.system());

    private final Path folder;
    private final Rejections rejections;
    private final OutboundRig outbound;
    final SourcesRig sources;
    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final InstantSource clock = InstantSource.system();
    private final Random random = new Random(7);

    ApiServer() throws IOException {
        this(null, false);
    }

    ApiServer(@Nullable TlsFiles tls) throws IOException {
        this(tls, false);
    }

    ApiServer(ProviderRig provider) throws IOException {
        this(null, false, provider);
    }

    ApiServer(@Nullable TlsFiles tls, boolean privateTargets) throws IOException {
        this(tls, privateTargets, null);
    }

    /// @param privateTargets webhooks may go to this machine
    private ApiServer(
            @Nullable TlsFiles tls, boolean privateTargets, @Nullable ProviderRig provider)
            throws IOException {
        folder = Files.createTempDirectory("tethral-http");
        database = Database.open(new DatabaseUrl.Sqlite(folder.resolve("tethral.db")), clock);
        var devices = new SqlDeviceStore(database);
        var credentials = new SqlCredentialStore(database);
        accounts = new SqlAccountStore(database);
        audit = new SqlAuditLog(database);
        var login =
                new DeviceLogin(credentials, devices, new PlainPasswords(), false, clock, random);
        ingest =
                new Ingest(
                        1,
                        lane -> SqlJournal.open(database, "test", lane, random),
                        clock,
                        new SimpleMeterRegistry());
        ingest.start();
        var evictions = evictions(login);
        var inbox = new SqlInbox(database, "test");
        rejections = new Rejections(inbox, clock);
        users = new SqlUserStore(database);
        sessions = new Sessions(new SqlUserSessionStore(database), clock, random);
        outbound = new OutboundRig(database, ingest, privateTargets, clock, random);
        sources = new SourcesRig(database, ingest, VAULT, clock, random);
        commands = CommandParts.of(database, ingest, clock, random);
        edge =
                new HttpEdge(
                        vertx,
                        settings(tls),
                        new HttpEdge.Parts(
                                stores(devices, credentials, inbox),
                                outbound.outbound,
                                sources.sources,
                                commands.parts(),
                                SpaceParts.of(database, random),
                                NetworksRig.networks(),
                                () -> List.of(new Endpoint("http", "http://", 8080, "")),
                                board(),
                                new PlainPasswords(),
                                ingest,
                                login,
                                provisioning(),
                                sharedKeys(),
                                rejections,
                                evictions,
                                sessions,
                                new UserLogin(users, sessions, new PlainPasswords(), clock, random),
                                provider == null ? null : provider.over(users, sessions),
                                new FixedSettings(),
                                () -> "tethral_up 1\n",
                                components(),
                                MachineryRig.machinery(),
                                clock,
                                random));
        key = apiKey("test", Role.SUPERADMIN, null);
        edge.start();
    }

    private List<HttpEdge.Component> components() {
        return List.of(new HttpEdge.Component("database", true, databaseProblem::get));
    }

    private HttpEdge.Stores stores(
            SqlDeviceStore devices, SqlCredentialStore credentials, SqlInbox inbox) {
        return new HttpEdge.Stores(
                devices,
                credentials,
                new SqlProfileStore(database),
                new SqlStateStore(database),
                new SqlHistoryStore(database, ingest::settleRollups),
                new SqlEventLog(database),
                new SqlAlertStore(database),
                new SqlConnectionLog(database),
                inbox,
                accounts,
                audit,
                new SqlOwnership(database),
                users,
                new SqlOrganizationStore(database));
    }

    private Evictions evictions(DeviceLogin login) {
        var evictions = new Evictions();
        evictions.listen((device, _) -> login.forget(device));
        evictions.listen((device, _) -> ingest.forget(device));
        return evictions;
    }

    SharedKeys sharedKeys() {
        return new SharedKeys(new SqlCredentialStore(database), VAULT, clock);
    }

    /// How the key of that identity is kept.
    String sealed(String identity) {
        return new SqlCredentialStore(database)
                .find(Credential.Type.PSK, identity)
                .orElseThrow()
                .credential()
                .secretHash();
    }

    private static HttpEdge.Settings settings(@Nullable TlsFiles tls) {
        return new HttpEdge.Settings(
                "127.0.0.1",
                0,
                tls == null ? -1 : 0,
                tls,
                HttpEdge.Settings.MESSAGE_BYTES_MAX_DEFAULT,
                "test");
    }

    private Dashboard board() {
        return BreakableFleet.board(database, fleetAway, () -> fleetClock.get().instant());
    }

    private Provisioning provisioning() {
        return new Provisioning(
                new SqlDeviceStore(database),
                new SqlCredentialStore(database),
                new SqlProfileStore(database),
                new PlainPasswords(),
                clock,
                random);
    }

    /// A new user's, in the first community.
    User user(String email, Role role, @Nullable String password) {
        var user =
                User.add(
                        Ids.next(random),
                        new EmailAddress(email),
                        password == null ? null : new PlainPasswords().hash(new Secret(password)),
                        role,
                        role == Role.SUPERADMIN ? null : CommunityId.DEFAULT,
                        Micros.truncated(clock.instant()));
        assertThat(users.add(user)).isInstanceOf(UserStore.Outcome.Stored.class);
        return user;
    }

    /// The secret of a new key.
    String apiKey(String name, Role role, @Nullable Instant expiresAt) {
        var secret = Secret.generate(ApiKey.SECRET_PREFIX, random);
        accounts.addApiKey(
                new ApiKey(
                        Ids.next(random),
                        name,
                        secret.sha256(),
                        role,
                        null,
                        Set.of(),
                        expiresAt,
                        null,
                        null,
                        clock.instant()));
        return secret.reveal();
    }

    Path folder() {
        return folder;
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + edge.port() + path);
    }

    record Answer(int status, HttpResponse<String> raw) {

        Document body() {
            try {
                return Json.parseObject(raw.body());
            } catch (MalformedJson e) {
                throw new AssertionError(status + ": " + raw.body(), e);
            }
        }

        String text(String name) {
            return body().text(name).orElseThrow(() -> new AssertionError(raw.body()));
        }

        List<Document> items() {
            return ((Value.Array) body().find("items").orElseThrow())
                    .items().stream().map(item -> (Document) item).toList();
        }

        Optional<String> header(String name) {
            return raw.headers().firstValue(name);
        }
    }

    /// With the key of a superadmin.
    Answer call(String method, String path, @Nullable String body, String... headers) {
        var all = new HashMap<String, String>();
        all.put("Authorization", "Bearer " + key);
        for (int i = 0; i < headers.length; i += 2) {
            all.put(headers[i], headers[i + 1]);
        }
        return send(method, path, body, all);
    }

    Answer get(String path) {
        return call("GET", path, null);
    }

    Answer post(String path, String body) {
        return call("POST", path, body);
    }

    Answer report(String token, String body) {
        return send("POST", "/device/v1/report", body, Map.of("Authorization", "Bearer " + token));
    }

    /// Registers a device, and gives its token.
    String device(String id) {
        var added = post("/api/v1/devices", "{\"device_id\":\"" + id + "\"}");
        return added.text("token");
    }

    Answer send(String method, String path, @Nullable String body, Map<String, String> headers) {
        var request =
                HttpRequest.newBuilder(uri(path))
                        .method(
                                method,
                                body == null
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofString(body));
        headers.forEach(request::header);
        try {
            var response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (response.headers().firstValue("Content-Encoding").isEmpty()) {
                conformance.check(
                        method,
                        path,
                        response.statusCode(),
                        response.headers().firstValue("Content-Type").orElse(null),
                        response.body());
            }
            return new Answer(response.statusCode(), response);
        } catch (IOException e) {
            throw new AssertionError(method + " " + path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /// What comes back for what no client would send.
    String raw(String bytes) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), edge.port())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() throws IOException {
        edge.close();
        outbound.close();
        sources.close();
        commands.close();
        ingest.close();
        rejections.close();
        client.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
        database.close();
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
