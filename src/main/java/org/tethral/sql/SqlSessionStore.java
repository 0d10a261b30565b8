package org.tethral.sql;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.tethral.account.Actor;
import org.tethral.broker.BrokerMessage;
import org.tethral.broker.QueuedMessage;
import org.tethral.broker.SessionId;
import org.tethral.broker.SessionStore;
import org.tethral.broker.Subscription;
import org.tethral.broker.TopicFilter;
import org.tethral.broker.TopicName;

public final class SqlSessionStore implements SessionStore {

    private static final String OWN_SESSIONS =
            " WHERE session_id IN (SELECT session_id FROM mqtt_sessions WHERE node = ?)";

    private final Database database;
    private final String node;

    /// @param node whose sessions these are
    public SqlSessionStore(Database database, String node) {
        this.database = database;
        this.node = node;
    }

    @Override
    public Kept load() {
        return database.write(
                "load the sessions of MQTT clients",
                session -> {
                    removeOrphans(session);
                    return new Kept(sessions(session), retained(session));
                });
    }

    /// What was written while its session ended.
    private static void removeOrphans(Session session) throws SQLException {
        for (var table : List.of("mqtt_received_ids", "mqtt_queue", "mqtt_subscriptions")) {
            session.sql(
                            "DELETE FROM "
                                    + table
                                    + " WHERE session_id NOT IN (SELECT session_id FROM mqtt_sessions)")
                    .update();
        }
    }

    private List<KeptSession> sessions(Session session) throws SQLException {
        var subscriptions = subscriptions(session);
        var queues = queues(session);
        var ids = receivedIds(session);
        var kept = new ArrayList<KeptSession>();
        session.sql(
                        """
                        SELECT session_id, owner, client_id, expiry_s, left_at, will_topic, will_payload, will
                        FROM mqtt_sessions WHERE node = ?
                        """)
                .set(node)
                .each(row -> {
                    var id = new SessionId(row.uuid("session_id"));
                    var willTopic = row.maybeText("will_topic");
                    kept.add(
                            new KeptSession(
                                    id,
                                    Actor.parse(row.text("owner")),
                                    row.text("client_id"),
                                    row.number("expiry_s"),
                                    row.maybeTime("left_at"),
                                    willTopic == null
                                            ? null
                                            : BrokerJson.will(
                                                    willTopic,
                                                    row.bytes("will_payload"),
                                                    row.document("will")),
                                    subscriptions.getOrDefault(id, List.of()),
                                    queues.getOrDefault(id, List.of()),
                                    ids.getOrDefault(id, Set.of())));
                });
        return kept;
    }

    private Map<SessionId, List<Subscription>> subscriptions(Session session) throws SQLException {
        var all = new HashMap<SessionId, List<Subscription>>();
        session.sql("SELECT * FROM mqtt_subscriptions" + OWN_SESSIONS)
                .set(node)
                .each(row -> {
                    var filter =
                            Objects.requireNonNull(
                                    TopicFilter.parse(row.text("filter")), "a filter");
                    all.computeIfAbsent(
                                    new SessionId(row.uuid("session_id")), _ -> new ArrayList<>())
                            .add(
                                    new Subscription(
                                            filter,
                                            (int) row.number("qos"),
                                            row.flag("no_local"),
                                            row.flag("retain_as_published"),
                                            (int) row.number("identifier")));
                });
        return all;
    }

    private Map<SessionId, List<QueuedMessage>> queues(Session session) throws SQLException {
        var all = new HashMap<SessionId, List<QueuedMessage>>();
        session.sql("SELECT * FROM mqtt_queue" + OWN_SESSIONS + " ORDER BY session_id, position")
                .set(node)
                .each(row ->
                        all.computeIfAbsent(
                                        new SessionId(row.uuid("session_id")),
                                        _ -> new ArrayList<>())
                                .add(
                                        new QueuedMessage(
                                                row.number("position"),
                                                message(row, false),
                                                (int) row.number("qos"),
                                                row.flag("retained"),
                                                BrokerJson.numbers(row.json("identifiers")),
                                                row.flag("received"))));
        return all;
    }

    private Map<SessionId, Set<Integer>> receivedIds(Session session) throws SQLException {
        var all = new HashMap<SessionId, Set<Integer>>();
        session.sql("SELECT session_id, packet_id FROM mqtt_received_ids" + OWN_SESSIONS)
                .set(node)
                .each(row ->
                        all.computeIfAbsent(
                                        new SessionId(row.uuid("session_id")), _ -> new HashSet<>())
                                .add((int) row.number("packet_id")));
        return all;
    }

    private List<BrokerMessage> retained(Session session) throws SQLException {
        return session.sql("SELECT * FROM mqtt_retained WHERE node = ?")
                .set(node)
                .list(row -> message(row, true));
    }

    private static BrokerMessage message(Row row, boolean retain) throws SQLException {
        return new BrokerMessage(
                new TopicName(row.text("topic")),
                row.bytes("payload"),
                (int) row.number("qos"),
                retain,
                BrokerJson.properties(row.document("properties")),
                row.time("published_at"),
                row.maybeTime("expires_at"));
    }
}
