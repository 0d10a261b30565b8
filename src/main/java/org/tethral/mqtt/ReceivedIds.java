package org.tethral.mqtt;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Packet ids of QoS 2 messages that a session received and that the client did not release yet:
/// one message each, however often it comes. Belongs to the session, so that a new connection knows
/// what the one before took. Thread-safe: commits are told by lanes.
final class ReceivedIds {

    /// What a PUBLISH with QoS 2 is.
    enum Seen {
        NEW,
        /// Taken before by the same connection, its commit is not through: the answer is on its
        /// way.
        WAITING,
        /// Taken before by another connection, its commit is not through. Who asked last is told.
        WAITING_ELSEWHERE,
        /// Stored before: to be confirmed again, nothing else.
        STORED
    }

    /// By packet id: the acknowledgement that waits for the answer, or [Seen#STORED], which keeps
    /// no connection alive. Null while no QoS 2 was seen: most devices use none.
    private @Nullable Map<Integer, Object> ids;

    ReceivedIds() {}

    /// As they were kept.
    ReceivedIds(Set<Integer> stored) {
        if (!stored.isEmpty()) {
            var known = new HashMap<Integer, Object>();
            stored.forEach(id -> known.put(id, Seen.STORED));
            ids = known;
        }
    }

    synchronized Seen begin(Acknowledgement asking) {
        var known = known();
        var before = known.get(asking.packetId());
        if (before instanceof Seen) {
            return Seen.STORED;
        }
        if (before instanceof Acknowledgement first && first.sameConnection(asking)) {
            return Seen.WAITING;
        }
        known.put(asking.packetId(), asking);
        return before == null ? Seen.NEW : Seen.WAITING_ELSEWHERE;
    }

    /// The message is stored, or refused: then its id is free again. Returns whom to tell.
    synchronized Acknowledgement answered(Acknowledgement first, boolean stored) {
        var known = known();
        var latest =
                stored ? known.put(first.packetId(), Seen.STORED) : known.remove(first.packetId());
        return latest instanceof Acknowledgement asking ? asking : first;
    }

    /// False when there is nothing to release.
    synchronized boolean release(int packetId) {
        return ids != null && ids.remove(packetId, Seen.STORED);
    }

    synchronized Set<Integer> stored() {
        var stored = new java.util.HashSet<Integer>();
        known().forEach((id, what) -> {
            if (what == Seen.STORED) {
                stored.add(id);
            }
        });
        return stored;
    }

    private Map<Integer, Object> known() {
        if (ids == null) {
            ids = new HashMap<>();
        }
        return ids;
    }
}
