package org.tethral.dispatch;

import org.jspecify.annotations.Nullable;
import org.tethral.command.CommandId;
import org.tethral.command.Dispatch;
import org.tethral.command.Downlink;
import org.tethral.command.Instruction;
import org.tethral.command.Terms;
import org.tethral.device.Protocol;
import org.tethral.kernel.Value;

/// A place among what is in flight to one device: taken before the dispatch is claimed, given back
/// when it has ended or waits again. Guarded by the lock of its [Routes].
final class Ticket {

    private final Dispatch.Key key;
    private final Terms terms;

    /// Of the dispatch's row when the place was taken.
    private final long revision;

    /// Kept until it is sent.
    private @Nullable Value payload;

    /// Where it was sent; null: not yet.
    private @Nullable Downlink sentBy;

    private int attempt;
    private boolean delivered;

    Ticket(Dispatch dispatch, Value payload) {
        this.key = dispatch.key();
        this.terms = dispatch.terms();
        this.revision = dispatch.revision();
        this.payload = payload;
    }

    /// Whether a move was committed before this place was taken: whoever connects can be quicker
    /// than the news of it.
    ///
    /// @param moved the revision that the move was made on
    boolean isAfter(long moved) {
        return moved < revision;
    }

    Dispatch.Key key() {
        return key;
    }

    CommandId command() {
        return key.command();
    }

    int attempt() {
        return attempt;
    }

    boolean isSentBy(Downlink downlink) {
        return sentBy != null && sentBy.equals(downlink);
    }

    boolean isSent() {
        return sentBy != null;
    }

    @Nullable Protocol protocol() {
        return sentBy == null ? null : sentBy.protocol();
    }

    boolean isDelivered() {
        return delivered;
    }

    void delivered() {
        delivered = true;
    }

    /// Null when it was sent before.
    @Nullable Instruction send(Downlink by, int number) {
        var content = payload;
        if (content == null) {
            return null;
        }
        payload = null;
        sentBy = by;
        attempt = number;
        return new Instruction(
                key.command(), terms.name(), content, terms.expiresAt(), number, terms.oneWay());
    }
}
