package org.tethral.command;

import org.jspecify.annotations.Nullable;
import org.tethral.account.Actor;
import org.tethral.kernel.Document;
import org.tethral.kernel.Value;

/// Something that happened to a dispatch, or is asked of it. What it leads to is up to
/// [Dispatch#after]; a step that comes too late, twice, or for another attempt leads to nothing.
public sealed interface DispatchStep {

    /// A node that can reach the device will send it.
    record Claimed(String node) implements DispatchStep {}

    /// The transport has acknowledged that attempt.
    record Delivered(int attempt) implements DispatchStep {}

    /// The device's answer, to whichever attempt, over whichever protocol.
    record Answered(boolean success, Value result, @Nullable String message)
            implements DispatchStep {

        public static Answered succeeded() {
            return new Answered(true, Document.EMPTY, null);
        }
    }

    /// A network has taken that attempt, and keeps it until the device listens, for as long as the
    /// command is valid: the time to answer does not run meanwhile.
    ///
    /// @param forGood what becomes of it is heard of also after the node that handed it over has
    ///   ended
    record Queued(int attempt, boolean forGood) implements DispatchStep {}

    /// Whoever carried that attempt has given it up: it could not be sent, or the device did not
    /// acknowledge it.
    record GivenUp(int attempt, String reason) implements DispatchStep {}

    /// The command can never be put in a form that the device, or the way to it, takes.
    record Refused(int attempt, String reason) implements DispatchStep {}

    /// Nothing of that attempt left the server.
    record NotHandedOver(int attempt, String reason) implements DispatchStep {}

    /// The connection, or the node that held it, was gone before the attempt was acknowledged:
    /// whether the device has the command is unknown.
    record Lost(int attempt, String reason) implements DispatchStep {}

    /// Somebody looked at the clock.
    record TimePassed() implements DispatchStep {}

    record Cancelled(Actor by) implements DispatchStep {}
}
