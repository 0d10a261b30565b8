package org.tethral.mqtt;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.tethral.device.DeviceId;

/// All sessions of this node, by device and client id: one client id is one session, within its
/// device.
final class Sessions {

    /// Few enough that one device cannot fill the queue that all share.
    static final int CONNECTIONS_PER_DEVICE_MAX = 8;

    /// Sessions without a connection. Above it, who leaves is not kept.
    static final int SESSIONS_KEPT_MAX = 10_000;

    private final ConcurrentMap<DeviceId, List<Session>> sessions = new ConcurrentHashMap<>();
    private final AtomicInteger kept = new AtomicInteger();

    sealed interface Claim {
        /// @param resumed the session was there before
        /// @param displaced the connection that had it, to be closed by the caller
        record Granted(Session session, boolean resumed, @Nullable MqttConnection displaced)
                implements Claim {}

        record TooManyConnections() implements Claim {}
    }

    /// The session of that client id is the caller's from now on.
    ///
    /// @param cleanStart it begins afresh
    Claim claim(DeviceId device, String clientId, boolean cleanStart, MqttConnection by) {
        var claim = new Claim[1];
        sessions.compute(
                device,
                (_, before) -> {
                    var others = new ArrayList<>(before == null ? List.<Session>of() : before);
                    var known = find(others, clientId);
                    if (known == null && others.size() >= CONNECTIONS_PER_DEVICE_MAX) {
                        claim[0] = new Claim.TooManyConnections();
                        return before;
                    }
                    others.remove(known);
                    var displaced = known == null ? null : known.connection();
                    if (known != null && displaced == null) {
                        kept.decrementAndGet();
                    }
                    var resumed = known != null && !cleanStart;
                    var session = resumed ? Objects.requireNonNull(known) : new Session(clientId);
                    session.belongsTo(by);
                    others.add(session);
                    claim[0] = new Claim.Granted(session, resumed, displaced);
                    return List.copyOf(others);
                });
        return Objects.requireNonNull(claim[0]);
    }

    /// The connection is gone. Its session is kept, or forgotten; nothing happens when another one
    /// has it by now.
    ///
    /// @param keepSeconds 0: not
    void leave(DeviceId device, Session session, MqttConnection gone, long keepSeconds) {
        sessions.computeIfPresent(
                device,
                (_, all) -> {
                    if (!all.contains(session) || session.connection() != gone) {
                        return all;
                    }
                    if (keepSeconds > 0 && kept.get() < SESSIONS_KEPT_MAX) {
                        kept.incrementAndGet();
                        session.keepUntil(
                                System.nanoTime() + Duration.ofSeconds(keepSeconds).toNanos());
                        return all;
                    }
                    return without(all, session);
                });
    }

    List<MqttConnection> connections(DeviceId device) {
        return sessions.getOrDefault(device, List.of()).stream()
                .map(Session::connection)
                .filter(Objects::nonNull)
                .toList();
    }

    /// Of all devices.
    List<MqttConnection> connections() {
        return sessions.values().stream()
                .flatMap(List::stream)
                .map(Session::connection)
                .filter(Objects::nonNull)
                .toList();
    }

    boolean connected(DeviceId device) {
        for (var session : sessions.getOrDefault(device, List.of())) {
            if (session.connection() != null) {
                return true;
            }
        }
        return false;
    }

    /// Forgets the sessions of the device that are only kept.
    void forgetKept(DeviceId device) {
        sessions.computeIfPresent(device, (_, all) -> withoutKept(all, _ -> true));
    }

    /// Forgets what was kept long enough.
    void sweep(long nanoTime) {
        if (kept.get() > 0) {
            sessions.keySet()
                    .forEach(device ->
                            sessions.computeIfPresent(
                                    device,
                                    (_, all) ->
                                            withoutKept(
                                                    all, session -> session.expired(nanoTime))));
        }
    }

    private @Nullable List<Session> withoutKept(
            List<Session> all, java.util.function.Predicate<Session> condition) {
        var rest = new ArrayList<Session>(all.size());
        for (var session : all) {
            if (session.connection() == null && condition.test(session)) {
                kept.decrementAndGet();
            } else {
                rest.add(session);
            }
        }
        return rest.size() == all.size() ? all : rest.isEmpty() ? null : List.copyOf(rest);
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
