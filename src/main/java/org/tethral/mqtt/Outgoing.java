package org.tethral.mqtt;

import io.netty.buffer.ByteBufUtil;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.tethral.broker.Subscription;

/// Messages to the client. A client that reads slowly, or does not acknowledge, costs a bounded
/// amount of memory and loses messages, counted, rather than holding up anybody: QoS 0 is dropped
/// while its socket is full, QoS 1 when [#WAITING_MAX] wait already. On the event loop.
final class Outgoing {

    /// Unacknowledged messages at a time, fewer where the client wants that. Their packet ids are 1
    /// to this.
    static final int WINDOW_MAX = 32;

    static final int WAITING_MAX = 100;

    /// Fixed header, lengths, packet id and the identifiers of subscriptions, at most about.
    private static final int PACKET_OVERHEAD_BYTES = 64;

    private final MqttConnection connection;
    private final Hello hello;
    private final MqttMeters meters;
    private final int window;
    private int inFlight;
    private @Nullable Queue<Message> waiting;

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

    Outgoing(MqttConnection connection, Hello hello, MqttMeters meters) {
        this.connection = connection;
        this.hello = hello;
        this.meters = meters;
        this.window = Math.min(WINDOW_MAX, hello.receiveMaximum());
    }

    /// Whether [#send] would write at once.
    boolean ready() {
        return connection.writable()
                && Integer.bitCount(inFlight) < window
                && (waiting == null || waiting.isEmpty());
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

    /// PUBACK. Unknown ids are left alone: they are of a connection before.
    void acknowledged(int packetId) {
        if (packetId <= WINDOW_MAX) {
            inFlight &= ~(1 << (packetId - 1));
        }
        pump();
    }

    /// Writes what waits, as far as there is room.
    void pump() {
        while (waiting != null && connection.writable() && Integer.bitCount(inFlight) < window) {
            writeInFlight(waiting.remove());
            if (waiting.isEmpty()) {
                waiting = null;
            }
        }
    }

    private void writeInFlight(Message message) {
        var free = Integer.numberOfTrailingZeros(~inFlight);
        inFlight |= 1 << free;
        write(message, free + 1);
    }

    private void write(Message message, int packetId) {
        meters.sent();
        connection.write(
                Packets.publish(
                        message.topic(),
                        message.payload(),
                        packetId == 0 ? 0 : 1,
                        message.retained(),
                        packetId,
                        hello.version5() ? message.identifiers() : List.of()));
    }
}
