package org.tethral.delivery;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tethral.event.Event;

/// The way to one receiver, for one subscription. May be used by several threads at once.
public interface Sink extends AutoCloseable {

    /// Hands these events over, in this order, and returns when the receiver has them for good.
    /// Blocks; is interrupted when it takes longer than the subscription allows. Whatever it throws
    /// counts as a failed attempt.
    Outcome deliver(List<Event.Logged> events) throws Exception;

    @Override
    void close();

    sealed interface Outcome {

        Outcome DELIVERED = new Delivered();

        record Delivered() implements Outcome {}

        /// It may work later.
        ///
        /// @param after how long the receiver wants to be left alone; null: it did not say
        record Failed(String reason, @Nullable Duration after) implements Outcome {}

        /// The receiver will never take these: they are dead letters at once.
        record Refused(String reason) implements Outcome {}
    }
}
