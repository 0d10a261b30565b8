package org.tethral.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageQueueTest {

    private static final Instant NOW = Instant.parse("2026-07-14T12:00:00Z");

    @Test
    void sendsInOrderAndWaitsForOneThatIsNotDurable() {
        var queue = new MessageQueue();
        var first = add(queue, "1", 1, false);
        add(queue, "2", 1, true);

        assertThat(queue.next(NOW, new ArrayList<>())).isNull();
        queue.ready(first);
        assertThat(sent(queue)).containsExactly("1", "2");
    }

    @Test
    void goesOnWithoutOneThatCouldNotBeKept() {
        var queue = new MessageQueue();
        var first = add(queue, "1", 1, false);
        add(queue, "2", 1, true);

        queue.withdraw(first);
        assertThat(sent(queue)).containsExactly("2");
    }

    @Test
    void sendsAgainWithTheSameIdWhatWasNotConfirmed() {
        var queue = new MessageQueue();
        for (int i = 0; i < 4; i++) {
            add(queue, "" + i, i < 2 ? 1 : 2, true);
        }
        var ids = new ArrayList<Integer>();
        for (var entry = queue.next(NOW, List.of());
                entry != null;
                entry = queue.next(NOW, List.of())) {
            ids.add(entry.message().packetId());
        }
        assertThat(queue.acknowledged(ids.get(0))).isNotNull();
        assertThat(queue.acknowledged(ids.get(0))).isNull();
        assertThat(queue.received(ids.get(2)).received()).isFalse();
        assertThat(queue.received(ids.get(2)).received()).isTrue();

        assertThat(queue.restart()).extracting(QueuedMessage::packetId).containsExactly(ids.get(2));
        assertThat(queue.inFlight()).isEqualTo(1);
        var again = Objects.requireNonNull(queue.next(NOW, List.of()));
        assertThat(again.message().packetId()).isEqualTo(ids.get(1));
        assertThat(again.sentBefore()).isTrue();
        assertThat(queue.completed(ids.get(2))).isNotNull();
        assertThat(queue.completed(ids.get(3))).isNull();
    }

    @Test
    void dropsWhatIsWorthNothingAnyMoreUnlessTheClientMayHaveItsId() {
        var queue = new MessageQueue();
        queue.add(expiring(5), 1, false, List.of(), true);
        queue.add(expiring(50), 1, false, List.of(), true);
        var expired = new ArrayList<QueuedMessage>();

        var sent = Objects.requireNonNull(queue.next(NOW.plusSeconds(10), expired));
        assertThat(expired).hasSize(1);
        assertThat(sent.message().position()).isEqualTo(1);
        var _ = queue.restart();
        assertThat(queue.next(NOW.plusSeconds(100), expired)).isNotNull();
    }

    private static BrokerMessage expiring(int seconds) {
        return RetainedMessagesTest.message("t", new byte[1], NOW.plusSeconds(seconds));
    }

    @Test
    void refusesWhatItHasNoRoomFor() {
        var queue = new MessageQueue();
        for (int i = 0; i < MessageQueue.MESSAGES_MAX; i++) {
            add(queue, "" + i, 1, true);
        }
        assertThat(queue.add(message("x"), 1, false, List.of(), true)).isNull();
        var first = Objects.requireNonNull(queue.next(NOW, List.of()));
        queue.acknowledged(first.message().packetId());
        assertThat(queue.add(message("x"), 1, false, List.of(), true)).isNotNull();

        var large = new MessageQueue();
        var payload = new byte[1024 * 1024];
        var taken = 0;
        while (large.add(
                        RetainedMessagesTest.message("t", payload, null), 1, false, List.of(), true)
                != null) {
            taken++;
        }
        assertThat(taken).isEqualTo(7);
    }

    @Test
    void givesNoIdTwiceWhileAClientIsSlowToConfirmOne() {
        var queue = new MessageQueue();
        add(queue, "slow", 1, true);
        var slow = Objects.requireNonNull(queue.next(NOW, List.of())).message();
        for (int i = 0; i < MessageQueue.PACKET_IDS + 10; i++) {
            add(queue, "t", 1, true);
            var next = Objects.requireNonNull(queue.next(NOW, List.of())).message();
            assertThat(next.packetId()).isNotEqualTo(slow.packetId());
            assertThat(queue.acknowledged(next.packetId())).isEqualTo(next);
        }
    }

    /// Every step's changes are kept as a store would; the process may end after any of them.
    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14, 15})
    void losesNothingAndDoublesNothingOverRestarts(long seed) {
        System.out.println("seed " + seed);
        var random = new Random(seed);
        var store = new TreeMap<Long, QueuedMessage>();
        var queue = new MessageQueue();
        var published = 0;
        var client = new Client();
        for (int step = 0; step < 4_000; step++) {
            switch (random.nextInt(6)) {
                case 0, 1 -> {
                    var entry = add(queue, "" + published++, 1 + random.nextInt(2), true);
                    store.put(entry.message().position(), entry.message());
                }
                case 2, 3 -> {
                    var entry = queue.next(NOW, List.of());
                    if (entry != null && random.nextInt(5) > 0) {
                        client.receives(entry.message(), random, queue, store);
                    }
                }
                case 4 -> client.goesOn(random, queue, store);
                default -> {
                    var restored =
                            random.nextInt(10) == 0
                                    ? MessageQueue.of(List.copyOf(store.values()), null)
                                    : queue;
                    queue = restored;
                    for (var message : queue.restart()) {
                        client.released(message.packetId(), random, queue, store);
                    }
                }
            }
        }
        drain(client, random, queue, store);
        assertThat(store).isEmpty();
        client.sawEach(published);
    }

    private static void drain(
            Client client,
            Random random,
            MessageQueue queue,
            SortedMap<Long, QueuedMessage> store) {
        while (!queue.isEmpty()) {
            for (var message : queue.restart()) {
                client.released(message.packetId(), random, queue, store);
            }
            for (var entry = queue.next(NOW, List.of());
                    entry != null;
                    entry = queue.next(NOW, List.of())) {
                client.receives(entry.message(), random, queue, store);
            }
        }
    }

    /// Answers, unless the network loses it; keeps QoS 2 ids as the standard says.
    private static final class Client {
        private final List<String> once = new ArrayList<>();
        private final List<String> atLeastOnce = new ArrayList<>();
        private final Set<Integer> held = new LinkedHashSet<>();

        void receives(
                QueuedMessage message,
                Random random,
                MessageQueue queue,
                SortedMap<Long, QueuedMessage> store) {
            var id = message.packetId();
            var text = message.message().topic().text();
            if (message.qos() == 1) {
                atLeastOnce.add(text);
                if (random.nextBoolean()) {
                    store.remove(Objects.requireNonNull(queue.acknowledged(id)).position());
                }
                return;
            }
            if (!held.contains(id)) {
                held.add(id);
                once.add(text);
            }
            if (random.nextBoolean()) {
                var was = Objects.requireNonNull(queue.received(id));
                store.put(was.position(), was.nowReceived());
                if (random.nextBoolean()) {
                    released(id, random, queue, store);
                }
            }
        }

        void released(
                int id, Random random, MessageQueue queue, SortedMap<Long, QueuedMessage> store) {
            held.remove(id);
            if (random.nextBoolean()) {
                store.remove(Objects.requireNonNull(queue.completed(id)).position());
            }
        }

        void goesOn(Random random, MessageQueue queue, SortedMap<Long, QueuedMessage> store) {
            for (var id : List.copyOf(held)) {
                var was = queue.received(id);
                if (was != null) {
                    store.put(was.position(), was.nowReceived());
                    released(id, random, queue, store);
                }
            }
        }

        void sawEach(int published) {
            assertThat(once).doesNotHaveDuplicates();
            var all = new java.util.HashSet<>(once);
            all.addAll(atLeastOnce);
            assertThat(all).hasSize(published);
            assertThat(once).doesNotContainAnyElementsOf(atLeastOnce);
        }
    }

    private static MessageQueue.Entry add(
            MessageQueue queue, String topic, int qos, boolean ready) {
        return Objects.requireNonNull(queue.add(message(topic), qos, false, List.of(), ready));
    }

    private static BrokerMessage message(String topic) {
        return RetainedMessagesTest.message(topic, new byte[1], null);
    }

    private static List<String> sent(MessageQueue queue) {
        var sent = new ArrayList<String>();
        for (var entry = queue.next(NOW, List.of());
                entry != null;
                entry = queue.next(NOW, List.of())) {
            sent.add(entry.message().message().topic().text());
        }
        return sent;
    }
}
