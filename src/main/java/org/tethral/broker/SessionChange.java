package org.tethral.broker;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;

/// What changes of what is kept. Changes of one session are applied in their order.
public sealed interface SessionChange {

    /// A connection has the session from now on. The session may be new.
    ///
    /// @param expirySeconds how long it is kept when that connection is gone
    /// @param will to be said when the connection ends without a goodbye, also if that is because
    ///   this process ends; null: nothing
    record Opened(
            SessionId session,
            Actor owner,
            String clientId,
            long expirySeconds,
            @Nullable Will will)
            implements SessionChange {}

    /// Its connection is gone.
    ///
    /// @param willPending whether its will is still to be said
    record Left(SessionId session, Instant at, long expirySeconds, boolean willPending)
            implements SessionChange {}

    /// Its will was said while the session goes on.
    record WillSaid(SessionId session) implements SessionChange {}

    /// It is gone, with all that belongs to it.
    record Ended(SessionId session) implements SessionChange {}

    /// New, or in place of one with the same filter.
    record Subscribed(SessionId session, Subscription subscription) implements SessionChange {}

    record Unsubscribed(SessionId session, TopicFilter filter) implements SessionChange {}

    record Queued(SessionId session, QueuedMessage message) implements SessionChange {}

    /// The client has the QoS 2 message at that position: it must not be sent again.
    record Received(SessionId session, long position) implements SessionChange {}

    /// The client is through with the message, or it is worth nothing any more.
    record Dequeued(SessionId session, long position) implements SessionChange {}

    /// A QoS 2 message of the client with that packet id was taken.
    record IdKept(SessionId session, int packetId) implements SessionChange {}

    /// The client may use the packet id for another message.
    record IdFreed(SessionId session, int packetId) implements SessionChange {}

    /// In place of the one of the same topic.
    record Retained(BrokerMessage message) implements SessionChange {}

    record RetainedCleared(TopicName topic) implements SessionChange {}
}
