package org.tethral.space;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/// Something that happened to an actuation, or was decided of it.
public sealed interface ActuationStep {

    /// A node hands it to the network, as that item.
    record Claimed(UUID item) implements ActuationStep {}

    /// The network has it.
    ///
    /// @param answerWithin how long news of it may take
    record Taken(UUID item, Duration answerWithin) implements ActuationStep {}

    /// @param permanent it will never be taken
    record Refused(UUID item, String reason, boolean permanent) implements ActuationStep {}

    /// @param at by the network's clock
    record Transmitted(UUID item, Instant at) implements ActuationStep {}

    /// @param at by the network's clock
    record Answered(UUID item, boolean acknowledged, Instant at) implements ActuationStep {}

    /// The network could not send it.
    record Lost(UUID item, String reason) implements ActuationStep {}

    /// A newer one is there for its display.
    record Overtaken() implements ActuationStep {}

    /// Somebody looked at the clock.
    record TimePassed() implements ActuationStep {}
}
