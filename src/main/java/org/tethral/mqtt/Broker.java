package org.tethral.mqtt;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tethral.broker.BrokerMessage;
import org.tethral.broker.MessageQueue;
import org.tethral.broker.QueuedMessage;
import org.tethral.broker.RetainedMessages;
import org.tethral.broker.SessionChange;
import org.tethral.broker.SessionId;
import org.tethral.broker.Subscription;
import org.tethral.broker.SubscriptionTree;
import org.tethral.broker.TopicFilter;
import org.tethral.broker.TopicName;
import org.tethral.broker.Will;
import org.tethral.ingest.Answer;
import org.tethral.ingest.Ingest;

/// Hands messages of general topics from who publishes to who subscribed, retains them, and has
/// kept what must be: a publisher's message is acknowledged when its copies for kept sessions, its
/// place as the retained one and its packet id are durable, all in one commit. Thread-safe.
///
/// Locks are taken in this order: this one, a session's monitor, the postings'.
final class Broker {

    /// What becomes of a message that was published.
    enum Taken {
        /// There is nothing to wait for.
        AT_ONCE,
        /// The reply will tell.
        WHEN_DURABLE,
        /// There is no room to retain it; nobody gets it.
        NO_ROOM
    }

    private record Held(Session session, MessageQueue.Entry entry) {}

    private static final Ingest.Reply NOBODY = _ -> {};

    private final Postings postings;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final MqttMeters meters;
    private final ReentrantLock lock = new ReentrantLock();
    private final SubscriptionTree<Session> tree = new SubscriptionTree<>();
    private final RetainedMessages retained = new RetainedMessages();

    /// Subscriptions of applications. Written under the lock.
    private volatile int ofApplications;

    Broker(Postings postings, InstantSource clock, RandomGenerator random, MqttMeters meters) {
        this.postings = postings;
        this.clock = clock;
        this.random = random;
        this.meters = meters;
    }

    Postings postings() {
        return postings;
    }

    /// As they were kept.
    void restore(List<BrokerMessage> messages) {
        lock.lock();
        try {
            messages.forEach(retained::set);
        } finally {
            lock.unlock();
        }
    }

    /// As it was kept.
    void restore(Session session) {
        lock.lock();
        try {
            session.subscriptions().forEach(one -> route(session, one));
        } finally {
            lock.unlock();
        }
    }

    /// What a device subscribed to is told by the platform itself, not by who publishes.
    private void route(Session session, Subscription subscription) {
        if (!session.owner().kind().equals(Identity.DEVICE)) {
            var before = tree.size();
            tree.subscribe(session, subscription);
            count(session, before);
        }
    }

    private void unroute(Session session, TopicFilter filter) {
        var before = tree.size();
        tree.unsubscribe(session, filter);
        count(session, before);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
    private void count(Session session, int sizeBefore) {
        if (session.owner().kind().equals(Identity.API_KEY)) {
            ofApplications += tree.size() - sizeBefore;
        }
    }

    /// Whether any application subscribed to anything.
    boolean tellsApplications() {
        return ofApplications > 0;
    }

    /// Whether anybody subscribed to it.
    boolean wanted(TopicName topic) {
        lock.lock();
        try {
            return tree.matches(topic);
        } finally {
            lock.unlock();
        }
    }

    /// @param from whose message it is; null: the platform's, or a will's
    /// @param packetId under which `from` sent it with QoS 2, to be kept with it; 0: none
    /// @param reply is told when the answer is [Taken#WHEN_DURABLE]
    Taken publish(BrokerMessage message, @Nullable Session from, int packetId, Ingest.Reply reply) {
        var changes = new ArrayList<SessionChange>();
        var held = new ArrayList<Held>();
        lock.lock();
        try {
            if (message.retain() && !retain(message, changes)) {
                return Taken.NO_ROOM;
            }
            for (var match : tree.match(message.topic(), Session::connected)) {
                deliver(message, match, from, changes, held);
            }
            var sender = from == null ? null : from.id();
            if (packetId > 0 && sender != null) {
                changes.add(new SessionChange.IdKept(sender, packetId));
            }
            if (changes.isEmpty()) {
                return Taken.AT_ONCE;
            }
            var bytes = message.bytes() * changes.size();
            postings.post(changes, bytes, answer -> durable(held, answer, reply));
            return Taken.WHEN_DURABLE;
        } finally {
            lock.unlock();
        }
    }

    private boolean retain(BrokerMessage message, List<SessionChange> changes) {
        if (message.payload().length == 0) {
            if (retained.clear(message.topic())) {
                changes.add(new SessionChange.RetainedCleared(message.topic()));
            }
            return true;
        }
        if (!retained.set(message)) {
            return false;
        }
        changes.add(new SessionChange.Retained(message));
        return true;
    }

    private void deliver(
            BrokerMessage message,
            SubscriptionTree.Match<Session> match,
            @Nullable Session from,
            List<SessionChange> changes,
            List<Held> held) {
        var session = match.subscriber();
        var grant = Grant.of(match.subscriptions(), from == session);
        if (grant.qos() >= 0 && Identity.mayReceive(session.owner(), message.topic())) {
            hand(
                    session,
                    message,
                    Math.min(grant.qos(), message.qos()),
                    grant.asPublished() && message.retain(),
                    grant.identifiers(),
                    changes,
                    held);
        }
    }

    private void hand(
            Session session,
            BrokerMessage message,
            int qos,
            boolean retainedFlag,
            List<Integer> identifiers,
            List<SessionChange> changes,
            List<Held> held) {
        if (qos == 0) {
            if (!session.offer(new Session.Live(message, retainedFlag, identifiers))) {
                meters.dropped();
            }
            return;
        }
        var id = session.id();
        var entry = session.enqueue(message, qos, retainedFlag, identifiers, id == null);
        if (entry == null) {
            meters.dropped();
        } else if (id != null) {
            changes.add(new SessionChange.Queued(id, entry.message()));
            held.add(new Held(session, entry));
        }
    }

    /// On a lane's thread.
    private static void durable(List<Held> held, Answer answer, Ingest.Reply reply) {
        for (var one : held) {
            if (answer instanceof Answer.Stored) {
                one.session().ready(one.entry());
            } else {
                one.session().withdraw(one.entry());
            }
        }
        reply.answered(answer);
    }

    /// Retained messages that a new subscription gets.
    List<BrokerMessage> retained(TopicFilter filter) {
        lock.lock();
        try {
            return retained.matching(filter, clock.instant());
        } finally {
            lock.unlock();
        }
    }

    /// Gives a session a message that was retained before its subscription.
    void handRetained(Session session, BrokerMessage message, Subscription subscription) {
        if (!Identity.mayReceive(session.owner(), message.topic())) {
            return;
        }
        var changes = new ArrayList<SessionChange>();
        var held = new ArrayList<Held>();
        hand(
                session,
                message,
                Math.min(subscription.qos(), message.qos()),
                true,
                Grant.of(List.of(subscription), false).identifiers(),
                changes,
                held);
        if (!changes.isEmpty()) {
            postings.post(changes, message.bytes(), answer -> durable(held, answer, NOBODY));
        }
    }

    /// True when its filter is new to the session.
    boolean subscribe(Session session, Subscription subscription) {
        lock.lock();
        try {
            if (session.ended()) {
                return false;
            }
            route(session, subscription);
            return session.subscribe(subscription);
        } finally {
            lock.unlock();
        }
    }

    /// False when there was none.
    boolean unsubscribe(Session session, TopicFilter filter) {
        lock.lock();
        try {
            unroute(session, filter);
            return session.unsubscribe(filter);
        } finally {
            lock.unlock();
        }
    }

    /// A connection has the session from now on: it is kept if the client wants that, or if it was
    /// kept before.
    void opened(Session session, Hello hello, @Nullable Will will) {
        if (hello.sessionExpirySeconds() == 0 && session.id() == null) {
            return;
        }
        var changes = new ArrayList<SessionChange>();
        lock.lock();
        try {
            var known = session.id();
            var id =
                    known == null
                            ? new SessionId(new UUID(random.nextLong(), random.nextLong()))
                            : known;
            changes.add(
                    new SessionChange.Opened(
                            id,
                            session.owner(),
                            session.clientId(),
                            hello.sessionExpirySeconds(),
                            will));
            if (known == null) {
                session.keepAs(id);
                session.subscriptions()
                        .forEach(one -> changes.add(new SessionChange.Subscribed(id, one)));
                session.queued().forEach(one -> changes.add(new SessionChange.Queued(id, one)));
                session.receivedIds()
                        .stored()
                        .forEach(one -> changes.add(new SessionChange.IdKept(id, one)));
            }
            postings.post(changes, 0, NOBODY);
        } finally {
            lock.unlock();
        }
    }

    /// Nobody has it for now.
    void left(Session session, Duration expiry, boolean willPending) {
        post(
                session,
                id -> new SessionChange.Left(id, clock.instant(), expiry.toSeconds(), willPending));
    }

    /// It is gone for good.
    void ended(Session session) {
        lock.lock();
        try {
            if (session.end()) {
                session.subscriptions().forEach(one -> unroute(session, one.filter()));
                post(session, SessionChange.Ended::new);
            }
        } finally {
            lock.unlock();
        }
    }

    /// The client is through with these, or they are worth nothing.
    void dequeued(Session session, List<QueuedMessage> messages) {
        var id = session.id();
        if (id != null) {
            postings.post(
                    messages.stream()
                            .<SessionChange>map(
                                    one -> new SessionChange.Dequeued(id, one.position()))
                            .toList(),
                    0,
                    NOBODY);
        }
    }

    /// Has a change of a session kept, if the session is.
    void post(Session session, KeptChange change) {
        var _ = post(session, change, NOBODY);
    }

    /// False: the session is not kept, the reply will not be told.
    boolean post(Session session, KeptChange change, Ingest.Reply reply) {
        var id = session.id();
        if (id == null) {
            return false;
        }
        postings.post(List.of(change.of(id)), 0, reply);
        return true;
    }

    /// Forgets retained messages that are worth nothing any more.
    void sweep() {
        lock.lock();
        try {
            var gone = retained.expiredAt(clock.instant());
            if (!gone.isEmpty()) {
                gone.forEach(retained::clear);
                postings.post(
                        gone.stream()
                                .<SessionChange>map(SessionChange.RetainedCleared::new)
                                .toList(),
                        0,
                        NOBODY);
            }
        } finally {
            lock.unlock();
        }
    }
}
