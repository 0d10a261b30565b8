package org.tethral.mqtt;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.tethral.account.AccountStore;
import org.tethral.account.Actor;
import org.tethral.account.ApiKey;
import org.tethral.account.CommunityId;
import org.tethral.account.PasswordHash;
import org.tethral.account.Role;
import org.tethral.account.Scope;
import org.tethral.broker.SessionStore;
import org.tethral.command.Reached;
import org.tethral.command.SentNumbers;
import org.tethral.device.Admission;
import org.tethral.device.DeviceId;
import org.tethral.device.DeviceLogin;
import org.tethral.device.Evictions;
import org.tethral.device.Inbox;
import org.tethral.device.ProfileStore;
import org.tethral.device.Provisioning;
import org.tethral.device.Rejections;
import org.tethral.ingest.Inbound;
import org.tethral.ingest.Ingest;
import org.tethral.ingest.MemoryJournal;
import org.tethral.json.Json;
import org.tethral.json.MalformedJson;
import org.tethral.kernel.Document;
import org.tethral.kernel.Page;
import org.tethral.kernel.Secret;
import org.tethral.payload.TopicMaps;
import org.tethral.state.DeviceState;
import org.tethral.state.Interval;
import org.tethral.state.StateChange;
import org.tethral.state.StateName;
import org.tethral.state.StateStore;

/// A real edge on real ports, before a real pipeline that commits to memory.
final class TestEdge implements AutoCloseable {

    final MemoryJournal journal = new MemoryJournal();
    final Registry registry = new Registry(journal);
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final Evictions evictions = new Evictions();
    final Keys accounts = new Keys();
    final List<Inbox.Entry> inbox = new CopyOnWriteArrayList<>();
    final Reached devices = new Reached();
    final Ingest ingest;
    final DeviceLogin login;
    final MqttEdge edge;
    private final Rejections rejections;
    private final MqttEdge.Settings settings;
    private final InstantSource clock = InstantSource.system();
    private final SecureRandom random = new SecureRandom();

    static TestEdge started() {
        return started(UnaryOperator.identity());
    }

    static TestEdge started(UnaryOperator<MqttEdge.Settings> change) {
        var edge = new TestEdge(change);
        edge.ingest.start();
        edge.edge.start();
        return edge;
    }

    TestEdge(UnaryOperator<MqttEdge.Settings> change) {
        settings =
                change.apply(
                        new MqttEdge.Settings(
                                "127.0.0.1",
                                0,
                                -1,
                                -1,
                                null,
                                MqttEdge.MESSAGE_BYTES_MAX_DEFAULT,
                                "node-1",
                                false,
                                TopicMaps.NONE,
                                false));
        ingest = new Ingest(1, _ -> journal, clock, meters);
        login =
                new DeviceLogin(
                        registry,
                        registry,
                        new Plain(),
                        settings.openRegistration(),
                        clock,
                        random);
        rejections = new Rejections(new Knocks(), clock);
        evictions.listen((device, _) -> login.forget(device));
        evictions.listen((device, _) -> ingest.forget(device));
        edge =
                new MqttEdge(
                        settings,
                        ingest,
                        login,
                        provisioning(),
                        rejections,
                        evictions,
                        new MqttEdge.Stores(
                                new States(),
                                registry,
                                accounts,
                                () -> SessionStore.Kept.NOTHING,
                                new SentNumbers(new SentCommands(journal))),
                        admission(),
                        devices,
                        clock,
                        random,
                        meters);
    }

    private static ProfileStore noProfiles() {
        return (ProfileStore)
                java.lang.reflect.Proxy.newProxyInstance(
                        ProfileStore.class.getClassLoader(),
                        new Class<?>[] {ProfileStore.class},
                        (_, _, _) -> Optional.empty());
    }

    private Admission admission() {
        return new Admission(
                registry,
                noProfiles(),
                settings.openRegistration(),
                Optional::empty,
                clock,
                random);
    }

    private Provisioning provisioning() {
        return new Provisioning(registry, registry, noProfiles(), new Plain(), clock, random);
    }

    /// What the edge's connections lean on, for one that is driven by hand.
    Surroundings surroundings() {
        var sessions = new Sessions();
        var mqttMeters = new MqttMeters(new SimpleMeterRegistry());
        var broker = new Broker(new Postings(ingest), clock, random, mqttMeters);
        return new Surroundings(
                settings,
                ingest,
                new Login(login, accounts, settings.openTopics(), clock),
                new Lookups(Lookups.READS_RUNNING_MAX),
                new Lookups(1),
                sessions,
                broker,
                new Afterlife(sessions, broker),
                rejections,
                new States(),
                new SentNumbers(new SentCommands(journal)),
                devices,
                new GatewayDevices(registry, admission(), false),
                provisioning(),
                clock,
                random,
                mqttMeters,
                new AtomicInteger(),
                new AtomicLong());
    }

    /// Changes the desired values of a device, as an operator would.
    void desire(String device, String json) {
        try {
            var patch = Json.parseObject(json);
            var one = registry.find(new DeviceId(device)).orElseThrow();
            var answer =
                    ingest.submit(
                                    new Inbound.Desire(
                                            new org.tethral.device.ConnectingDevice(
                                                    one.deviceId(),
                                                    one.about().community(),
                                                    one.enabled(),
                                                    Duration.ofSeconds(30),
                                                    Duration.ofSeconds(90)),
                                            Instant.now(),
                                            patch,
                                            null,
                                            Actor.system("test")))
                            .get(30, TimeUnit.SECONDS);
            if (!(answer instanceof org.tethral.ingest.Answer.Stored)) {
                throw new AssertionError(answer);
            }
        } catch (MalformedJson
                | java.util.concurrent.ExecutionException
                | InterruptedException
                | java.util.concurrent.TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    Document reported(String device) {
        return journal.situation(new DeviceId(device)).orElseThrow().values().reported();
    }

    double refused(String what, Reason reason) {
        var counter =
                meters.find("tethral.mqtt.refused")
                        .tags("what", what, "reason", reason.word())
                        .counter();
        return counter == null ? 0 : counter.count();
    }

    @Override
    public void close() {
        journal.release();
        edge.close();
        ingest.close();
        rejections.close();
    }

    private static final class Plain implements PasswordHash {
        @Override
        public String hash(Secret password) {
            return password.reveal();
        }

        @Override
        public boolean matches(Secret password, String phc) {
            return phc.equals(password.reveal());
        }
    }

    /// API keys in memory.
    static final class Keys implements AccountStore {
        private final Map<String, ApiKey> keys = new ConcurrentHashMap<>();

        /// Returns the secret of a new key.
        String add(Role role, @Nullable CommunityId community, Scope... scopes) {
            var secret = Secret.generate(ApiKey.SECRET_PREFIX, new SecureRandom());
            addApiKey(
                    new ApiKey(
                            UUID.randomUUID(),
                            "test",
                            secret.sha256(),
                            role,
                            community,
                            Set.of(scopes),
                            null,
                            null,
                            null,
                            Instant.EPOCH));
            return secret.reveal();
        }

        @Override
        public void addApiKey(ApiKey key, @Nullable UUID madeBy) {
            keys.put(key.keyHash(), key);
        }

        @Override
        public Optional<ApiKey> findApiKey(String keyHash) {
            return Optional.ofNullable(keys.get(keyHash));
        }

        @Override
        public List<ApiKey> apiKeys(@Nullable CommunityId community) {
            return List.copyOf(keys.values());
        }

        @Override
        public boolean revokeApiKey(UUID id, Instant at) {
            return keys.values().removeIf(key -> key.id().equals(id));
        }

        @Override
        public void apiKeyUsed(UUID id, Instant at) {}
    }

    private final class Knocks implements Inbox {
        @Override
        public void knocked(Entry entry) {
            inbox.add(entry);
        }

        @Override
        public Page<Entry> list(Page.Request page) {
            return new Page<>(inbox, null);
        }

        @Override
        public Optional<Entry> find(String identity) {
            return inbox.stream().filter(one -> one.identity().equals(identity)).findFirst();
        }

        @Override
        public boolean dismiss(String identity) {
            return inbox.removeIf(one -> one.identity().equals(identity));
        }
    }

    /// What the journal has committed.
    private final class States implements StateStore {
        @Override
        public Optional<DeviceState> find(DeviceId device) {
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

        @Override
        public Page<DeviceState> list(
                @Nullable StateName state, @Nullable CommunityId community, Page.Request page) {
            throw new AssertionError("not used by an edge");
        }

        @Override
        public Map<StateName, Long> statistics(@Nullable CommunityId community) {
            throw new AssertionError("not used by an edge");
        }

        @Override
        public Page<StateChange> changes(DeviceId device, Page.Request page) {
            throw new AssertionError("not used by an edge");
        }

        @Override
        public Page<StateChange> changes(DeviceId device, Interval interval, Page.Request page) {
            throw new AssertionError("not used by an edge");
        }

        @Override
        public Map<StateName, Duration> durations(DeviceId device, Interval interval, Instant now) {
            throw new AssertionError("not used by an edge");
        }

        @Override
        public List<String> metrics(DeviceId device) {
            throw new AssertionError("not used by an edge");
        }
    }
}
