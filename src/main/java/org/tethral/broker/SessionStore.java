package org.tethral.broker;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;

/// The sessions and retained messages of this node, as they were committed. They are written
/// through the ingest pipeline, see [SessionChange].
public interface SessionStore {

    Kept load();

    record Kept(List<KeptSession> sessions, List<BrokerMessage> retained) {
        public static final Kept NOTHING = new Kept(List.of(), List.of());
    }

    /// @param leftAt when its connection was gone; null: it was open when the process ended
    /// @param will still to be said
    /// @param queue by position
    record KeptSession(
            SessionId id,
            Actor owner,
            String clientId,
            long expirySeconds,
            @Nullable Instant leftAt,
            @Nullable Will will,
            List<Subscription> subscriptions,
            List<QueuedMessage> queue,
            Set<Integer> receivedIds) {}
}
