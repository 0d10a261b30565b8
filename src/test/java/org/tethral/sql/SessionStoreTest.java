package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tethral.account.Actor;
import org.tethral.broker.BrokerMessage;
import org.tethral.broker.MessageProperties;
import org.tethral.broker.QueuedMessage;
import org.tethral.broker.SessionChange;
import org.tethral.broker.SessionId;
import org.tethral.broker.SessionStore;
import org.tethral.broker.Subscription;
import org.tethral.broker.TopicFilter;
import org.tethral.broker.TopicName;
import org.tethral.broker.Will;
import org.tethral.ingest.Journal;
import org.tethral.ingest.Posting;

@EachEngine
class SessionStoreTest {

    private static final Instant AT = Instant.parse("2026-07-14T12:00:00.123456Z");
    private static final Actor OWNER = Actor.device("pump-7");
    private static int names;

    private final TestDatabase test;
    private String node = "";
    private Journal journal;
    private long number;

    SessionStoreTest(TestDatabase test) {
        this.test = test;
        this.journal = open();
    }

    @BeforeEach
    void opens() {
        node = "node-" + names++;
        journal = open();
        number = 0;
    }

    @AfterEach
    void closes() {
        journal.close();
    }

    private Journal open() {
        return SqlJournal.open(test.database(), node, 0, new SplittableRandom(names++));
    }

    private void commit(List<SessionChange> changes) {
        journal.commit(
                ++number,
                transaction ->
                        transaction.write(
                                new Journal.Writes(
                                        List.of(),
                                        List.of(new Posting.Sessions(changes)),
                                        List.of(),
                                        List.of(),
                                        0,
                                        AT)));
    }

    private SessionStore.Kept load() {
        return new SqlSessionStore(test.database(), node).load();
    }

    @Test
    void keepsEverythingOfASession() {
        var id = new SessionId(UUID.randomUUID());
        var will =
                new Will(
                        new TopicName("apps/x/gone"),
                        new byte[] {0, -1, 7},
                        2,
                        true,
                        properties(),
                        30,
                        -1);
        commit(
                List.of(
                        new SessionChange.Opened(id, OWNER, "client/ä", 3_600, will),
                        new SessionChange.Subscribed(id, subscription("a/+", 1)),
                        new SessionChange.Subscribed(id, subscription("$share/g/b", 2)),
                        new SessionChange.Queued(id, queued(3, "a/b", 2, false)),
                        new SessionChange.Queued(id, queued(4, "a/c", 1, false)),
                        new SessionChange.Received(id, 3),
                        new SessionChange.IdKept(id, 77),
                        new SessionChange.Left(id, AT, 60, true)));

        var kept = load().sessions().getFirst();

        assertThat(kept.id()).isEqualTo(id);
        assertThat(kept.owner()).isEqualTo(OWNER);
        assertThat(kept.clientId()).isEqualTo("client/ä");
        assertThat(kept.expirySeconds()).isEqualTo(60);
        assertThat(kept.leftAt()).isEqualTo(AT);
        assertThat(kept.subscriptions())
                .containsExactlyInAnyOrder(subscription("a/+", 1), subscription("$share/g/b", 2));
        assertThat(kept.queue()).extracting(QueuedMessage::position).containsExactly(3L, 4L);
        assertThat(kept.queue()).extracting(QueuedMessage::received).containsExactly(true, false);
        var first = kept.queue().getFirst();
        assertThat(text(first.message())).isEqualTo(text(queued(3, "a/b", 2, false).message()));
        assertThat(first.identifiers()).containsExactly(1, 268_435_455);
        assertThat(first.message().expiresAt()).isEqualTo(AT.plusSeconds(9));
        assertThat(kept.receivedIds()).containsExactly(77);
        var keptWill = Objects.requireNonNull(kept.will());
        assertThat(keptWill.topic()).isEqualTo(will.topic());
        assertThat(keptWill.payload()).isEqualTo(will.payload());
        assertThat(keptWill.qos()).isEqualTo(2);
        assertThat(keptWill.retain()).isTrue();
        assertThat(keptWill.delaySeconds()).isEqualTo(30);
        assertThat(keptWill.expirySeconds()).isEqualTo(-1);
        assertThat(text(keptWill.properties())).isEqualTo(text(properties()));
    }

    @Test
    void forgetsAWillThatWasSaidOrIsNotToBeSaid() {
        var will =
                new Will(new TopicName("w"), new byte[1], 0, false, MessageProperties.NONE, 0, 5);
        var said = new SessionId(UUID.randomUUID());
        var goodbye = new SessionId(UUID.randomUUID());
        commit(
                List.of(
                        new SessionChange.Opened(said, OWNER, "said", 9, will),
                        new SessionChange.Opened(goodbye, OWNER, "goodbye", 9, will)));
        assertThat(load().sessions())
                .allSatisfy(one -> assertThat(one.leftAt()).isNull())
                .allSatisfy(one -> assertThat(one.will()).isNotNull());

        commit(
                List.of(
                        new SessionChange.Left(said, AT, 9, true),
                        new SessionChange.WillSaid(said),
                        new SessionChange.Left(goodbye, AT, 9, false)));
        assertThat(load().sessions()).hasSize(2).allSatisfy(one -> assertThat(one.will()).isNull());
    }

    @Test
    void belongsToOneNode() {
        commit(
                List.of(
                        new SessionChange.Opened(
                                new SessionId(UUID.randomUUID()), OWNER, "c", 9, null),
                        new SessionChange.Retained(queued(0, "r", 1, true).message())));

        assertThat(new SqlSessionStore(test.database(), "other").load().sessions()).isEmpty();
        assertThat(new SqlSessionStore(test.database(), "other").load().retained()).isEmpty();
        assertThat(load().retained()).hasSize(1);
    }

    @Test
    void removesWhatWasWrittenForASessionThatHadEnded() {
        var id = new SessionId(UUID.randomUUID());
        commit(List.of(new SessionChange.Opened(id, OWNER, "c", 9, null)));
        commit(List.of(new SessionChange.Ended(id)));
        commit(List.of(new SessionChange.IdKept(id, 5)));
        assertThat(load().sessions()).isEmpty();
        commit(List.of(new SessionChange.Opened(id, OWNER, "c", 9, null)));
        assertThat(load().sessions().getFirst().receivedIds()).isEmpty();
    }

    /// Any changes, in commits of any size, come to what they come to one after the other.
    @Test
    void comesToTheSameHoweverChangesFallIntoCommits() {
        for (long seed = 1; seed <= 6; seed++) {
            System.out.println("seed " + seed);
            opens();
            var random = new Random(seed);
            var model = new Model();
            var commit = new ArrayList<SessionChange>();
            for (int step = 0; step < 400; step++) {
                var change = model.change(random);
                if (change != null) {
                    commit.add(change);
                }
                if (random.nextInt(12) == 0 && !commit.isEmpty()) {
                    commit(commit);
                    commit.clear();
                }
            }
            commit(commit);
            assertThat(picture(load())).isEqualTo(model.picture());
        }
    }

    private static final class Kept {
        final String client;
        final Map<String, Integer> subscriptions = new TreeMap<>();
        final Map<Long, String> queue = new TreeMap<>();
        final Set<Integer> ids = new TreeSet<>();
        long next;

        Kept(String client) {
            this.client = client;
        }
    }

    private static final class Model {
        private final Map<SessionId, Kept> sessions = new LinkedHashMap<>();
        private final Map<String, String> retained = new TreeMap<>();

        @Nullable SessionChange change(Random random) {
            var all = new ArrayList<>(sessions.keySet());
            if (all.isEmpty() || random.nextInt(10) == 0) {
                var id = new SessionId(new UUID(random.nextLong(), random.nextLong()));
                sessions.put(id, new Kept("client-" + sessions.size()));
                return new SessionChange.Opened(
                        id, OWNER, Objects.requireNonNull(sessions.get(id)).client, 60, null);
            }
            var id = all.get(random.nextInt(all.size()));
            var session = Objects.requireNonNull(sessions.get(id));
            var filter = "f/" + random.nextInt(3);
            var packetId = random.nextInt(4) + 1;
            return switch (random.nextInt(10)) {
                case 0 -> {
                    sessions.remove(id);
                    yield new SessionChange.Ended(id);
                }
                case 1 -> {
                    var qos = random.nextInt(3);
                    session.subscriptions.put(filter, qos);
                    yield new SessionChange.Subscribed(id, subscription(filter, qos));
                }
                case 2 -> {
                    session.subscriptions.remove(filter);
                    yield new SessionChange.Unsubscribed(
                            id, Objects.requireNonNull(TopicFilter.parse(filter)));
                }
                case 3, 4 -> {
                    var message = queued(session.next++, filter, 2, false);
                    session.queue.put(message.position(), filter);
                    yield new SessionChange.Queued(id, message);
                }
                case 5 -> receives(id, session, random);
                case 6 -> {
                    if (session.queue.isEmpty()) {
                        yield null;
                    }
                    var position = session.queue.keySet().iterator().next();
                    session.queue.remove(position);
                    yield new SessionChange.Dequeued(id, position);
                }
                case 7 -> {
                    if (session.ids.add(packetId)) {
                        yield new SessionChange.IdKept(id, packetId);
                    }
                    session.ids.remove(packetId);
                    yield new SessionChange.IdFreed(id, packetId);
                }
                case 8 -> {
                    var message = queued(random.nextInt(99), filter, 1, true).message();
                    retained.put(filter, text(message));
                    yield new SessionChange.Retained(message);
                }
                default -> {
                    retained.remove(filter);
                    yield new SessionChange.RetainedCleared(new TopicName(filter));
                }
            };
        }

        private static @Nullable SessionChange receives(SessionId id, Kept session, Random random) {
            if (session.queue.isEmpty()) {
                return null;
            }
            var positions = List.copyOf(session.queue.keySet());
            var position = positions.get(random.nextInt(positions.size()));
            session.queue.computeIfPresent(
                    position, (_, topic) -> topic.endsWith("!") ? topic : topic + "!");
            return new SessionChange.Received(id, position);
        }

        String picture() {
            var text = new TreeMap<String, String>();
            sessions.values()
                    .forEach(one ->
                            text.put(
                                    one.client,
                                    one.subscriptions + " " + one.queue + " " + one.ids));
            return text + " " + retained;
        }
    }

    private static String picture(SessionStore.Kept kept) {
        var sessions = new TreeMap<String, String>();
        for (var one : kept.sessions()) {
            var subscriptions = new TreeMap<String, Integer>();
            one.subscriptions()
                    .forEach(each -> subscriptions.put(each.filter().toString(), each.qos()));
            var queue = new TreeMap<Long, String>();
            one.queue()
                    .forEach(each ->
                            queue.put(
                                    each.position(),
                                    each.message().topic() + (each.received() ? "!" : "")));
            sessions.put(
                    one.clientId(),
                    subscriptions + " " + queue + " " + new TreeSet<>(one.receivedIds()));
        }
        var retained = new TreeMap<String, String>();
        kept.retained().forEach(message -> retained.put(message.topic().text(), text(message)));
        return sessions + " " + retained;
    }

    private static Subscription subscription(String filter, int qos) {
        return new Subscription(
                Objects.requireNonNull(TopicFilter.parse(filter)), qos, qos == 1, qos == 2, 9);
    }

    private static QueuedMessage queued(long position, String topic, int qos, boolean retain) {
        var message =
                new BrokerMessage(
                        new TopicName(topic),
                        ("payload " + position + "\0").getBytes(StandardCharsets.UTF_8),
                        qos,
                        retain,
                        properties(),
                        AT,
                        AT.plusSeconds(9));
        return new QueuedMessage(position, message, qos, false, List.of(1, 268_435_455), false);
    }

    private static MessageProperties properties() {
        return new MessageProperties(
                true,
                "text/plain",
                "answers/1",
                new byte[] {0, -1},
                List.of(
                        new MessageProperties.User("b", "1"),
                        new MessageProperties.User("a", "ä"),
                        new MessageProperties.User("b", "2")));
    }

    private static String text(BrokerMessage message) {
        return message.topic()
                + HexFormat.of().formatHex(message.payload())
                + message.qos()
                + message.retain()
                + text(message.properties())
                + message.publishedAt()
                + message.expiresAt();
    }

    private static String text(MessageProperties properties) {
        return properties.text()
                + properties.contentType()
                + properties.responseTopic()
                + HexFormat.of().formatHex(Objects.requireNonNull(properties.correlationData()))
                + properties.user();
    }
}
