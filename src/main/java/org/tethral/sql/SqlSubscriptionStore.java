package org.tethral.sql;

import java.sql.SQLException;
import java.util.Optional;
import org.tethral.delivery.Standing;
import org.tethral.delivery.Subscription;
import org.tethral.delivery.SubscriptionId;
import org.tethral.delivery.SubscriptionStore;
import org.tethral.kernel.Page;
import org.tethral.kernel.StorageException;

public final class SqlSubscriptionStore implements SubscriptionStore {

    private static final String LIST = "subscriptions";

    private final Database database;

    public SqlSubscriptionStore(Database database) {
        this.database = database;
    }

    @Override
    public Outcome add(Subscription subscription, long after) {
        var name = subscription.name();
        try {
            return database.write(
                    "add subscription " + name, session -> add(session, subscription, after));
        } catch (StorageException e) {
            if (e.getCause() instanceof SQLException reason && SqlErrors.isDuplicate(reason)) {
                return new Outcome.NameTaken(name);
            }
            throw e;
        }
    }

    private static Outcome add(Session session, Subscription subscription, long after)
            throws SQLException {
        if (session.sql("SELECT count(*) FROM event_subscriptions").number()
                >= Subscription.SUBSCRIPTIONS_MAX) {
            return new Outcome.TooMany(Subscription.SUBSCRIPTIONS_MAX, null);
        }
        var community = subscription.interest().community();
        if (community != null
                && session.sql("SELECT count(*) FROM event_subscriptions WHERE community_id = ?")
                                .set(community)
                                .number()
                        >= Subscription.PER_COMMUNITY_MAX) {
            return new Outcome.TooMany(Subscription.PER_COMMUNITY_MAX, community);
        }
        var insert =
                session.sql(
                                """
                                INSERT INTO event_subscriptions
                                    (id, subscription_id, created_at, cursor, read_to, subscriber_id, community_id,
                                     event_types, sources, device_id, priority_filter, filter, sink, terms, active)
                                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                                """)
                        .set(subscription.id())
                        .set(subscription.name().value())
                        .set(subscription.createdAt())
                        .set(after)
                        .set(after);
        SubscriptionRows.bind(insert, subscription).update();
        return stored(session, subscription.name());
    }

    private static Outcome stored(Session session, SubscriptionId name) throws SQLException {
        return find(session, name)
                .<Outcome>map(Outcome.Stored::new)
                .orElseGet(() -> new Outcome.Unknown(name));
    }

    @Override
    public Optional<Standing> find(SubscriptionId name) {
        return database.read("find subscription " + name, session -> find(session, name));
    }

    private static Optional<Standing> find(Session session, SubscriptionId name)
            throws SQLException {
        return new Where()
                .equal("subscription_id", name.value())
                .in(session, SubscriptionRows.SELECT)
                .find(SubscriptionRows::standing);
    }

    @Override
    public Page<Standing> list(Filter filter, Page.Request page) {
        var where =
                new Where()
                        .equal(
                                "community_id",
                                filter.community() == null ? null : filter.community().value())
                        .equal("subscriber_id", filter.subscriber());
        var active = filter.active();
        if (active != null) {
            where.and(active ? "active" : "NOT active", _ -> {});
        }
        var after = Cursor.decode(LIST, 1, page);
        if (after != null) {
            where.and("subscription_id > ?", sql -> sql.set(after.text(0)));
        }
        var rows =
                database.read(
                        "list subscriptions",
                        session ->
                                where.in(
                                                session,
                                                SubscriptionRows.SELECT
                                                        + "ORDER BY subscription_id LIMIT ?")
                                        .set(page.limit() + 1)
                                        .list(SubscriptionRows::standing));
        return Cursor.page(LIST, rows, page, one -> Cursor.of(one.subscription().name().value()));
    }

    @Override
    public Outcome change(Subscription next) {
        var name = next.name();
        return database.write(
                "change subscription " + name,
                session -> {
                    var update =
                            session.sql(
                                    """
                                    UPDATE event_subscriptions
                                    SET subscriber_id = ?, community_id = ?, event_types = ?, sources = ?, device_id = ?,
                                        priority_filter = ?, filter = ?, sink = ?, terms = ?, active = ?,
                                        version = version + 1, revision = revision + 1
                                    WHERE subscription_id = ? AND version = ?
                                    """);
                    var changed =
                            SubscriptionRows.bind(update, next)
                                    .set(name.value())
                                    .set(next.version())
                                    .update();
                    var stored = find(session, name);
                    if (stored.isEmpty()) {
                        return new Outcome.Unknown(name);
                    }
                    return changed == 1
                            ? new Outcome.Stored(stored.get())
                            : new Outcome.VersionIsNow(stored.get().subscription().version());
                });
    }

    @Override
    public boolean remove(SubscriptionId name) {
        return database.write(
                "remove subscription " + name,
                session ->
                        session.sql("DELETE FROM event_subscriptions WHERE subscription_id = ?")
                                        .set(name.value())
                                        .update()
                                > 0);
    }

    /// The fence rises, so that nothing is written any more of what was under way before.
    @Override
    public Outcome replay(SubscriptionId name, long after) {
        return database.write(
                "replay to subscription " + name,
                session -> {
                    session.sql(
                                    """
                                    UPDATE event_subscriptions
                                    SET cursor = ?, read_to = ?, unsettled = '[]', revision = revision + 1,
                                        fence = fence + 1, worker = NULL, lease_until = NULL
                                    WHERE subscription_id = ?
                                    """)
                            .set(after)
                            .set(after)
                            .set(name.value())
                            .update();
                    session.sql(
                                    """
                                    DELETE FROM event_deliveries
                                    WHERE subscription_id = ? AND event_sequence > ? AND status IN ('pending', 'retrying')
                                    """)
                            .set(name.value())
                            .set(after)
                            .update();
                    return stored(session, name);
                });
    }
}
