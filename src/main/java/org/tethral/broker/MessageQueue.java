package org.tethral.broker;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What waits for one session with QoS 1 or 2, and what its client has not confirmed yet: in order,
/// bounded. Not thread-safe.
///
/// A message of a session that is kept is first held back ([#add] with `ready` false) and let go
/// ([#ready]) when it is durable; those behind it wait for it, so that the order stays.
public final class MessageQueue {

    public static final int MESSAGES_MAX = 1_000;
    public static final long BYTES_MAX = 8L * 1024 * 1024;

    /// Packet ids 1 to this are for messages of queues.
    public static final int PACKET_IDS = 60_000;

    /// Something that was sent and waits for the client's word, or has to be sent.
    public static final class Entry {
        private QueuedMessage message;
        private boolean ready;
        private boolean sentBefore;

        private Entry(QueuedMessage message, boolean ready, boolean sentBefore) {
            this.message = message;
            this.ready = ready;
            this.sentBefore = sentBefore;
        }

        public QueuedMessage message() {
            return message;
        }

        /// Whether the client may have it already (the DUP flag).
        public boolean sentBefore() {
            return sentBefore;
        }
    }

    private final Deque<Entry> waiting = new ArrayDeque<>();
    private final Map<Integer, Entry> inFlight = new LinkedHashMap<>();
    private long nextPosition;
    private long bytes;

    /// As it was kept.
    ///
    /// @param leftAt since when its client is away: what came later it cannot have seen; null: it
    ///   was there until the end
    public static MessageQueue of(List<QueuedMessage> kept, @Nullable Instant leftAt) {
        var queue = new MessageQueue();
        for (var message : kept) {
            var seen = leftAt == null || message.message().publishedAt().isBefore(leftAt);
            var entry = new Entry(message, true, seen);
            if (message.received()) {
                queue.inFlight.put(message.packetId(), entry);
            } else {
                queue.waiting.add(entry);
            }
            queue.bytes += message.message().bytes();
            queue.nextPosition = message.position() + 1;
        }
        return queue;
    }

    static int packetId(long position) {
        return (int) (position % PACKET_IDS) + 1;
    }

    public boolean isEmpty() {
        return waiting.isEmpty() && inFlight.isEmpty();
    }

    public int size() {
        return waiting.size() + inFlight.size();
    }

    /// Sent and not confirmed.
    public int inFlight() {
        return inFlight.size();
    }

    /// All of it, by position.
    public List<QueuedMessage> messages() {
        var all = new ArrayList<QueuedMessage>();
        inFlight.values().forEach(entry -> all.add(entry.message));
        waiting.forEach(entry -> all.add(entry.message));
        all.sort(java.util.Comparator.comparingLong(QueuedMessage::position));
        return all;
    }

    /// Null: it is full, the message was not taken.
    public @Nullable Entry add(
            BrokerMessage message,
            int qos,
            boolean retained,
            List<Integer> identifiers,
            boolean ready) {
        if (size() >= MESSAGES_MAX || bytes + message.bytes() > BYTES_MAX) {
            return null;
        }
        while (inFlight.containsKey(packetId(nextPosition))) {
            nextPosition++; // the id of one that the client is slow to confirm
        }
        var entry =
                new Entry(
                        new QueuedMessage(
                                nextPosition++, message, qos, retained, identifiers, false),
                        ready,
                        false);
        waiting.add(entry);
        bytes += message.bytes();
        return entry;
    }

    /// It is durable now, and may be sent when its turn comes.
    public void ready(Entry entry) {
        entry.ready = true;
    }

    /// It will never be durable.
    public void withdraw(Entry entry) {
        if (waiting.remove(entry)) {
            bytes -= entry.message.message().bytes();
        }
    }

    /// The next one to be sent, which is in flight from now on; null: none, or the next one is held
    /// back.
    ///
    /// @param expired gets those that are worth nothing any more: they are taken out
    public @Nullable Entry next(Instant now, Collection<QueuedMessage> expired) {
        while (true) {
            var entry = waiting.peek();
            if (entry == null || !entry.ready) {
                return null;
            }
            waiting.remove();
            // one that may have arrived is brought to its end, as its packet id is in use
            if (entry.message.message().expiredAt(now) && !entry.sentBefore) {
                bytes -= entry.message.message().bytes();
                expired.add(entry.message);
                continue;
            }
            inFlight.put(entry.message.packetId(), entry);
            return entry;
        }
    }

    /// PUBACK: it is through. Null: nothing of that id was sent with QoS 1.
    public @Nullable QueuedMessage acknowledged(int packetId) {
        var entry = inFlight.get(packetId);
        return entry == null || entry.message.qos() != 1 ? null : remove(packetId);
    }

    /// PUBREC that says no, or what must not be sent after all: it is through.
    public @Nullable QueuedMessage remove(int packetId) {
        var entry = inFlight.remove(packetId);
        if (entry == null) {
            return null;
        }
        bytes -= entry.message.message().bytes();
        return entry.message;
    }

    /// PUBREC: the client has it. Null: nothing of that id was sent with QoS 2. Of a message whose
    /// `received` is true already, this is a repetition.
    public @Nullable QueuedMessage received(int packetId) {
        var entry = inFlight.get(packetId);
        if (entry == null || entry.message.qos() != 2) {
            return null;
        }
        var before = entry.message;
        entry.message = before.nowReceived();
        return before;
    }

    /// PUBCOMP: it is through. Null: nothing of that id was released.
    public @Nullable QueuedMessage completed(int packetId) {
        var entry = inFlight.get(packetId);
        return entry == null || !entry.message.received() ? null : remove(packetId);
    }

    /// A new connection has the session: what was not confirmed goes out again, before the rest.
    /// Returns what the client has, and only needs to be released.
    public List<QueuedMessage> restart() {
        var again = new ArrayList<Entry>();
        var released = new ArrayList<QueuedMessage>();
        for (var entry : inFlight.values()) {
            if (entry.message.received()) {
                released.add(entry.message);
            } else {
                again.add(entry);
            }
        }
        for (var entry : again.reversed()) {
            inFlight.remove(entry.message.packetId());
            entry.sentBefore = true;
            waiting.addFirst(entry);
        }
        return released;
    }
}
