package org.tethral.mqtt;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.tethral.broker.BrokerMessage;
import org.tethral.broker.MessageProperties;
import org.tethral.broker.QueuedMessage;
import org.tethral.broker.SessionChange;
import org.tethral.broker.Subscription;

/// Messages to the client: those of its session's queue, and notes of the platform that nobody
/// keeps, as the newest counts. A client that reads slowly, or does not acknowledge, costs a
/// bounded amount of memory and loses messages, counted, rather than holding up anybody: its
/// session bounds what waits, notes are dropped when [#WAITING_MAX] wait already. On the event
/// loop.
final class Outgoing {

    /// Unacknowledged messages at a time, fewer where the client wants that.
    static final int WINDOW_MAX = 128;

    static final int WAITING_MAX = 100;

    /// Aliases that one connection is given at most.
    static final int ALIASES_MAX = 16;

    /// Retained messages that are moved on together.
    private static final int RETAINED_STEP = 16;

    /// Fixed header, lengths, packet id and numeric properties, at most about.
    private static final int PACKET_OVERHEAD_BYTES = 64;

    private final MqttConnection connection;
    private final Session session;
    private final Hello hello;
    private final Surroundings around;
    private final MqttMeters meters;
    private final int window;
    private final NoteIds noteIds = new NoteIds();
    private @Nullable Queue<Message> waiting;
    private @Nullable Queue<Retained> retainedDue;
    private @Nullable Map<String, Integer> aliases;

    /// A note of the platform.
    ///
    /// @param payload JSON
    /// @param subscriptions that it is sent for, at least one
    record Message(
            String topic, String payload, boolean retained, List<Subscription> subscriptions) {

        int qos() {
            var qos = 0;
            for (var subscription : subscriptions) {
                qos = Math.max(qos, subscription.qos());
            }
            return qos;
        }

        long bytes() {
            return (long) ByteBufUtil.utf8Bytes(topic) + ByteBufUtil.utf8Bytes(payload);
        }

        List<Integer> identifiers() {
            return subscriptions.stream()
                    .map(Subscription::identifier)
                    .filter(number -> number > 0)
                    .toList();
        }
    }

    private record Retained(BrokerMessage message, Subscription subscription) {}

    Outgoing(Conversation conversation, Surroundings around) {
        this.connection = conversation.connection();
        this.session = conversation.session();
        this.hello = conversation.hello();
        this.around = around;
        this.meters = around.meters();
        this.window = Math.min(WINDOW_MAX, hello.receiveMaximum());
    }

    /// Whether [#send] would write at once.
    boolean ready() {
        return noteRoom() && (waiting == null || waiting.isEmpty());
    }

    private boolean noteRoom() {
        return room() && noteIds.free();
    }

    private boolean room() {
        return connection.writable() && noteIds.inFlight() + session.inFlight() < window;
    }

    /// Writes it, keeps it until the client has room, or drops it.
    void send(Message message) {
        if (message.bytes() + PACKET_OVERHEAD_BYTES > hello.packetBytesMax()) {
            meters.dropped();
        } else if (message.qos() == 0) {
            if (connection.writable()) {
                write(message, 0);
            } else {
                meters.dropped();
            }
        } else if (ready()) {
            writeInFlight(message);
        } else if (waiting == null || waiting.size() < WAITING_MAX) {
            if (waiting == null) {
                waiting = new ArrayDeque<>();
            }
            waiting.add(message);
        } else {
            meters.dropped();
        }
    }

    /// A message that was retained before its subscription: sent as there is room.
    void retained(BrokerMessage message, Subscription subscription) {
        if (retainedDue == null) {
            retainedDue = new ArrayDeque<>();
        }
        retainedDue.add(new Retained(message, subscription));
    }

    /// What became of a note that is not kept until there is room.
    enum Writing {
        WRITTEN,
        NO_ROOM,
        /// Larger than the client takes.
        TOO_LARGE
    }

    /// Writes it now or not at all.
    ///
    /// @param receipt is told when the client has acknowledged it: never, where it is sent with QoS
    ///   0
    Writing write(Message message, NoteIds.Receipt receipt) {
        if (message.bytes() + PACKET_OVERHEAD_BYTES > hello.packetBytesMax()) {
            meters.dropped();
            return Writing.TOO_LARGE;
        }
        if (message.qos() == 0 ? !connection.writable() : !ready()) {
            return Writing.NO_ROOM;
        }
        write(message, message.qos() == 0 ? 0 : noteIds.take(receipt));
        return Writing.WRITTEN;
    }

    /// PUBACK. Unknown ids are left alone: they are of a connection before.
    void acknowledged(int packetId, int reason) {
        if (!noteIds.acknowledged(packetId, reason)) {
            dequeued(session.acknowledged(packetId));
        }
    }

    /// PUBREC. Its release is sent when it is durable that the client has the message: else it
    /// could come once more after a restart.
    void received(int packetId, boolean refused) {
        if (refused) {
            dequeued(session.remove(packetId));
            pump();
            return;
        }
        var message = session.received(packetId);
        if (message == null) {
            connection.write(
                    Packets.release(
                            packetId,
                            hello.version5() ? Packets.PACKET_ID_NOT_FOUND : 0,
                            MqttProperties.NO_PROPERTIES));
            return;
        }
        var waits =
                !message.received()
                        && around.broker()
                                .post(
                                        session,
                                        id -> new SessionChange.Received(id, message.position()),
                                        _ ->
                                                connection
                                                        .loop()
                                                        .outbox()
                                                        .add(() -> releaseIfOpen(packetId)));
        if (!waits) {
            release(packetId);
        }
    }

    private void releaseIfOpen(int packetId) {
        var conversation = connection.conversation();
        if (conversation != null) {
            release(packetId);
            conversation.flushLater();
        }
    }

    private void release(int packetId) {
        connection.write(Packets.release(packetId, 0, MqttProperties.NO_PROPERTIES));
    }

    /// PUBCOMP.
    void completed(int packetId) {
        dequeued(session.completed(packetId));
    }

    private void dequeued(@Nullable QueuedMessage message) {
        if (message != null) {
            around.broker().dequeued(session, List.of(message));
        }
    }

    /// The session was there before: what its client did not confirm goes out again.
    void restart() {
        session.restart().forEach(message -> release(message.packetId()));
        pump();
    }

    /// Writes what waits, as far as there is room.
    void pump() {
        while (waiting != null && noteRoom()) {
            writeInFlight(waiting.remove());
            if (waiting.isEmpty()) {
                waiting = null;
            }
        }
        do {
            pumpLive();
            pumpQueue();
        } while (moveRetained());
    }

    private void pumpLive() {
        while (connection.writable()) {
            var live = session.nextLive();
            if (live == null) {
                return;
            }
            if (!live.message().expiredAt(around.clock().instant())) {
                var _ = write(live.message(), 0, live.retained(), live.identifiers(), 0, false);
            }
        }
    }

    private void pumpQueue() {
        var over = new ArrayList<QueuedMessage>(0);
        while (room()) {
            var entry = session.next(around.clock().instant(), over);
            if (entry == null) {
                break;
            }
            var message = entry.message();
            if (!write(
                    message.message(),
                    message.qos(),
                    message.retained(),
                    message.identifiers(),
                    message.packetId(),
                    entry.sentBefore())) {
                var removed = session.remove(message.packetId());
                if (removed != null) {
                    over.add(removed);
                }
            }
        }
        if (!over.isEmpty()) {
            around.broker().dequeued(session, over);
        }
    }

    /// False: there is none, or no room for more.
    private boolean moveRetained() {
        if (retainedDue == null || !room() || session.waiting() >= window) {
            return false;
        }
        for (int i = 0; i < RETAINED_STEP; i++) {
            var next = retainedDue.poll();
            if (next == null) {
                retainedDue = null;
                break;
            }
            around.broker().handRetained(session, next.message(), next.subscription());
        }
        return true;
    }

    private void writeInFlight(Message message) {
        write(message, noteIds.take(null));
    }

    private void write(Message message, int packetId) {
        var properties = new MqttProperties();
        if (hello.version5()) {
            identify(message.identifiers(), properties);
        }
        meters.sent();
        connection.write(
                Packets.publish(
                        message.topic(),
                        Unpooled.copiedBuffer(message.payload(), StandardCharsets.UTF_8),
                        packetId == 0 ? 0 : 1,
                        message.retained(),
                        packetId,
                        false,
                        properties));
    }

    /// False: it is larger than the client takes, and counts as sent (MQTT 5, 3.1.2.11.4).
    private boolean write(
            BrokerMessage message,
            int qos,
            boolean retained,
            List<Integer> identifiers,
            int packetId,
            boolean again) {
        if (bytes(message) + PACKET_OVERHEAD_BYTES + 5L * identifiers.size()
                > hello.packetBytesMax()) {
            meters.dropped();
            return false;
        }
        var topic = message.topic().text();
        var properties = new MqttProperties();
        if (hello.version5()) {
            identify(identifiers, properties);
            MessageFields.write(
                    message.properties(),
                    message.expirySecondsAt(around.clock().instant()),
                    properties);
            topic = aliased(topic, properties);
        }
        meters.sent();
        connection.write(
                Packets.publish(
                        topic,
                        Unpooled.wrappedBuffer(message.payload()),
                        qos,
                        retained,
                        packetId,
                        again,
                        properties));
        return true;
    }

    private static void identify(List<Integer> identifiers, MqttProperties properties) {
        for (var identifier : identifiers) {
            properties.add(new IntegerProperty(MqttProperties.SUBSCRIPTION_IDENTIFIER, identifier));
        }
    }

    /// The first topics that a client is sent get their aliases (MQTT 5, 3.3.2.3.4).
    private String aliased(String topic, MqttProperties properties) {
        var most = Math.min(hello.topicAliasMax(), ALIASES_MAX);
        if (most == 0) {
            return topic;
        }
        if (aliases == null) {
            aliases = new HashMap<>();
        }
        var known = aliases.get(topic);
        if (known == null && aliases.size() >= most) {
            return topic;
        }
        var alias = known == null ? aliases.size() + 1 : known;
        aliases.putIfAbsent(topic, alias);
        properties.add(new IntegerProperty(MqttProperties.TOPIC_ALIAS, alias));
        return known == null ? topic : "";
    }

    /// On the wire, without its overhead; more where that is cheaper to know.
    private long bytes(BrokerMessage message) {
        var bytes = (long) message.payload().length + ByteBufUtil.utf8Bytes(message.topic().text());
        return hello.version5() ? bytes + bytes(message.properties()) : bytes;
    }

    private static long bytes(MessageProperties properties) {
        var bytes = 0L;
        if (properties.contentType() != null) {
            bytes += ByteBufUtil.utf8Bytes(properties.contentType()) + 3;
        }
        if (properties.responseTopic() != null) {
            bytes += ByteBufUtil.utf8Bytes(properties.responseTopic()) + 3;
        }
        if (properties.correlationData() != null) {
            bytes += properties.correlationData().length + 3;
        }
        for (var one : properties.user()) {
            bytes += ByteBufUtil.utf8Bytes(one.name()) + ByteBufUtil.utf8Bytes(one.value()) + 5;
        }
        return bytes;
    }
}
