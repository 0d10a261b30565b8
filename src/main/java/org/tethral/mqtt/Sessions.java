package org.tethral.mqtt;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.device.DeviceId;

/// All sessions of this node, by owner and client id: one client id is one session, within its
/// owner.
final class Sessions {

    /// Few enough that one device cannot fill the queue that all share.
    static final int CONNECTIONS_PER_DEVICE_MAX = 8;

    static final int CONNECTIONS_PER_KEY_MAX = 256;
    static final int CONNECTIONS_OF_ANYBODY_MAX = 1_024;

    /// Sessions without a connection. Above it, who leaves is not kept.
    static final int SESSIONS_KEPT_MAX = 10_000;

    private final ConcurrentMap<Actor, List<Session>> sessions = new ConcurrentHashMap<>();
    private final AtomicInteger keptCount = new AtomicInteger();

    sealed interface Claim {
        /// @param resumed the session was there before
        /// @param displaced the connection that had it, to be closed by the caller
        /// @param replaced the session of that name that the client does not want any more, to be
        ///   ended by the caller
        record Granted(
                Session session,
                boolean resumed,
                @Nullable MqttConnection displaced,
                @Nullable Session replaced)
                implements Claim {}

        record TooManyConnections() implements Claim {}
    }

    /// What becomes of a session whose connection is gone.
    enum Leaving {
        KEPT,
        /// It is gone, to be ended by the caller.
        OVER,
        /// Another connection has it by now.
        TAKEN
    }

    /// A session as it was kept over a restart.
    void restore(Session session) {
        keptCount.incrementAndGet();
        sessions.merge(
                session.owner(),
                List.of(session),
                (before, one) -> {
                    var all = new ArrayList<>(before);
                    all.addAll(one);
                    return List.copyOf(all);
                });
    }

    /// The session of that client id is the caller's from now on.
    ///
    /// @param cleanStart it begins afresh
    Claim claim(
            Actor owner, int sessionsMax, String clientId, boolean cleanStart, MqttConnection by) {
        var claim = new Claim[1];
        sessions.compute(
                owner,
                (_, before) -> {
                    var others = new ArrayList<>(before == null ? List.<Session>of() : before);
                    var known = find(others, clientId);
                    if (known == null && others.size() >= sessionsMax) {
                        claim[0] = new Claim.TooManyConnections();
                        return before;
                    }
                    others.remove(known);
                    var displaced = known == null ? null : known.connection();
                    if (known != null && displaced == null) {
                        keptCount.decrementAndGet();
                    }
                    var resumed = known != null && !cleanStart;
                    var session =
                            resumed ? Objects.requireNonNull(known) : new Session(owner, clientId);
                    session.belongsTo(by);
                    others.add(session);
                    claim[0] =
                            new Claim.Granted(session, resumed, displaced, resumed ? null : known);
                    return List.copyOf(others);
                });
        return Objects.requireNonNull(claim[0]);
    }

    /// The connection is gone.
    ///
    /// @param keep whether the client wants the session kept
    /// @param kept runs if it is, before any other connection can have it; must return at once
    Leaving leave(Session session, MqttConnection gone, boolean keep, Runnable kept) {
        var leaving = new Leaving[] {Leaving.TAKEN};
        sessions.computeIfPresent(
                session.owner(),
                (_, all) -> {
                    if (!all.contains(session) || session.connection() != gone) {
                        return all;
                    }
                    session.belongsTo(null);
                    if (keep && keptCount.get() < SESSIONS_KEPT_MAX) {
                        keptCount.incrementAndGet();
                        leaving[0] = Leaving.KEPT;
                        kept.run();
                        return all;
                    }
                    leaving[0] = Leaving.OVER;
                    return without(all, session);
                });
        return leaving[0];
    }

    /// Forgets a session that nobody has. False: somebody has it.
    boolean forget(Session session) {
        var forgotten = new boolean[1];
        sessions.computeIfPresent(
                session.owner(),
                (_, all) -> {
                    if (!all.contains(session) || session.connection() != null) {
                        return all;
                    }
                    keptCount.decrementAndGet();
                    forgotten[0] = true;
                    return without(all, session);
                });
        return forgotten[0];
    }

    /// Of sessions that there are.
    List<Actor> owners() {
        return List.copyOf(sessions.keySet());
    }

    List<Session> of(Actor owner) {
        return sessions.getOrDefault(owner, List.of());
    }

    List<MqttConnection> connections(Actor owner) {
        return connections(of(owner));
    }

    /// Of all owners.
    List<MqttConnection> connections() {
        return sessions.values().stream().flatMap(all -> connections(all).stream()).toList();
    }

    /// How many messages the queue of each session holds.
    IntStream queueLengths() {
        return sessions.values().stream().flatMap(List::stream).mapToInt(Session::queueLength);
    }

    private static List<MqttConnection> connections(List<Session> all) {
        return all.stream().map(Session::connection).filter(Objects::nonNull).toList();
    }

    boolean connected(DeviceId device) {
        for (var session : of(Actor.device(device.value()))) {
            if (session.connection() != null) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable List<Session> without(List<Session> all, Session one) {
        var rest = all.stream().filter(session -> session != one).toList();
        return rest.isEmpty() ? null : rest;
    }

    private static @Nullable Session find(List<Session> all, String clientId) {
        for (var session : all) {
            if (session.clientId().equals(clientId)) {
                return session;
            }
        }
        return null;
    }
}
