package org.tethral.sql;

import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tethral.broker.BrokerMessage;
import org.tethral.broker.QueuedMessage;
import org.tethral.broker.SessionChange;
import org.tethral.broker.SessionId;
import org.tethral.broker.Subscription;
import org.tethral.broker.TopicFilter;
import org.tethral.broker.TopicName;
import org.tethral.ingest.Posting;

/// What a commit changes of the broker's sessions: of each row only what it comes to in the end, so
/// that a message that is queued and confirmed within one commit costs nothing. One statement per
/// kind of change, as a batch.
final class SessionRows {

    private record Key<T>(SessionId session, T part) {}

    private final Map<SessionId, SessionChange.Opened> opened = new LinkedHashMap<>();
    private final Map<SessionId, SessionChange.Left> left = new LinkedHashMap<>();
    private final Set<SessionId> willsSaid = new LinkedHashSet<>();
    private final Set<SessionId> ended = new LinkedHashSet<>();
    private final Map<Key<TopicFilter>, @Nullable Subscription> subscriptions =
            new LinkedHashMap<>();
    private final Map<Key<Long>, @Nullable QueuedMessage> queue = new LinkedHashMap<>();
    private final Set<Key<Long>> received = new LinkedHashSet<>();
    private final Map<Key<Integer>, Boolean> ids = new LinkedHashMap<>();
    private final Map<TopicName, @Nullable BrokerMessage> retained = new LinkedHashMap<>();

    static void write(Session session, String node, List<Posting> postings) throws SQLException {
        if (postings.isEmpty()) {
            return;
        }
        var rows = new SessionRows();
        for (var posting : postings) {
            switch (posting) {
                case Posting.Sessions(var changes) -> changes.forEach(rows::take);
                case Posting.Issued _ -> {} // see CommandRows
                case Posting.Read _ -> {} // see ChannelRows
            }
        }
        rows.write(session, node);
    }

    private void take(SessionChange change) {
        switch (change) {
            case SessionChange.Opened now -> {
                opened.put(now.session(), now);
                left.remove(now.session());
                willsSaid.remove(now.session());
            }
            case SessionChange.Left now -> left.put(now.session(), now);
            case SessionChange.WillSaid(var session) -> willsSaid.add(session);
            case SessionChange.Ended(var session) -> ended.add(session);
            case SessionChange.Subscribed(var session, var subscription) ->
                    subscriptions.put(new Key<>(session, subscription.filter()), subscription);
            case SessionChange.Unsubscribed(var session, var filter) ->
                    subscriptions.put(new Key<>(session, filter), null);
            case SessionChange.Queued(var session, var message) ->
                    queue.put(new Key<>(session, message.position()), message);
            case SessionChange.Received(var session, var position) ->
                    received.add(new Key<>(session, position));
            case SessionChange.Dequeued(var session, var position) -> {
                queue.put(new Key<>(session, position), null);
                received.remove(new Key<>(session, position));
            }
            case SessionChange.IdKept(var session, var id) -> ids.put(new Key<>(session, id), true);
            case SessionChange.IdFreed(var session, var id) ->
                    ids.put(new Key<>(session, id), false);
            case SessionChange.Retained(var message) -> retained.put(message.topic(), message);
            case SessionChange.RetainedCleared(var topic) -> retained.put(topic, null);
        }
    }

    private void write(Session session, String node) throws SQLException {
        opened.keySet().removeAll(ended);
        left.keySet().removeAll(ended);
        willsSaid.removeAll(ended);
        subscriptions.keySet().removeIf(key -> ended.contains(key.session()));
        queue.keySet().removeIf(key -> ended.contains(key.session()));
        received.removeIf(key -> ended.contains(key.session()));
        ids.keySet().removeIf(key -> ended.contains(key.session()));
        writeEnded(session);
        writeSessions(session, node);
        writeSubscriptions(session);
        writeQueue(session);
        writeIds(session);
        writeRetained(session, node);
    }

    private void writeEnded(Session session) throws SQLException {
        if (ended.isEmpty()) {
            return;
        }
        for (var table :
                List.of("mqtt_received_ids", "mqtt_queue", "mqtt_subscriptions", "mqtt_sessions")) {
            var delete = session.sql("DELETE FROM " + table + " WHERE session_id = ?");
            for (var one : ended) {
                delete.set(one.value()).add();
            }
            delete.batch();
        }
    }

    private void writeSessions(Session session, String node) throws SQLException {
        if (!opened.isEmpty()) {
            var upsert =
                    session.sql(
                            """
                            INSERT INTO mqtt_sessions
                                (session_id, node, owner, client_id, expiry_s, left_at, will_topic, will_payload, will)
                            VALUES (?, ?, ?, ?, ?, NULL, ?, ?, ?)
                            ON CONFLICT (session_id) DO UPDATE SET expiry_s = excluded.expiry_s, left_at = NULL,
                                will_topic = excluded.will_topic, will_payload = excluded.will_payload,
                                will = excluded.will
                            """);
            for (var one : opened.values()) {
                var will = one.will();
                upsert.set(one.session().value())
                        .set(node)
                        .set(one.owner().toString())
                        .set(one.clientId())
                        .set(one.expirySeconds())
                        .set(will == null ? null : will.topic().text())
                        .set(will == null ? null : will.payload())
                        .setJson(will == null ? null : BrokerJson.will(will))
                        .add();
            }
            upsert.batch();
        }
        if (!left.isEmpty()) {
            var update =
                    session.sql(
                            """
                            UPDATE mqtt_sessions SET left_at = ?, expiry_s = ?,
                                will_topic = CASE WHEN ? = 1 THEN will_topic END
                            WHERE session_id = ?
                            """);
            for (var one : left.values()) {
                update.set(one.at())
                        .set(one.expirySeconds())
                        .set(one.willPending() && !willsSaid.contains(one.session()) ? 1 : 0)
                        .set(one.session().value())
                        .add();
            }
            update.batch();
        }
        willsSaid.removeAll(left.keySet());
        if (!willsSaid.isEmpty()) {
            var update =
                    session.sql("UPDATE mqtt_sessions SET will_topic = NULL WHERE session_id = ?");
            for (var one : willsSaid) {
                update.set(one.value()).add();
            }
            update.batch();
        }
    }

    private void writeSubscriptions(Session session) throws SQLException {
        if (subscriptions.isEmpty()) {
            return;
        }
        var delete =
                session.sql("DELETE FROM mqtt_subscriptions WHERE session_id = ? AND filter = ?");
        var upsert =
                session.sql(
                        """
                        INSERT INTO mqtt_subscriptions
                            (session_id, filter, qos, no_local, retain_as_published, identifier)
                        VALUES (?, ?, ?, ?, ?, ?)
                        ON CONFLICT (session_id, filter) DO UPDATE SET qos = excluded.qos,
                            no_local = excluded.no_local, retain_as_published = excluded.retain_as_published,
                            identifier = excluded.identifier
                        """);
        for (var entry : subscriptions.entrySet()) {
            var key = entry.getKey();
            var subscription = entry.getValue();
            if (subscription == null) {
                delete.set(key.session().value()).set(key.part().toString()).add();
            } else {
                upsert.set(key.session().value())
                        .set(key.part().toString())
                        .set(subscription.qos())
                        .set(subscription.noLocal())
                        .set(subscription.retainAsPublished())
                        .set(subscription.identifier())
                        .add();
            }
        }
        delete.batch();
        upsert.batch();
    }

    private void writeQueue(Session session) throws SQLException {
        if (!queue.isEmpty()) {
            var delete =
                    session.sql("DELETE FROM mqtt_queue WHERE session_id = ? AND position = ?");
            var insert =
                    session.sql(
                            """
                            INSERT INTO mqtt_queue
                                (session_id, position, topic, payload, qos, retained, properties, identifiers,
                                 published_at, expires_at, received)
                            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                            """);
            for (var entry : queue.entrySet()) {
                var key = entry.getKey();
                var queued = entry.getValue();
                if (queued == null) {
                    delete.set(key.session().value()).set(key.part()).add();
                } else {
                    var message = queued.message();
                    insert.set(key.session().value())
                            .set(key.part())
                            .set(message.topic().text())
                            .set(message.payload())
                            .set(queued.qos())
                            .set(queued.retained())
                            .set(BrokerJson.properties(message.properties()))
                            .set(BrokerJson.numbers(queued.identifiers()))
                            .set(message.publishedAt())
                            .set(message.expiresAt())
                            .set(queued.received())
                            .add();
                }
            }
            delete.batch();
            insert.batch();
        }
        if (!received.isEmpty()) {
            var update =
                    session.sql(
                            "UPDATE mqtt_queue SET received = ? WHERE session_id = ? AND position = ?");
            for (var key : received) {
                update.set(true).set(key.session().value()).set(key.part()).add();
            }
            update.batch();
        }
    }

    private void writeIds(Session session) throws SQLException {
        if (ids.isEmpty()) {
            return;
        }
        var delete =
                session.sql("DELETE FROM mqtt_received_ids WHERE session_id = ? AND packet_id = ?");
        var insert =
                session.sql(
                        """
                        INSERT INTO mqtt_received_ids (session_id, packet_id) VALUES (?, ?)
                        ON CONFLICT (session_id, packet_id) DO NOTHING
                        """);
        for (var entry : ids.entrySet()) {
            var key = entry.getKey();
            (entry.getValue() ? insert : delete).set(key.session().value()).set(key.part()).add();
        }
        delete.batch();
        insert.batch();
    }

    private void writeRetained(Session session, String node) throws SQLException {
        if (retained.isEmpty()) {
            return;
        }
        var delete = session.sql("DELETE FROM mqtt_retained WHERE node = ? AND topic = ?");
        var upsert =
                session.sql(
                        """
                        INSERT INTO mqtt_retained (node, topic, payload, qos, properties, published_at, expires_at)
                        VALUES (?, ?, ?, ?, ?, ?, ?)
                        ON CONFLICT (node, topic) DO UPDATE SET payload = excluded.payload, qos = excluded.qos,
                            properties = excluded.properties, published_at = excluded.published_at,
                            expires_at = excluded.expires_at
                        """);
        for (var entry : retained.entrySet()) {
            var message = entry.getValue();
            if (message == null) {
                delete.set(node).set(entry.getKey().text()).add();
            } else {
                upsert.set(node)
                        .set(message.topic().text())
                        .set(message.payload())
                        .set(message.qos())
                        .set(BrokerJson.properties(message.properties()))
                        .set(message.publishedAt())
                        .set(message.expiresAt())
                        .add();
            }
        }
        delete.batch();
        upsert.batch();
    }
}
