package org.tethral.mqtt;

import java.util.HashMap;
import java.util.Map;

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
    /// no connection alive.
    private final Map<Integer, Object> ids = new HashMap<>();

    synchronized Seen begin(Acknowledgement asking) {
        var before = ids.get(asking.packetId());
        if (before instanceof Seen) {
            return Seen.STORED;
        }
        if (before instanceof Acknowledgement first && first.sameConnection(asking)) {
            return Seen.WAITING;
        }
        ids.put(asking.packetId(), asking);
        return before == null ? Seen.NEW : Seen.WAITING_ELSEWHERE;
    }

    /// The message is stored, or refused: then its id is free again. Returns whom to tell.
    synchronized Acknowledgement answered(Acknowledgement first, boolean stored) {
        var latest = stored ? ids.put(first.packetId(), Seen.STORED) : ids.remove(first.packetId());
        return latest instanceof Acknowledgement asking ? asking : first;
    }

    /// False when there is nothing to release.
    synchronized boolean release(int packetId) {
        return ids.remove(packetId, Seen.STORED);
    }
}
