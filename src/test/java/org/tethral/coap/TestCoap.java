package org.tethral.coap;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.tethral.account.Actor;
import org.tethral.account.PasswordHash;
import org.tethral.command.CommandLog;
import org.tethral.command.CommandStore;
import org.tethral.command.Progress;
import org.tethral.command.Reached;
import org.tethral.command.SentNumbers;
import org.tethral.device.ConnectingDevice;
import org.tethral.device.Credential;
import org.tethral.device.CredentialStore;
import org.tethral.device.Device;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceLogin;
import org.tethral.device.DeviceStore;
import org.tethral.device.Evictions;
import org.tethral.device.Inbox;
import org.tethral.device.ProfileStore;
import org.tethral.device.Provisioning;
import org.tethral.device.Rejections;
import org.tethral.device.SharedKeys;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
import org.tethral.ingest.MemoryJournal;
import org.tethral.json.Json;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.kernel.Secret;
import org.tethral.kernel.StorageException;
import org.tethral.kernel.Vault;
import org.tethral.state.DeviceState;
import org.tethral.state.StateStore;

/// A real edge on real sockets, before a real pipeline that commits to memory.
final class TestCoap implements AutoCloseable {

    final MemoryJournal journal = new MemoryJournal();
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final Evictions evictions = new Evictions();
    final List<Inbox.Entry> inbox = new CopyOnWriteArrayList<>();
    final Ingest ingest;
    final Reached reached = new Reached();
    final DeviceLogin login;
    final SharedKeys sharedKeys;
    final CoapEdge edge;
    private final Rejections rejections;
    private final Map<String, CredentialStore.Found> credentials = new ConcurrentHashMap<>();
    private final InstantSource clock = InstantSource.system();
    private volatile boolean away;

    static TestCoap started() {
        return new TestCoap(UnaryOperator.identity(), false, Answers.WAIT_MAX);
    }

    static TestCoap started(UnaryOperator<CoapEdge.Settings> change) {
        return new TestCoap(change, false, Answers.WAIT_MAX);
    }

    TestCoap(
            UnaryOperator<CoapEdge.Settings> change,
            boolean openRegistration,
            Duration answerWithin) {
        var random = new SecureRandom();
        var store = only(CredentialStore.class, Map.of("find", this::find, "used", _ -> null));
        login =
                new DeviceLogin(
                        store,
                        only(DeviceStore.class, Map.of("add", this::add)),
                        only(PasswordHash.class, Map.of()),
                        openRegistration,
                        clock,
                        random);
        sharedKeys = new SharedKeys(store, new Vault(new byte[Vault.KEY_BYTES], random), clock);
        ingest = new Ingest(1, _ -> journal, clock, meters);
        rejections =
                new Rejections(
                        only(
                                Inbox.class,
                                Map.of("knocked", all -> inbox.add((Inbox.Entry) all[0]))),
                        clock);
        evictions.listen((device, _) -> login.forget(device));
        evictions.listen((device, _) -> ingest.forget(device));
        edge =
                new CoapEdge(
                        change.apply(
                                new CoapEdge.Settings(
                                        "127.0.0.1",
                                        0,
                                        0,
                                        null,
                                        CoapEdge.Settings.MESSAGE_BYTES_MAX_DEFAULT)),
                        ingest,
                        login,
                        provisioning(store, random),
                        sharedKeys,
                        rejections,
                        evictions,
                        only(StateStore.class, Map.of("find", all -> state((DeviceId) all[0]))),
                        reached,
                        new SentNumbers(
                                only(
                                        CommandStore.class,
                                        Map.of(
                                                "list",
                                                all -> commandsOf((CommandStore.Filter) all[0])))),
                        clock,
                        random,
                        meters,
                        answerWithin);
        ingest.start();
        edge.start();
    }

    /// Nobody registers here.
    private Provisioning provisioning(CredentialStore store, SecureRandom random) {
        return new Provisioning(
                only(DeviceStore.class, Map.of()),
                store,
                only(ProfileStore.class, Map.of()),
                only(PasswordHash.class, Map.of()),
                clock,
                random);
    }

    /// A part of which only those methods are reached.
    private static <T> T only(Class<T> type, Map<String, Function<Object[], Object>> methods) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (_, method, arguments) -> {
                            var known = methods.get(method.getName());
                            if (known == null) {
                                throw new AssertionError(type + "." + method.getName());
                            }
                            return known.apply(arguments);
                        }));
    }

    /// Registers a device under that token.
    String device(String id) {
        var token = "token-of-" + id;
        device(id, token, true);
        return token;
    }

    void device(String id, String token, boolean enabled) {
        keep(
                Credential.token(
                        UUID.randomUUID(), new DeviceId(id), new Secret(token), Instant.EPOCH),
                enabled);
    }

    /// Registers a device that shares that key, which is the text's UTF-8.
    void sharedKey(String id, String identity, String key) {
        keep(
                sharedKeys.credential(
                        UUID.randomUUID(),
                        new DeviceId(id),
                        identity,
                        key.getBytes(StandardCharsets.UTF_8),
                        Instant.EPOCH,
                        null),
                true);
    }

    void certificate(String id, String fingerprint) {
        keep(
                new Credential(
                        UUID.randomUUID(),
                        new DeviceId(id),
                        Credential.Type.X509,
                        fingerprint,
                        "",
                        Instant.EPOCH,
                        null,
                        null,
                        null),
                true);
    }

    private void keep(Credential credential, boolean enabled) {
        var device = journal.register(credential.device(), enabled);
        credentials.put(
                credential.type() + credential.identity(),
                new CredentialStore.Found(credential, device));
    }

    void end(Credential.Type type, String identity) {
        var found = credentials.remove(type + identity);
        evictions.evict(found.device().id(), "credential ended");
    }

    void away(boolean is) {
        away = is;
    }

    private Object find(Object[] arguments) {
        if (away) {
            throw new StorageException(
                    StorageException.Cause.UNAVAILABLE, "find credential (on command)");
        }
        return Optional.ofNullable(credentials.get(arguments[0] + (String) arguments[1]));
    }

    private Object add(Object[] arguments) {
        keep((Credential) arguments[1], true);
        return new DeviceStore.Addition.Added((Device) arguments[0]);
    }

    private Page<CommandLog> commandsOf(CommandStore.Filter filter) {
        var logs =
                journal.dispatches(Objects.requireNonNull(filter.device())).stream()
                        .map(dispatch ->
                                new CommandLog(
                                        dispatch.command(),
                                        dispatch.terms(),
                                        Document.EMPTY,
                                        null,
                                        Actor.system("test"),
                                        null,
                                        new Progress(0, 1, 0, 0, 0, 0, 0, 0),
                                        null))
                        .toList();
        return new Page<>(logs, null);
    }

    private Optional<DeviceState> state(DeviceId device) {
        return journal.situation(device)
                .map(one ->
                        new DeviceState(
                                device,
                                one.values().current(),
                                one.values().since(),
                                one.values().updatedAt(),
                                one.values().reported(),
                                one.values().reportedVersion(),
                                one.values().desired(),
                                one.values().desiredVersion(),
                                one.values().configuration(),
                                Document.EMPTY));
    }

    /// Changes the desired values of a device, as an operator would.
    void desire(String id, String json) throws Exception {
        ingest.submit(
                        new Inbound.Desire(
                                connecting(id),
                                Instant.now(),
                                Json.parseObject(json),
                                null,
                                Actor.system("test")))
                .get(30, TimeUnit.SECONDS);
    }

    ConnectingDevice connecting(String id) {
        return new ConnectingDevice(
                new DeviceId(id), null, true, Duration.ofSeconds(30), Duration.ofSeconds(90));
    }

    Document reported(String device) {
        return journal.situation(new DeviceId(device)).orElseThrow().values().reported();
    }

    String uri(String pathAndQuery) {
        return "coap://127.0.0.1:" + edge.port() + pathAndQuery;
    }

    String secureUri(String pathAndQuery) {
        return "coaps://127.0.0.1:" + edge.dtlsPort() + pathAndQuery;
    }

    @Override
    public void close() {
        journal.release();
        edge.close();
        ingest.close();
        rejections.close();
    }
}
