package org.tethral.device;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tethral.account.CommunityId;

/// What devices sent before they were known, with the inbox: applied when somebody registers them,
/// gone when they are dismissed. All of it is bounded; the oldest makes room.
public interface KeptMessages {

    /// Kept of one device.
    int OF_ONE_MAX = 20;

    /// Kept of all.
    int ALL_MAX = 5_000;

    /// Bytes of a message that is kept; a longer one is only a knock.
    int BYTES_MAX = 32 * 1024;

    /// @param id the same when the message comes again
    /// @param community on whose behalf it was brought; null: it was the platform's own connection
    /// @param kind what can read it, `network/event`
    @SuppressWarnings("ArrayRecordComponent")
    record Message(
            String identity,
            String id,
            Instant receivedAt,
            @Nullable CommunityId community,
            String kind,
            byte[] body) {}

    /// Durable when it returns, together with the knock. A message that is kept already is kept
    /// once.
    ///
    /// @param message null: it only knocked
    void keep(Inbox.Entry knock, @Nullable Message message);

    /// Identities that have kept messages and belong to a registered LoRaWAN device by now; some of
    /// them.
    List<DevEui> registered();

    /// In the order in which they came.
    List<Message> of(String identity);

    /// It is applied, or never will be.
    void forget(Message message);

    /// It is registered, however that was done: the inbox has done with it.
    void admitted(DevEui device);
}
