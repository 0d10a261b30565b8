package org.tethral.broker;

import java.util.List;

/// A message on its way to one session.
///
/// @param position rises with each message of the session
/// @param qos that it is sent with, 1 or 2
/// @param retained the flag that it is sent with
/// @param identifiers of the subscriptions that it is sent for
/// @param received the client has it (QoS 2), only its release is not through
public record QueuedMessage(
        long position,
        BrokerMessage message,
        int qos,
        boolean retained,
        List<Integer> identifiers,
        boolean received) {

    public QueuedMessage {
        identifiers = List.copyOf(identifiers);
    }

    /// The same at each attempt, also after a restart, so that a client knows a QoS 2 message again
    /// without anything being written when it is sent. Ids above [MessageQueue#PACKET_IDS] are for
    /// messages that no queue keeps.
    public int packetId() {
        return MessageQueue.packetId(position);
    }

    QueuedMessage nowReceived() {
        return new QueuedMessage(position, message, qos, retained, identifiers, true);
    }
}
