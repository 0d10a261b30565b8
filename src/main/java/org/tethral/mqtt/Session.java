package org.tethral.mqtt;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.broker.BrokerMessage;
import org.tethral.broker.MessageQueue;
import org.tethral.broker.QueuedMessage;
import org.tethral.broker.SessionId;
import org.tethral.broker.SessionStore;
import org.tethral.broker.Subscription;
import org.tethral.broker.TopicFilter;

/// What belongs to a client id of an owner rather than to one connection: subscriptions, messages
/// that wait, and the ids of QoS 2 messages. A connection that takes over finds all of it. Where it
/// is to outlive its connection it has an id and is kept ([org.tethral.broker.SessionChange]).
///
/// Thread-safe, as who publishes, who is displaced and who takes over meet here.
final class Session {

    /// QoS 0 messages that wait for the event loop of their receiver.
    static final int LIVE_MAX = 1_000;

    /// A message with QoS 0 on its way.
    record Live(BrokerMessage message, boolean retained, List<Integer> identifiers) {}

    private final Actor owner;
    private final String clientId;
    private final ReceivedIds receivedIds;
    private volatile @Nullable SessionId id;
    private volatile List<Subscription> subscriptions;
    private volatile @Nullable MqttConnection connection;
    private @Nullable MessageQueue queue;
    private @Nullable Deque<Live> live;
    private @Nullable Farewell farewell;
    private boolean waking;
    private boolean ended;

    Session(Actor owner, String clientId) {
        this.owner = owner;
        this.clientId = clientId;
        this.receivedIds = new ReceivedIds();
        this.subscriptions = List.of();
    }

    /// As it was kept.
    Session(SessionStore.KeptSession kept) {
        this.owner = kept.owner();
        this.clientId = kept.clientId();
        this.id = kept.id();
        this.receivedIds = new ReceivedIds(kept.receivedIds());
        this.subscriptions = List.copyOf(kept.subscriptions());
        this.queue = kept.queue().isEmpty() ? null : MessageQueue.of(kept.queue(), kept.leftAt());
    }

    Actor owner() {
        return owner;
    }

    String clientId() {
        return clientId;
    }

    ReceivedIds receivedIds() {
        return receivedIds;
    }

    /// Null: it ends with its connection.
    @Nullable SessionId id() {
        return id;
    }

    void keepAs(SessionId next) {
        id = next;
    }

    /// The connection that has it; null while it is kept for one to come.
    @Nullable MqttConnection connection() {
        return connection;
    }

    boolean connected() {
        return connection != null;
    }

    void belongsTo(@Nullable MqttConnection next) {
        connection = next;
    }

    /// What is to happen while nobody has it.
    synchronized @Nullable Farewell farewell() {
        return farewell;
    }

    synchronized void farewell(@Nullable Farewell next) {
        farewell = next;
    }

    /// It is gone for good: nothing is kept of it any more. False: it was before.
    synchronized boolean end() {
        var first = !ended;
        ended = true;
        queue = null;
        live = null;
        return first;
    }

    synchronized boolean ended() {
        return ended;
    }

    List<Subscription> subscriptions() {
        return subscriptions;
    }

    /// True when its filter is new to the session.
    synchronized boolean subscribe(Subscription subscription) {
        var next = new ArrayList<>(subscriptions);
        var known = next.removeIf(one -> one.filter().equals(subscription.filter()));
        next.add(subscription);
        subscriptions = List.copyOf(next);
        return !known;
    }

    /// False when there was none.
    synchronized boolean unsubscribe(TopicFilter filter) {
        var next = new ArrayList<>(subscriptions);
        var known = next.removeIf(one -> one.filter().equals(filter));
        subscriptions = List.copyOf(next);
        return known;
    }

    /// Those that want messages of the topic.
    List<Subscription> matching(String topic) {
        return subscriptions.stream().filter(one -> one.filter().matches(topic)).toList();
    }

    /// With QoS 0. False: there is no room, it is lost.
    synchronized boolean offer(Live message) {
        if (connection == null || ended) {
            return true; // nobody is there to miss it
        }
        if (live == null) {
            live = new ArrayDeque<>();
        }
        if (live.size() >= LIVE_MAX) {
            return false;
        }
        live.add(message);
        wake();
        return true;
    }

    /// With QoS 1 or 2. Null: there is no room, it is lost.
    ///
    /// @param durable false: it is held back until [#ready]
    synchronized MessageQueue.@Nullable Entry enqueue(
            BrokerMessage message,
            int qos,
            boolean retained,
            List<Integer> identifiers,
            boolean durable) {
        if (ended) {
            return null;
        }
        if (queue == null) {
            queue = new MessageQueue();
        }
        var entry = queue.add(message, qos, retained, identifiers, durable);
        if (entry != null && durable) {
            wake();
        }
        return entry;
    }

    /// It is durable: it may go.
    synchronized void ready(MessageQueue.Entry entry) {
        if (queue != null) {
            queue.ready(entry);
            wake();
        }
    }

    synchronized void withdraw(MessageQueue.Entry entry) {
        if (queue != null) {
            queue.withdraw(entry);
            wake();
        }
    }

    /// Tells the connection once, however much there is for it. Holding the monitor.
    private void wake() {
        var told = connection;
        if (told == null || waking) {
            return;
        }
        waking = true;
        told.loop().outbox().addAndRing(() -> awake(told));
    }

    private void awake(MqttConnection told) {
        synchronized (this) {
            waking = false;
            if (connection != told) {
                wake();
                return;
            }
        }
        told.messagesWait();
    }

    synchronized @Nullable Live nextLive() {
        if (live == null) {
            return null;
        }
        var next = live.poll();
        if (live.isEmpty()) {
            live = null;
        }
        return next;
    }

    /// See [MessageQueue#next].
    synchronized MessageQueue.@Nullable Entry next(Instant now, Collection<QueuedMessage> expired) {
        return queue == null ? null : queue.next(now, expired);
    }

    synchronized @Nullable QueuedMessage acknowledged(int packetId) {
        return queue == null ? null : queue.acknowledged(packetId);
    }

    synchronized @Nullable QueuedMessage remove(int packetId) {
        return queue == null ? null : queue.remove(packetId);
    }

    synchronized @Nullable QueuedMessage received(int packetId) {
        return queue == null ? null : queue.received(packetId);
    }

    synchronized @Nullable QueuedMessage completed(int packetId) {
        return queue == null ? null : queue.completed(packetId);
    }

    /// See [MessageQueue#restart].
    synchronized List<QueuedMessage> restart() {
        return queue == null ? List.of() : queue.restart();
    }

    synchronized int inFlight() {
        return queue == null ? 0 : queue.inFlight();
    }

    /// Messages that the client has not confirmed, sent or not.
    synchronized int queueLength() {
        return queue == null ? 0 : queue.size();
    }

    synchronized int waiting() {
        return queue == null ? 0 : queue.size() - queue.inFlight();
    }

    synchronized List<QueuedMessage> queued() {
        return queue == null ? List.of() : queue.messages();
    }
}
