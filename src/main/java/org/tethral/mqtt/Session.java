package org.tethral.mqtt;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tethral.broker.Subscription;
import org.tethral.broker.TopicFilter;

/// What belongs to a client id of a device rather than to one connection: subscriptions, and the
/// ids of QoS 2 messages. A connection that takes over finds both. In memory: it ends with the
/// process.
///
/// Thread-safe, as the connection that is taken over may not know it yet.
final class Session {

    private final String clientId;
    private final ReceivedIds receivedIds = new ReceivedIds();
    private volatile List<Subscription> subscriptions = List.of();
    private volatile @Nullable MqttConnection connection;
    private volatile long keptUntilNanos;

    Session(String clientId) {
        this.clientId = clientId;
    }

    String clientId() {
        return clientId;
    }

    ReceivedIds receivedIds() {
        return receivedIds;
    }

    /// The connection that has it; null while it is kept for one to come.
    @Nullable MqttConnection connection() {
        return connection;
    }

    void belongsTo(MqttConnection next) {
        connection = next;
    }

    void keepUntil(long nanoTime) {
        keptUntilNanos = nanoTime;
        connection = null;
    }

    boolean expired(long nanoTime) {
        return connection == null && nanoTime - keptUntilNanos >= 0;
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
}
