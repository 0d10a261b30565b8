package org.tethral.mqtt;

import org.jspecify.annotations.Nullable;
import org.tethral.broker.MessageQueue;

/// The packet ids of what the platform itself tells a client: those above
/// [MessageQueue#PACKET_IDS]. They are of one connection; what a client did not acknowledge on one
/// is not sent again as it was on the next. On the event loop.
final class NoteIds {

    /// That are not acknowledged at a time.
    static final int NOTES_MAX = 32;

    private int taken;
    private @Nullable Receipt @Nullable [] receipts;

    /// Waits for the client's acknowledgement of one note.
    @FunctionalInterface
    interface Receipt {
        /// @param reason 0x80 and above: the client refuses it (MQTT 5)
        void acknowledged(int reason);
    }

    boolean free() {
        return taken != -1;
    }

    int inFlight() {
        return Integer.bitCount(taken);
    }

    int take(@Nullable Receipt receipt) {
        var free = Integer.numberOfTrailingZeros(~taken);
        taken |= 1 << free;
        if (receipt != null) {
            if (receipts == null) {
                receipts = new Receipt[NOTES_MAX];
            }
            receipts[free] = receipt;
        }
        return MessageQueue.PACKET_IDS + free + 1;
    }

    /// False: it is no id of a note.
    boolean acknowledged(int packetId, int reason) {
        var number = packetId - MessageQueue.PACKET_IDS - 1;
        if (number < 0) {
            return false;
        }
        if (number < NOTES_MAX) {
            taken &= ~(1 << number);
            var receipt = receipts == null ? null : receipts[number];
            if (receipts != null && receipt != null) {
                receipts[number] = null;
                receipt.acknowledged(reason);
            }
        }
        return true;
    }
}
